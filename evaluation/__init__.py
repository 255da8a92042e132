"""Scores of predictions against annotation, with uncertainty."""

from afteraction.evaluation.scores import SpanScores, score_spans

__all__ = ["SpanScores", "score_spans"]
