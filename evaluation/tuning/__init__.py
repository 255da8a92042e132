"""Thresholds and temperature chosen on development articles."""

from afteraction.evaluation.tuning.thresholds import Choose, ThresholdCurve, best_f1, wanted_precision, wanted_recall
from afteraction.evaluation.tuning.tuned_card import tuned_card
from afteraction.evaluation.tuning.tuning import Tuning, tune

__all__ = ["Choose", "ThresholdCurve", "Tuning", "best_f1", "tune", "tuned_card", "wanted_precision", "wanted_recall"]
