"""Scores of predictions against annotation, with uncertainty."""

from afteraction.evaluation.compare import Comparison, Difference, Spread, compare, spread
from afteraction.evaluation.counting.entities import EntityForm
from afteraction.evaluation.counting.pairs import pair_articles
from afteraction.evaluation.counting.seqeval import seqeval_report
from afteraction.evaluation.counting.spans import SCHEMES
from afteraction.evaluation.evaluate import Floor, Report, evaluate
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
    subword_offset,
    word_offset,
)
from afteraction.evaluation.figures.tolls import TollScores, nearest_toll
from afteraction.evaluation.report.articles import view_articles
from afteraction.evaluation.report.browser import WorstArticles
from afteraction.evaluation.report.write import write_report

__all__ = [
    "ERROR_KINDS",
    "FEWEST",
    "SCHEMES",
    "ArticleSlicer",
    "Bin",
    "Calibration",
    "CalibrationCounter",
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
    "TollScores",
    "WorstArticles",
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
    "view_articles",
    "word_offset",
    "write_report",
]
