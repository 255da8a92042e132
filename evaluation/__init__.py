"""Scores of predictions against annotation, with uncertainty."""

from afteraction.evaluation.calibration import Bin, Calibration, CalibrationCounter, Reliability
from afteraction.evaluation.crosscheck import seqeval_report
from afteraction.evaluation.errors import (
    ERROR_KINDS,
    ErrorCounter,
    ErrorCounts,
    ErrorExample,
    ErrorKind,
    SpanError,
    span_errors,
)
from afteraction.evaluation.report import Report, evaluate
from afteraction.evaluation.scores import Interval, Row, SpanScores, labels_of, score_spans
from afteraction.evaluation.viewing import view_articles

__all__ = [
    "ERROR_KINDS",
    "Bin",
    "Calibration",
    "CalibrationCounter",
    "ErrorCounter",
    "ErrorCounts",
    "ErrorExample",
    "ErrorKind",
    "Interval",
    "Reliability",
    "Report",
    "Row",
    "SpanError",
    "SpanScores",
    "evaluate",
    "labels_of",
    "score_spans",
    "seqeval_report",
    "span_errors",
    "view_articles",
]
