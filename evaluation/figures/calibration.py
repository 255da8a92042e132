"""Whether scores are probabilities: of spans with a score of about 0.8, about 80 % should be right.

Only predicted spans have scores, so calibration says nothing of what a system left out. A span is right if the
annotation has one with the same offsets and label.
"""

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afteraction.data import Article
from afteraction.evaluation.figures.bootstrap import SAMPLES, Floats, bootstrap_totals
from afteraction.evaluation.figures.scores import Interval, interval

BINS = 10
"""How many a reliability curve has at most."""

NEAREST = 1e-6
"""How near to 0 or 1 a score counts as in the log loss: certainty in a wrong span would cost without limit."""

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Spans of like score: how many, their lowest, highest and mean score, and the share of them that is right."""

    low: float
    high: float
    count: int
    mean_score: float
    right: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """A reliability curve, and how far it lies from the diagonal.

    `error` is the expected calibration error: the mean over spans of the distance between their bin's mean score and
    its share of right ones (Guo et al. 2017). It is never negative, so that even perfect scores have some:
    `error_by_chance` is what these scores would have on average if each were exactly the probability of being right.
    The interval is by bootstrap over articles, with the bins kept.
    """

    bins: tuple[Bin, ...]
    error: float
    error_interval: Interval
    error_by_chance: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well scores are calibrated.

    `brier` is the mean squared difference between a score and 1 or 0 for right or wrong (Brier 1950), lower is
    better; `log_loss` is the mean negative log likelihood of what was right, with scores kept 1e-6 away from 0 and 1.
    """

    spans: int
    right: float
    """The share of all spans that is right."""
    mean_score: float
    brier: float
    log_loss: float
    equal_mass: Reliability
    """Bins that hold about as many spans each; spans of one score are never divided."""
    equal_width: Reliability
    """Tenths of the range of scores; those without spans are left out."""


class CalibrationCounter:
    """Gathers the scores of a stream of articles: 17 bytes a span."""

    def __init__(self) -> None:
        self._scores = array("d")
        self._right = array("b")
        self._articles = array("q")
        self._count = 0

    def add(self, gold: Article, predicted: Article) -> None:
        """Takes an annotated article and the same as a system labelled it; spans without a score are passed over."""
        annotated = {(span.start, span.end, span.label) for span in gold.spans}
        for span in predicted.spans:
            if span.score is not None:
                self._scores.append(span.score)
                self._right.append((span.start, span.end, span.label) in annotated)
                self._articles.append(self._count)
        self._count += 1

    def result(self, *, seed: int = 0) -> Calibration | None:
        """The calibration so far; None if no span had a score.

        Args:
            seed: of the bootstrap over articles.
        """
        if not self._scores:
            return None
        return calibration_of(
            np.array(self._scores),
            np.array(self._right, dtype=np.float64),
            np.array(self._articles, dtype=np.int64),
            seed=seed,
        )


def calibration_of(scores: Floats, right: Floats, articles: Places, *, seed: int) -> Calibration:
    """The calibration of spans: their scores, 1 or 0 for right or wrong, and the numbers of their articles.

    Args:
        scores: shape (spans,), at least one.
        right: shape (spans,).
        articles: shape (spans,).
        seed: of the bootstrap over articles.
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
    """The mean negative log likelihood of right (1) and wrong (0) spans under their scores, shape (spans,) both."""
    kept = np.clip(scores, NEAREST, 1 - NEAREST)
    return float(-np.log(np.where(right > 0, kept, 1 - kept)).mean())


def equal_mass_bins(scores: Floats) -> Places:
    """The bin of each score, counted from 0: divided at every tenth of their sorted order."""
    ranked = np.sort(scores)
    edges = np.unique(ranked[np.arange(1, BINS) * len(ranked) // BINS])
    return _dense(np.searchsorted(edges, scores, side="right"))


def equal_width_bins(scores: Floats) -> Places:
    """The bin of each score, counted from 0 among those that have scores: half-open tenths, the last one closed."""
    return _dense(np.minimum((scores * BINS).astype(np.int64), BINS - 1))


def _dense(places: Places) -> Places:
    return np.unique(places, return_inverse=True)[1].astype(np.int64)


def _reliability(scores: Floats, right: Floats, articles: Places, bins: Places, *, seed: int) -> Reliability:
    count = int(bins.max()) + 1
    rows = _dense(articles)
    sums = np.stack(
        [
            np.bincount(rows * count + bins, weights=values, minlength=(int(rows.max()) + 1) * count)
            for values in (np.ones_like(scores), scores, right, scores * (1 - scores))
        ],
        axis=-1,
    ).reshape(-1, count, 4)
    # In an order of their own, so that the draws do not depend on that of the stream.
    sums = sums[np.lexsort(sums.reshape(len(sums), -1).T)]
    totals = sums.sum(axis=0)
    drawn = _error(bootstrap_totals(sums, samples=SAMPLES, seed=seed))
    means = totals[:, 1:3] / totals[:, :1]
    return Reliability(
        bins=tuple(
            Bin(
                low=float(scores[bins == place].min()),
                high=float(scores[bins == place].max()),
                count=int(totals[place, 0]),
                mean_score=float(means[place, 0]),
                right=float(means[place, 1]),
            )
            for place in range(count)
        ),
        error=float(_error(totals)),
        error_interval=interval(drawn),
        # A bin's difference is about normal, with the variance of its sum; the mean of its absolute value is this.
        error_by_chance=float(np.sqrt(totals[:, 3] * 2 / np.pi).sum() / totals[:, 0].sum()),
    )


def _error(totals: Floats) -> Floats:
    """The expected calibration error of counts, sums of scores and of right ones, shape (..., bins, 3 or more)."""
    distances: Floats = np.abs(totals[..., 1] - totals[..., 2]).sum(axis=-1) / totals[..., 0].sum(axis=-1)
    return distances
