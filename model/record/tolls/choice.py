"""Chooses the death toll of an article among its candidates, by weights that were learned from annotated articles.

The score of a candidate is the weighted sum of its features, and the softmax of the scores gives its probability. The
toll with the highest probability, summed over the candidates that have it, is chosen.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import exp

from afteraction.data import Span, Toll
from afteraction.model.record.tolls.candidates import read_candidates
from afteraction.model.record.tolls.features import Features, describe
from afteraction.model.record.tolls.weights import learned_weights


def choose_toll(text: str, spans: Sequence[Span]) -> Toll | None:
    """Returns the death toll of an article's main attack, as a range.

    It is a figure in the text, a sum of figures and of single people who were killed, or zero if the text says that
    nobody was killed or hurt. Spans may be in any order. Figures outside spans also count if words of killing govern
    them.

    Returns None if the text gives no figure for the main attack, or has no spans and so is not about an attack.
    """
    if not spans:
        return None
    reading = read_candidates(text, sorted(spans, key=lambda span: (span.start, span.end, span.label)))
    tolls = [candidate.toll for candidate in reading.candidates]
    return choose(tolls, describe(reading), learned_weights())


def choose(tolls: Sequence[Toll | None], features: Sequence[Features], weights: Mapping[str, float]) -> Toll | None:
    """Returns the most probable of an article's candidate tolls, the first one if there is a tie."""
    scores = [sum(weights[name] * value for name, value in each.items()) for each in features]
    highest = max(scores)
    probability: dict[Toll | None, float] = defaultdict(float)
    for toll, score in zip(tolls, scores, strict=True):
        probability[toll] += exp(score - highest)
    return max(probability, key=lambda toll: probability[toll])
