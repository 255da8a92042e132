"""Measures how much F1 another form of a model costs. Connects `model` and `evaluation`."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from afteraction.data import Article, read_named
from afteraction.evaluation import Difference, compare
from afteraction.evaluation.counting.spans import STRICT
from afteraction.model import Precision, Tagger

Progress = Callable[[Iterable[Article]], Iterable[Article]]
"""Wraps the articles while the first model labels them, to show how many are done."""


def strict_difference(
    first: Path, second: Path, articles: Sequence[str], *, precision: Precision = "float32", progress: Progress = iter
) -> tuple[Difference, int]:
    """Returns the strict micro F1 of two models on annotated articles, and the number of articles.

    Args:
        first: the folder of a model.
        second: the folder of the same model in another form.
        articles: files of annotated articles, or bundled ones such as `bundled:dev`.
        precision: the precision of the second model. The first has float32.
        progress: see `Progress`.

    Raises:
        InputError: a model or an article file is wrong.
    """
    comparison = compare(
        read_named(articles),
        progress(Tagger.load(first, precision="float32").predict(read_named(articles))),
        Tagger.load(second, precision=precision).predict(read_named(articles)),
        names=(", ".join(articles), str(first), str(second)),
    )
    [strict] = [row for row in comparison.differences if (row.level, row.average) == (STRICT, "micro")]
    return strict, comparison.articles
