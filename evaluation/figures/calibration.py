"""Whether scores are probabilities: about 80 % of the spans with a score of about 0.8 should be right.

Only predicted spans have scores, so calibration says nothing about missed spans. A predicted span is right if there is
a gold span with the same offsets and label.
"""

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afteraction.data import Article
from afteraction.evaluation.figures.bootstrap import SAMPLES, Floats, bootstrap_totals
from afteraction.evaluation.figures.scores import Interval, interval

BINS = 10
"""The largest number of bins of a reliability curve."""

NEAREST = 1e-6
"""Scores are kept this far from 0 and 1 in the log loss. Otherwise, a wrong span with score 1 has an infinite loss."""

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Spans with similar scores: their lowest, highest and mean score, their number, and the share that is right."""

    low: float
    high: float
    count: int
    mean_score: float
    right: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """A reliability curve, and its distance from the diagonal.

    `error` is the expected calibration error (Guo et al. 2017): the mean over spans of the distance between the mean
    score in their bin and the share of right spans in it. It is never negative, so even perfect scores have some error.
    `error_by_chance` is the mean error that these scores would have if each were exactly the probability of being
    right. The interval is by bootstrap over articles, with the bins unchanged.
    """

    bins: tuple[Bin, ...]
    error: float
    error_interval: Interval
    error_by_chance: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well scores are calibrated.

    `brier` is the mean squared difference between the score and 1 for a right span, 0 for a wrong one (Brier 1950).
    `log_loss` is the mean negative log likelihood of the outcomes, with scores kept 1e-6 away from 0 and 1.
    For both, lower is better.
    """

    spans: int
    right: float
    """The share of the spans that is right."""
    mean_score: float
    brier: float
    log_loss: float
    equal_mass: Reliability
    """Bins with about the same number of spans each. Spans with equal scores are never separated."""
    equal_width: Reliability
    """Tenths of the range from 0 to 1. Bins without spans are left out."""


class CalibrationCounter:
    """Collects the scores of a stream of articles, 17 bytes per span."""

    def __init__(self) -> None:
        self._scores = array("d")
        self._right = array("b")
        self._articles = array("q")
        self._count = 0

    def add(self, gold: Article, predicted: Article) -> None:
        """Adds a gold article and the same article as predicted. Spans without a score are skipped."""
        gold_spans = {(span.start, span.end, span.label) for span in gold.spans}
        for span in predicted.spans:
            if span.score is not None:
                self._scores.append(span.score)
                self._right.append((span.start, span.end, span.label) in gold_spans)
                self._articles.append(self._count)
        self._count += 1

    def result(self, *, seed: int = 0) -> Calibration | None:
        """Returns the calibration so far, or None if no span had a score.

        Args:
            seed: the seed of the bootstrap over articles.
        """
        if not self._scores:
            return None
        return calibration_of(
            np.array(self._scores),
            np.array(self._right, dtype=np.float64),
            np.array(self._articles, dtype=np.int64),
            seed=seed,
        )


def calibration_of(scores: Floats, right: Floats, articles: Indices, *, seed: int) -> Calibration:
    """Returns the calibration of some spans.

    Args:
        scores: the spans' scores, shape (spans,). There must be at least one span.
        right: 1 for a right span, 0 for a wrong one, shape (spans,).
        articles: the number of each span's article, shape (spans,).
        seed: the seed of the bootstrap over articles.
    """
    mass, width = (
        _reliability(scores, right, articles, bins, seed=seed)
        for bins in (equal_mass_bins(scores), equal_width_bins(scores))
    )
    return Calibration(
        spans=len(scores),
        right=float(right.mean()),
        mean_score=float(scores.mean()),
        brier=float(np.square(scores - right).mean()),
        log_loss=log_loss(scores, right),
        equal_mass=mass,
        equal_width=width,
    )


def log_loss(scores: Floats, right: Floats) -> float:
    """Returns the mean negative log likelihood of right (1) and wrong (0) spans. Both arrays have shape (spans,)."""
    kept = np.clip(scores, NEAREST, 1 - NEAREST)
    return float(-np.log(np.where(right > 0, kept, 1 - kept)).mean())


def equal_mass_bins(scores: Floats) -> Indices:
    """Returns the bin of each score, counted from 0. The bins divide the sorted scores into tenths."""
    ranked = np.sort(scores)
    # Equal edges are merged, so that spans with equal scores stay in one bin.
    edges = np.unique(ranked[np.arange(1, BINS) * len(ranked) // BINS])
    return _consecutive(np.searchsorted(edges, scores, side="right"))


def equal_width_bins(scores: Floats) -> Indices:
    """Returns the bin of each score: half-open tenths, the last one closed. Only bins with scores are counted."""
    return _consecutive(np.minimum((scores * BINS).astype(np.int64), BINS - 1))


def _consecutive(indices: Indices) -> Indices:
    """Renumbers indices from 0 without gaps, in the same order."""
    return np.unique(indices, return_inverse=True)[1].astype(np.int64)


def _reliability(scores: Floats, right: Floats, articles: Indices, bins: Indices, *, seed: int) -> Reliability:
    count = int(bins.max()) + 1
    rows = _consecutive(articles)
    # Per article and bin: the number of spans, and the sums of their scores, of right spans, and of the variances of
    # their outcomes. Shape (articles, bins, 4). Every figure here is a function of these sums.
    sums = np.stack(
        [
            np.bincount(rows * count + bins, weights=values, minlength=(int(rows.max()) + 1) * count)
            for values in (np.ones_like(scores), scores, right, scores * (1 - scores))
        ],
        axis=-1,
    ).reshape(-1, count, 4)
    # Sort the articles by their sums, so that the draws do not depend on the order of the stream.
    sums = sums[np.lexsort(sums.reshape(len(sums), -1).T)]
    totals = sums.sum(axis=0)
    drawn = _error(bootstrap_totals(sums, samples=SAMPLES, seed=seed))
    means = totals[:, 1:3] / totals[:, :1]
    return Reliability(
        bins=tuple(
            Bin(
                low=float(scores[bins == index].min()),
                high=float(scores[bins == index].max()),
                count=int(totals[index, 0]),
                mean_score=float(means[index, 0]),
                right=float(means[index, 1]),
            )
            for index in range(count)
        ),
        error=float(_error(totals)),
        error_interval=interval(drawn),
        # If the scores are true probabilities, a bin's sum of scores minus its number of right spans is approximately
        # normal, with mean 0 and the summed variance. The mean of its absolute value is sqrt(2 * variance / pi).
        error_by_chance=float(np.sqrt(totals[:, 3] * 2 / np.pi).sum() / totals[:, 0].sum()),
    )


def _error(totals: Floats) -> Floats:
    """Returns the expected calibration error.

    The totals have shape (..., bins, 3 or more): the number of spans, the sum of scores, the number of right spans.
    """
    distances: Floats = np.abs(totals[..., 1] - totals[..., 2]).sum(axis=-1) / totals[..., 0].sum(axis=-1)
    return distances
