"""Thresholds for span scores: the precision, recall and F1 that each threshold gives, and rules to choose one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from afteraction.evaluation.figures.bootstrap import Floats
from afteraction.evaluation.figures.scores import rates


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdCurve:
    """The scores of one label's spans at each threshold. All arrays have shape (thresholds,), the lowest first.

    The first threshold is 0 and keeps every span. The others lie halfway between neighbouring scores.
    """

    thresholds: Floats
    kept: Floats
    """The number of spans that each threshold keeps."""
    kept_before: int
    """The number of spans that the threshold before fitting keeps."""
    precision: Floats
    recall: Floats
    f1: Floats


Choose = Callable[[ThresholdCurve], float]
"""Chooses a threshold from a curve."""


def threshold_curve(scores: Floats, right: Floats, *, support: int, kept_before: int) -> ThresholdCurve:
    """Returns the curve of some spans.

    Args:
        scores: the spans' scores, shape (spans,). There must be at least one span.
        right: 1 for a right span, 0 for a wrong one, shape (spans,).
        support: the number of gold spans.
        kept_before: the number of the spans that the threshold before fitting keeps.
    """
    distinct, index_of = np.unique(scores, return_inverse=True)
    counts = np.stack([np.bincount(index_of, weights=right), np.bincount(index_of)], axis=-1)
    # Sums from each score upwards: the right spans and all spans that a threshold just below the score keeps.
    kept = counts[::-1].cumsum(axis=0)[::-1]
    precision, recall, f1 = rates(np.column_stack([kept, np.full(len(kept), float(support))]))
    halfway = (distinct[:-1] + distinct[1:]) / 2
    return ThresholdCurve(np.concatenate([[0.0], halfway]), kept[:, 1], kept_before, precision, recall, f1)


def best_f1(curve: ThresholdCurve) -> float:
    """Returns the threshold with the highest F1, the lowest if several are equal."""
    return float(curve.thresholds[curve.f1.argmax()])


def same_number(curve: ThresholdCurve) -> float:
    """Returns the threshold that keeps as many spans as the one before, or as nearly as equal scores allow."""
    return float(curve.thresholds[np.abs(curve.kept - curve.kept_before).argmin()])


def wanted_precision(value: float) -> Choose:
    """Returns a rule: the lowest threshold with a precision of at least `value`, or the most precise if none has it."""

    def choose(curve: ThresholdCurve) -> float:
        enough = np.flatnonzero(curve.precision >= value)
        return float(curve.thresholds[enough[0] if len(enough) else curve.precision.argmax()])

    return choose


def wanted_recall(value: float) -> Choose:
    """Returns a rule: the highest threshold with a recall of at least `value`, or 0 (every span) if none has it."""

    def choose(curve: ThresholdCurve) -> float:
        enough = np.flatnonzero(curve.recall >= value)
        return float(curve.thresholds[enough[-1]]) if len(enough) else 0.0

    return choose
