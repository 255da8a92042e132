"""Thresholds for the scores of spans: what each would give, and which to take."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from afteraction.evaluation.figures.bootstrap import Floats
from afteraction.evaluation.figures.scores import rates


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdCurve:
    """What is left of a label's spans from each threshold on, the lowest first; arrays of shape (thresholds,).

    The first threshold is 0 and keeps every span; the others lie halfway between neighbouring scores.
    """

    thresholds: Floats
    precision: Floats
    recall: Floats
    f1: Floats


Choose = Callable[[ThresholdCurve], float]
"""Takes a threshold from a curve."""


def threshold_curve(scores: Floats, right: Floats, *, support: int) -> ThresholdCurve:
    """The curve of some spans.

    Args:
        scores: shape (spans,), at least one.
        right: 1 or 0 for each span.
        support: how many spans the annotation has.
    """
    distinct, places = np.unique(scores, return_inverse=True)
    counts = np.stack([np.bincount(places, weights=right), np.bincount(places)], axis=-1)
    kept = counts[::-1].cumsum(axis=0)[::-1]
    precision, recall, f1 = rates(np.column_stack([kept, np.full(len(kept), float(support))]))
    halfway = (distinct[:-1] + distinct[1:]) / 2
    return ThresholdCurve(np.concatenate([[0.0], halfway]), precision, recall, f1)


def best_f1(curve: ThresholdCurve) -> float:
    """The threshold of the highest F1, the lowest one among equals."""
    return float(curve.thresholds[curve.f1.argmax()])


def wanted_precision(value: float) -> Choose:
    """Chooses the lowest threshold that gives a precision of at least `value`, else that of the highest precision."""

    def choose(curve: ThresholdCurve) -> float:
        enough = np.flatnonzero(curve.precision >= value)
        return float(curve.thresholds[enough[0] if len(enough) else curve.precision.argmax()])

    return choose


def wanted_recall(value: float) -> Choose:
    """Chooses the highest threshold that leaves a recall of at least `value`, else 0, which keeps every span."""

    def choose(curve: ThresholdCurve) -> float:
        enough = np.flatnonzero(curve.recall >= value)
        return float(curve.thresholds[enough[-1]]) if len(enough) else 0.0

    return choose
