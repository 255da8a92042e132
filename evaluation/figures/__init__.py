"""Figures computed from counts: scores, intervals, slices, errors and calibration."""

from afteraction.evaluation.figures.calibration import Bin, Calibration, CalibrationCounter, Reliability
from afteraction.evaluation.figures.errors import (
    ERROR_KINDS,
    ErrorCounter,
    ErrorCounts,
    ErrorExample,
    ErrorKind,
    SpanError,
    span_errors,
)
from afteraction.evaluation.figures.scores import FEWEST, Interval, Row, Scores, labels_of, score_spans
from afteraction.evaluation.figures.slices import (
    ArticleSlicer,
    Slice,
    SliceCounter,
    SpanSlicer,
    default_slicers,
    require_meta_field,
    subword_offset,
    word_offset,
)
from afteraction.evaluation.figures.tolls import TollScores

__all__ = [
    "ERROR_KINDS",
    "FEWEST",
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
    "Row",
    "Scores",
    "Slice",
    "SliceCounter",
    "SpanError",
    "SpanSlicer",
    "TollScores",
    "default_slicers",
    "labels_of",
    "require_meta_field",
    "score_spans",
    "span_errors",
    "subword_offset",
    "word_offset",
]
