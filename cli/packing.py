"""Packs models and scores how much F1 the smaller size costs. Connects `model` and `evaluation`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from afteraction.cost import Progress, strict_difference
from afteraction.data import resolve
from afteraction.evaluation import Difference
from afteraction.model import DEFAULT_RANK, Packing, pack_model

LARGE = 8_000_000
"""The size in bytes above which a packed model is large for a package."""


@dataclass(frozen=True, slots=True)
class PackResult:
    """The sizes of a packed model, and what packing cost on annotated articles."""

    sizes: Packing
    difference: Difference | None
    """The strict micro F1 of the whole and of the packed model; None if no articles were given."""
    articles: int
    """The number of articles that both were scored on."""


def pack(
    model: Path,
    output: Path,
    *,
    rank: int = DEFAULT_RANK,
    encoder: str | None = None,
    articles: Sequence[str] = (),
    progress: Progress = iter,
) -> PackResult:
    """Packs a model as `pack_model` does, and scores the whole and the packed model if articles are given.

    Args:
        model: the model folder.
        output: the folder to write.
        rank: the mean rank of the differences that are kept.
        encoder: the package of the encoder; None for the one that `training.json` names.
        articles: files of annotated articles to score both models on, or bundled ones such as `bundled:dev`.
        progress: see `Progress`.

    Raises:
        InputError: the model, an article file or the output is wrong.
    """
    for name in articles:
        resolve(name)  # wrong input is refused before the slow work begins
    sizes = pack_model(model, output, rank=rank, encoder=encoder)
    if not articles:
        return PackResult(sizes, None, 0)
    difference, count = strict_difference(model, output, articles, progress=progress)
    return PackResult(sizes, difference, count)
