"""Finds a system that labels articles by its name: a trained model or the rules."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from afteraction.data import Article
from afteraction.model.errors import ModelError
from afteraction.model.exported_folder import RUNTIMES, is_exported, read_exported
from afteraction.model.gate import Gate, read_gate
from afteraction.model.model_names import locate_model
from afteraction.model.precision import AnyPrecision, Precision, fastest_precision
from afteraction.model.record.assemble import SKIPPED, ArticleLike, wrap_texts
from afteraction.model.rules import RuleTagger
from afteraction.model.saving import read_settings

RULES = "rules"
"""The name of the rule-based tagger, accepted instead of a model."""

_AT_ONCE = 512
"""The number of articles that a gate checks together, so that the model gets full batches of those that pass."""


class System(Protocol):
    """Anything that labels a stream of articles, keeping their order."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Returns the labels that it looks for."""
        ...

    def predict(self, articles: Iterable[ArticleLike]) -> Iterator[Article]:
        """Labels articles. A plain string gets its number in the stream, from 1, as its id."""
        ...


@dataclass(frozen=True, slots=True)
class GatedSystem:
    """A system that reads only the articles that pass a gate."""

    system: System
    gate: Gate

    @property
    def labels(self) -> tuple[str, ...]:
        """Returns the labels that it looks for."""
        return self.system.labels

    def predict(self, articles: Iterable[ArticleLike]) -> Iterator[Article]:
        """Labels articles, in their order. Those that do not pass have no spans, and `SKIPPED` in their `meta`."""
        stream = wrap_texts(articles)
        while chunk := list(islice(stream, _AT_ONCE)):
            passed = [self.gate.passes(article.text) for article in chunk]
            read = self.system.predict([article for article, passes in zip(chunk, passed, strict=True) if passes])
            for article, passes in zip(chunk, passed, strict=True):
                yield next(read) if passes else _skipped(article)


def load_system(
    name: str | Path, *, device: str = "cpu", precision: AnyPrecision = "auto", gate: bool = False
) -> System:
    """Returns the rule-based tagger for the name `rules`, and otherwise the Tagger of a model.

    Args:
        name: `rules`, a model folder, or a shipped model. For a folder called `rules`, give `./rules` or a `Path`.
        device: the device that a model runs on, by PyTorch's name.
        precision: the precision of a model's weights; `auto` for the one that `system_precision` returns.
        gate: whether to read only articles that pass the model's gate.

    Raises:
        ModelError: there is no such model, its folder is damaged, it has no gate, or the device does not exist.
    """
    folder = system_folder(name)
    if folder is None:
        if gate:
            raise ModelError("the rules have no gate")
        return RuleTagger()
    model_gate = read_gate(folder) if gate else None

    from afteraction.model.tagger import Tagger  # the rules do not need it

    tagger = Tagger.load(name, device=device, precision=precision)
    return tagger if model_gate is None else GatedSystem(tagger, model_gate)


def system_folder(name: str | Path) -> Path | None:
    """Returns the model folder that a name stands for; None for the rules.

    Raises:
        ModelError: there is no such model.
    """
    return None if name == RULES else locate_model(name)


def system_precision(name: str | Path, *, device: str = "cpu", precision: AnyPrecision = "auto") -> Precision:
    """Returns the precision in which `load_system` loads a model. `auto` is float32 for the rules and exported models.

    Raises:
        ModelError: there is no such model, or its settings are damaged.
    """
    folder = system_folder(name)
    if precision != "auto":
        return precision
    if folder is None or is_exported(folder):
        return "float32"

    return fastest_precision(read_settings(folder).dev_f1, device=device)


def system_packages(name: str | Path) -> tuple[str, ...]:
    """Returns the packages, besides this one, whose versions change what a system finds: those that compute a model.

    Raises:
        ModelError: there is no such model, or it is a damaged exported model.
    """
    folder = system_folder(name)
    if folder is None:
        return ()
    return (RUNTIMES[read_exported(folder).format],) if is_exported(folder) else ("torch",)


def system_languages(name: str | Path) -> tuple[str, ...]:
    """Returns the languages that a system was made for, as ISO 639-1 codes.

    Raises:
        ModelError: there is no such model, or its settings are damaged.
    """
    folder = system_folder(name)
    if folder is None:
        return RuleTagger.languages

    return read_settings(folder).languages


def _skipped(article: Article) -> Article:
    return Article(article.id, article.text, meta={**article.meta, SKIPPED: True})
