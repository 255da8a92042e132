"""Precision, recall and F1 from counts, with intervals.

Gold items that a system left out, or did not read, count as missed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afteraction.data import Article
from afteraction.evaluation.counting.pairs import pair_articles, without_unknown
from afteraction.evaluation.counting.spans import STRICT, count_mentions
from afteraction.evaluation.counting.tally import Counts, Tally
from afteraction.evaluation.figures.bootstrap import SAMPLES, Floats, bootstrap_totals

FEWEST = 5
"""The fewest articles for which an interval is shown. With fewer, too many bootstrap draws repeat one article."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, closed."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """The scores of one label or of one average. `support` is the number of gold items."""

    name: str
    precision: float
    recall: float
    f1: float
    f1_interval: Interval
    support: int
    predicted: int


@dataclass(frozen=True, slots=True)
class Scores:
    """A system's scores at one level: one row per label, and the two averages.

    `macro` is the mean over the labels that occur on either side.
    """

    articles: int
    labels: tuple[Row, ...]
    micro: Row
    macro: Row


def score_spans(
    gold: Iterable[Article],
    predicted: Iterable[Article],
    *,
    labels: Sequence[str] | None = None,
    seed: int = 0,
) -> Scores:
    """Scores the spans of the same articles, in any order, at the level `strict`.

    Args:
        gold: the gold articles.
        predicted: the same articles as a system predicted them.
        labels: the labels that count, in the order of the rows; None for all labels of either side.
        seed: the seed of the bootstrap over articles.

    Raises:
        DataError: an article is on one side only, or twice on a side, or its two texts differ.
    """
    tally = Tally(count_mentions)
    for pair in pair_articles(gold, predicted):
        tally.add(*without_unknown(*pair))
    names = tally.labels if labels is None else tuple(labels)
    [scores] = score_levels(tally.counts(levels=[STRICT], labels=names), labels=names, samples=SAMPLES, seed=seed)
    return scores


def labels_of(*sides: Iterable[Article]) -> tuple[str, ...]:
    """Returns all labels of some articles' spans, sorted."""
    return tuple(sorted({span.label for side in sides for article in side for span in article.spans}))


def score_levels(counts: Counts, *, labels: Sequence[str], samples: int, seed: int) -> tuple[Scores, ...]:
    """Scores each level of some counts. All levels share the same bootstrap draws."""
    articles = len(counts)
    totals = counts.sum(axis=0)
    drawn = bootstrap_totals(counts, samples=samples, seed=seed) if articles else totals[np.newaxis]
    return tuple(
        _scores(totals[level], drawn[:, level], labels=labels, articles=articles) for level in range(len(totals))
    )


def rates(totals: Floats | NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Returns precision, recall and F1 for totals of shape (..., 3): credit, predicted, gold. Zero where undefined."""
    credit, predicted, gold = (totals[..., index].astype(np.float64) for index in range(3))
    return (
        _divide(credit, predicted),
        _divide(credit, gold),
        _divide(2 * credit, predicted + gold),
    )


def macro(values: Floats, totals: Floats) -> Floats:
    """Returns the mean of values over the labels that have an item on either side.

    `values` has shape (..., labels), `totals` has shape (..., labels, 3): credit, predicted, gold.
    """
    seen = totals[..., 1:].any(axis=-1)
    return _divide((values * seen).sum(axis=-1), seen.sum(axis=-1).astype(np.float64))


def interval(values: Floats) -> Interval:
    """Returns the 95 % percentile interval of bootstrap samples, shape (samples,)."""
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(float(low), float(high))


def _scores(totals: Floats, drawn: Floats, *, labels: Sequence[str], articles: int) -> Scores:
    """Scores one level.

    Args:
        totals: shape (labels + 1, 3).
        drawn: bootstrap samples of the totals, shape (samples, labels + 1, 3).
        labels: the labels, in the order of the totals.
        articles: the number of articles.
    """
    measures = rates(totals)
    samples = rates(drawn)[2]
    *rows, micro = (
        _row(name, [float(measure[index]) for measure in measures], samples[:, index], totals[index])
        for index, name in enumerate((*labels, "micro"))
    )
    means = [float(macro(measure[:-1], totals[:-1])) for measure in measures]
    return Scores(
        articles=articles,
        labels=tuple(rows),
        micro=micro,
        macro=_row("macro", means, macro(samples[:, :-1], drawn[:, :-1]), totals[-1]),
    )


def _row(name: str, measures: Sequence[float], samples: Floats, totals: Floats) -> Row:
    precision, recall, f1 = measures
    return Row(name, precision, recall, f1, interval(samples), support=int(totals[2]), predicted=int(totals[1]))


def _divide(numerator: Floats, denominator: Floats) -> Floats:
    """Divides two arrays. The quotient is zero where the denominator is."""
    quotient: Floats = np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)
    return quotient
