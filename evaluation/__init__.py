"""Scores of predictions against annotation, with uncertainty."""

from afteraction.evaluation.crosscheck import seqeval_report
from afteraction.evaluation.report import Report, evaluate
from afteraction.evaluation.scores import Interval, Row, SpanScores, labels_of, score_spans

__all__ = [
    "Interval",
    "Report",
    "Row",
    "SpanScores",
    "evaluate",
    "labels_of",
    "score_spans",
    "seqeval_report",
]
