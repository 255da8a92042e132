"""What labels articles: a trained model, or the rules, by the name that a person gives."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from afteraction.data import Article
from afteraction.model.rules import RuleTagger

if TYPE_CHECKING:
    from afteraction.model.tagger import Precision

RULES = "rules"
"""The name of the rule-based tagger, where else a model folder is named."""


class System(Protocol):
    """Anything that labels articles, in their order, as a stream."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that it looks for."""
        ...

    def predict(self, articles: Iterable[Article | str]) -> Iterator[Article]:
        """Labels articles; a plain string's id is its number in the stream, from 1."""
        ...


def load_system(name: str | Path, *, device: str = "cpu", precision: "Precision" = "float32") -> System:
    """The rule-based tagger for `rules`, else the Tagger of a model folder; a folder of that name is `./rules`.

    Args:
        name: `rules`, or a model folder.
        device: where a model runs, as PyTorch names it.
        precision: of a model's weights.

    Raises:
        ModelError: the folder is not a model's, or is damaged, or there is no such device.
    """
    if str(name) == RULES:
        return RuleTagger()

    from afteraction.model.tagger import Tagger  # imports PyTorch

    return Tagger.load(name, device=device, precision=precision)
