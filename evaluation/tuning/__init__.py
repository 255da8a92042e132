"""A model's thresholds and temperature, fitted on development articles."""

from afteraction.evaluation.tuning.calibrate import Goal, calibrate_model, goal_of
from afteraction.evaluation.tuning.gate import fit_gate, make_gate
from afteraction.evaluation.tuning.thresholds import (
    Choose,
    ThresholdCurve,
    best_f1,
    same_number,
    wanted_precision,
    wanted_recall,
)
from afteraction.evaluation.tuning.tuning import Tuning, tune

__all__ = [
    "Choose",
    "Goal",
    "ThresholdCurve",
    "Tuning",
    "best_f1",
    "calibrate_model",
    "fit_gate",
    "goal_of",
    "make_gate",
    "same_number",
    "tune",
    "wanted_precision",
    "wanted_recall",
]
