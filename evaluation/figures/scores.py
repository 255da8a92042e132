"""Precision, recall and F1 of counts, with uncertainty.

What a system left out, or did not read, counts as missed.
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
"""From how many articles on people are told an interval: of fewer, too many draws are of one article alone."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, closed."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """The scores of one label, or of all: `support` is the number of annotated items."""

    name: str
    precision: float
    recall: float
    f1: float
    f1_interval: Interval
    support: int
    predicted: int


@dataclass(frozen=True, slots=True)
class Scores:
    """A system's scores at one level: a row a label, and the two averages.

    `macro` is the mean over those labels that either side has.
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
    """Scores exact spans of the same articles, in any order.

    Args:
        gold: the annotated articles.
        predicted: the same articles as a system labelled them.
        labels: which labels count, in which order; None for all that either side has.
        seed: of the bootstrap over articles.

    Raises:
        DataError: an article is on one side alone, twice on a side, or its text differs between the two.
    """
    tally = Tally(count_mentions)
    for pair in pair_articles(gold, predicted):
        tally.add(*without_unknown(*pair))
    names = tally.labels if labels is None else tuple(labels)
    [scores] = score_levels(tally.counts(levels=[STRICT], labels=names), labels=names, samples=SAMPLES, seed=seed)
    return scores


def labels_of(*sides: Iterable[Article]) -> tuple[str, ...]:
    """All labels of some articles' spans, sorted."""
    return tuple(sorted({span.label for side in sides for article in side for span in article.spans}))


def score_levels(counts: Counts, *, labels: Sequence[str], samples: int, seed: int) -> tuple[Scores, ...]:
    """Scores each level of some counts; all levels are resampled together, so that one draw serves them all."""
    articles = len(counts)
    totals = counts.sum(axis=0)
    drawn = bootstrap_totals(counts, samples=samples, seed=seed) if articles else totals[np.newaxis]
    return tuple(
        _scores(totals[level], drawn[:, level], labels=labels, articles=articles) for level in range(len(totals))
    )


def rates(totals: Floats | NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and F1 of credit, predicted and annotated items, shape (..., 3); zero where undefined."""
    credit, predicted, annotated = (totals[..., index].astype(np.float64) for index in range(3))
    return (
        _divide(credit, predicted),
        _divide(credit, annotated),
        _divide(2 * credit, predicted + annotated),
    )


def macro(values: Floats, totals: Floats) -> Floats:
    """The mean over labels, shape (..., labels), of those with an item on either side in `totals` (..., labels, 3)."""
    seen = totals[..., 1:].any(axis=-1)
    return _divide((values * seen).sum(axis=-1), seen.sum(axis=-1).astype(np.float64))


def interval(values: Floats) -> Interval:
    """The percentile interval of a bootstrap's samples, shape (samples,)."""
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(float(low), float(high))


def _scores(totals: Floats, drawn: Floats, *, labels: Sequence[str], articles: int) -> Scores:
    """The scores of totals, shape (labels + 1, 3), and of samples of them, shape (samples, labels + 1, 3)."""
    measures = rates(totals)
    samples = rates(drawn)[2]
    *rows, micro = (
        _row(name, [float(measure[place]) for measure in measures], samples[:, place], totals[place])
        for place, name in enumerate((*labels, "micro"))
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


def _divide(above: Floats, below: Floats) -> Floats:
    quotient: Floats = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return quotient
