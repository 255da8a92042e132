"""Counts of correct, predicted and gold, level by level."""

from afteraction.evaluation.counting.entities import EntityForm
from afteraction.evaluation.counting.pairs import pair_articles
from afteraction.evaluation.counting.seqeval import seqeval_report
from afteraction.evaluation.counting.spans import SCHEMES

__all__ = ["SCHEMES", "EntityForm", "pair_articles", "seqeval_report"]
