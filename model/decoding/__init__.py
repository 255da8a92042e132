"""Decodes tag probabilities into spans."""

from afteraction.model.decoding.boundaries import Boundaries, Boundary, token_boundaries
from afteraction.model.decoding.edges import trim_punctuation
from afteraction.model.decoding.spans import SCORE_DIGITS, Emissions, find_spans, spans_by_temperature
from afteraction.model.decoding.viterbi import TokenSpan, decode_spans, transitions

__all__ = [
    "SCORE_DIGITS",
    "Boundaries",
    "Boundary",
    "Emissions",
    "TokenSpan",
    "decode_spans",
    "find_spans",
    "spans_by_temperature",
    "token_boundaries",
    "transitions",
    "trim_punctuation",
]
