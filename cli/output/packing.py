"""Prints what packing a model, exporting it or another precision saves and costs."""

from pathlib import Path

from afteraction.evaluation import Difference
from afteraction.model import Packing
from afteraction.output.console import count_noun, wide_console
from afteraction.output.scores import bounds


def print_packing(output: Path, sizes: Packing, difference: Difference | None, *, articles: int) -> None:
    """Prints the sizes of the packed and of the whole model, and their scores if there are any.

    Args:
        output: the folder of the packed model.
        sizes: the sizes of both models.
        difference: the strict micro F1 of the whole model and of the packed one; None if nothing was scored.
        articles: the number of articles that were scored.
    """
    wide_console().print(f"{output}: {in_megabytes(sizes.packed)}; the whole model: {in_megabytes(sizes.whole)}")
    if difference is not None:
        _print_difference(difference, names=("whole", "packed"), articles=articles)


def print_export(output: Path, size: int, difference: Difference, *, articles: int) -> None:
    """Prints the size of an exported model in bytes, and the scores of the model and of its export."""
    wide_console().print(f"{output}: {in_megabytes(size)}")
    _print_difference(difference, names=("model", "exported"), articles=articles)


def print_precisions(difference: Difference, *, articles: int) -> None:
    """Prints the scores of a model in float32 and in bfloat16."""
    _print_difference(difference, names=("float32", "bfloat16"), articles=articles)


def _print_difference(difference: Difference, *, names: tuple[str, str], articles: int) -> None:
    first, second = names
    wide_console().print(
        f"Strict micro F1 on {count_noun(articles, 'article')}: {first} {difference.first:.3f}, {second} "
        f"{difference.second:.3f}, difference {difference.difference:+.3f}, 95 % interval "
        f"{bounds(difference.interval, articles=articles, form='+.3f')}"
    )


def in_megabytes(size: int) -> str:
    """Formats a number of bytes as megabytes."""
    return f"{size / 1e6:.2f} MB"
