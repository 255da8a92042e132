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
from afteraction.evaluation.slices import (
    ArticleSlicer,
    Slice,
    SliceCounter,
    SpanSlicer,
    default_slicers,
    subword_offset,
    word_offset,
)
from afteraction.evaluation.viewing import view_articles

__all__ = [
    "ERROR_KINDS",
    "ArticleSlicer",
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
    "Slice",
    "SliceCounter",
    "SpanError",
    "SpanScores",
    "SpanSlicer",
    "default_slicers",
    "evaluate",
    "labels_of",
    "score_spans",
    "seqeval_report",
    "span_errors",
    "subword_offset",
    "view_articles",
    "word_offset",
]
