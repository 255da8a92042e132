"""The death toll of an article: its candidates, their features, and a learned choice among them."""

from afteraction.model.record.tolls.candidates import Candidate, Reading, read_candidates
from afteraction.model.record.tolls.choice import ChosenToll, choose, choose_toll
from afteraction.model.record.tolls.features import FEATURES, Features, describe
from afteraction.model.record.tolls.weights import read_weights

__all__ = [
    "FEATURES",
    "Candidate",
    "ChosenToll",
    "Features",
    "Reading",
    "choose",
    "choose_toll",
    "describe",
    "read_candidates",
    "read_weights",
]
