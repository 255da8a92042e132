"""Scores of predictions against annotation, with uncertainty."""

from afteraction.evaluation.browsing import WorstArticles
from afteraction.evaluation.calibration import Bin, Calibration, CalibrationCounter, Reliability
from afteraction.evaluation.compare import Comparison, Difference, Spread, compare, spread
from afteraction.evaluation.crosscheck import seqeval_report
from afteraction.evaluation.entities import EntityForm
from afteraction.evaluation.errors import (
    ERROR_KINDS,
    ErrorCounter,
    ErrorCounts,
    ErrorExample,
    ErrorKind,
    SpanError,
    span_errors,
)
from afteraction.evaluation.matching import SCHEMES
from afteraction.evaluation.pairs import pair_articles
from afteraction.evaluation.report import Floor, Report, evaluate
from afteraction.evaluation.report_folder import write_report
from afteraction.evaluation.scores import FEWEST, Interval, Row, Scores, labels_of, score_spans
from afteraction.evaluation.slices import (
    ArticleSlicer,
    Slice,
    SliceCounter,
    SpanSlicer,
    default_slicers,
    subword_offset,
    word_offset,
)
from afteraction.evaluation.thresholds import Choose, ThresholdCurve, best_f1, wanted_precision, wanted_recall
from afteraction.evaluation.tolls import TollScores, nearest_toll
from afteraction.evaluation.tuned_card import tuned_card
from afteraction.evaluation.tuning import Tuning, tune
from afteraction.evaluation.viewing import view_articles

__all__ = [
    "ERROR_KINDS",
    "FEWEST",
    "SCHEMES",
    "ArticleSlicer",
    "Bin",
    "Calibration",
    "CalibrationCounter",
    "Choose",
    "Comparison",
    "Difference",
    "EntityForm",
    "ErrorCounter",
    "ErrorCounts",
    "ErrorExample",
    "ErrorKind",
    "Floor",
    "Interval",
    "Reliability",
    "Report",
    "Row",
    "Scores",
    "Slice",
    "SliceCounter",
    "SpanError",
    "SpanSlicer",
    "Spread",
    "ThresholdCurve",
    "TollScores",
    "Tuning",
    "WorstArticles",
    "best_f1",
    "compare",
    "default_slicers",
    "evaluate",
    "labels_of",
    "nearest_toll",
    "pair_articles",
    "score_spans",
    "seqeval_report",
    "span_errors",
    "spread",
    "subword_offset",
    "tune",
    "tuned_card",
    "view_articles",
    "wanted_precision",
    "wanted_recall",
    "word_offset",
    "write_report",
]
