"""Counts of correct, predicted and gold items, level by level."""

from afteraction.evaluation.counting.entities import EntityForm
from afteraction.evaluation.counting.levels import LEVELS, Level
from afteraction.evaluation.counting.pairs import pair_articles
from afteraction.evaluation.counting.seqeval import seqeval_report
from afteraction.evaluation.counting.tolls import nearest_toll

__all__ = ["LEVELS", "EntityForm", "Level", "nearest_toll", "pair_articles", "seqeval_report"]
