"""Scores of predicted articles against annotated ones: exact character spans, with uncertainty.

A predicted span counts if the annotation has one with the same start, end and label. What a system left out,
or did not read, counts as missed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afteraction.data import Article, DataError

Counts = NDArray[np.int64]
"""Shape (articles, labels, 3): correct, predicted and annotated spans."""

SAMPLES = 1000
_CHUNK = 100


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, closed."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """The scores of one label, or of all: `support` is the number of annotated spans."""

    name: str
    precision: float
    recall: float
    f1: float
    f1_interval: Interval
    support: int
    predicted: int


@dataclass(frozen=True, slots=True)
class SpanScores:
    """Exact span scores of a system: a row a label, and the two averages."""

    articles: int
    labels: tuple[Row, ...]
    micro: Row
    macro: Row

    def flat(self) -> dict[str, float]:
        """Every figure under one name, such as `micro_f1`, `micro_f1_low`, `TARGET_recall`."""
        figures: dict[str, float] = {}
        for name, row in (
            ("micro", self.micro),
            ("macro", self.macro),
            *((row.name, row) for row in self.labels),
        ):
            figures |= {
                f"{name}_precision": row.precision,
                f"{name}_recall": row.recall,
                f"{name}_f1": row.f1,
                f"{name}_f1_low": row.f1_interval.low,
                f"{name}_f1_high": row.f1_interval.high,
                f"{name}_support": float(row.support),
            }
        return figures


def score_spans(
    gold: Sequence[Article],
    predicted: Sequence[Article],
    *,
    labels: Sequence[str] | None = None,
    seed: int = 0,
) -> SpanScores:
    """Scores predictions for the same articles, in any order.

    Args:
        gold: the annotated articles.
        predicted: the same articles as a system labelled them.
        labels: which labels count, in which order; None for all that either side has.
        seed: of the bootstrap over articles.

    Raises:
        DataError: an article is on one side alone, twice on a side, or its text differs between the two.
    """
    # By id, so that the bootstrap's draws do not depend on the order of a file.
    pairs = sorted(pair_articles(gold, predicted), key=lambda pair: pair[0].id)
    names = tuple(labels) if labels is not None else labels_of(gold, predicted)
    counts = count_spans(pairs, labels=names)
    totals = counts.sum(axis=0)
    per_label, micro, macro = _f1_samples(counts, seed=seed)
    precision, recall, f1 = rates(totals)
    seen = totals[:, 1:].any(axis=-1)
    rows = tuple(
        Row(
            name,
            float(precision[index]),
            float(recall[index]),
            float(f1[index]),
            _interval(per_label[:, index]),
            int(totals[index, 2]),
            int(totals[index, 1]),
        )
        for index, name in enumerate(names)
    )
    whole = totals.sum(axis=0)
    micro_rates = [float(rate) for rate in rates(whole)]
    macro_rates = [float(rate[seen].mean()) if seen.any() else 0.0 for rate in (precision, recall, f1)]
    support, guesses = int(whole[2]), int(whole[1])
    return SpanScores(
        articles=len(pairs),
        labels=rows,
        micro=Row("micro", micro_rates[0], micro_rates[1], micro_rates[2], _interval(micro), support, guesses),
        macro=Row("macro", macro_rates[0], macro_rates[1], macro_rates[2], _interval(macro), support, guesses),
    )


def pair_articles(gold: Sequence[Article], predicted: Sequence[Article]) -> list[tuple[Article, Article]]:
    """Pairs articles by id, in the order of `gold`.

    Raises:
        DataError: the sides do not hold the same articles.
    """
    known = _by_id(gold, side="annotated")
    others = _by_id(predicted, side="predicted")
    if extra := next((identity for identity in others if identity not in known), None):
        raise DataError(f"article {extra!r} is predicted, but not among the annotated ones")
    pairs = []
    for identity, article in known.items():
        if identity not in others:
            raise DataError(f"article {identity!r} has no prediction; predict an article without spans as such")
        if others[identity].text != article.text:
            raise DataError(f"article {identity!r}: the predicted article's text differs from the annotated one's")
        pairs.append((article, others[identity]))
    return pairs


def labels_of(*sides: Iterable[Article]) -> tuple[str, ...]:
    """All labels of some articles' spans, sorted."""
    return tuple(sorted({span.label for side in sides for article in side for span in article.spans}))


def count_spans(pairs: Sequence[tuple[Article, Article]], *, labels: Sequence[str]) -> Counts:
    """Counts each article's spans per label."""
    place = {label: index for index, label in enumerate(labels)}
    counts = np.zeros((len(pairs), len(labels), 3), dtype=np.int64)
    for row, (gold, predicted) in enumerate(pairs):
        annotated = {(span.start, span.end, span.label) for span in gold.spans}
        for span in gold.spans:
            if span.label in place:
                counts[row, place[span.label], 2] += 1
        for span in predicted.spans:
            if span.label in place:
                counts[row, place[span.label], 1] += 1
                counts[row, place[span.label], 0] += (span.start, span.end, span.label) in annotated
    return counts


def rates(totals: NDArray[np.int64] | NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Precision, recall and F1 of counts of shape (..., 3); zero where undefined."""
    correct, predicted, annotated = (totals[..., index].astype(np.float64) for index in range(3))
    precision = np.divide(correct, predicted, out=np.zeros_like(correct), where=predicted > 0)
    recall = np.divide(correct, annotated, out=np.zeros_like(correct), where=annotated > 0)
    both = predicted + annotated
    f1 = np.divide(2 * correct, both, out=np.zeros_like(correct), where=both > 0)
    return precision, recall, f1


def bootstrap_totals(counts: Counts, *, samples: int, seed: int) -> NDArray[np.float64]:
    """Totals of `samples` draws of as many articles with replacement, shape (samples, labels, 3).

    Counts are drawn, not spans: a draw is one multinomial vector of weights over articles.
    """
    random = np.random.default_rng(seed)
    articles = len(counts)
    flat = counts.reshape(articles, -1).astype(np.float64)
    drawn = []
    for start in range(0, samples, _CHUNK):
        size = min(_CHUNK, samples - start)
        weights = random.multinomial(articles, np.full(articles, 1 / articles), size=size)
        drawn.append(weights @ flat)
    return np.concatenate(drawn).reshape(samples, *counts.shape[1:])


def _f1_samples(counts: Counts, *, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """F1 of each bootstrap sample: per label, micro, macro."""
    if not len(counts):
        nothing = np.zeros(1)
        return np.zeros((1, counts.shape[1])), nothing, nothing
    totals = bootstrap_totals(counts, samples=SAMPLES, seed=seed)
    per_label = rates(totals)[2]
    micro = rates(totals.sum(axis=1))[2]
    seen = totals[..., 1:].any(axis=-1)
    macro = (per_label * seen).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return per_label, micro, macro


def _interval(values: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(float(low), float(high))


def _by_id(articles: Sequence[Article], *, side: str) -> Mapping[str, Article]:
    found: dict[str, Article] = {}
    for article in articles:
        if article.id in found:
            raise DataError(f"article {article.id!r} is twice among the {side} ones")
        found[article.id] = article
    return found
