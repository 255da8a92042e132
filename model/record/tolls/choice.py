"""Chooses the death toll of an article among its candidates, by weights that were learned from annotated articles.

Each candidate has a score, the sum of its features by their weights, and the softmax of the scores is its probability.
The toll with the highest probability, summed over the candidates that have it, is chosen.
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

    It is a figure of the text, a sum of figures and of single persons who were killed, or zero where the text says that
    nobody was killed or hurt. Spans may be in any order. Figures outside spans count too if words of killing govern
    them.

    None if the text gives no figure for the main attack, or has no spans, so that it is about no attack.
    """
    if not spans:
        return None
    reading = read_candidates(text, sorted(spans, key=lambda span: (span.start, span.end, span.label)))
    tolls = [candidate.toll for candidate in reading.candidates]
    return choose(tolls, describe(reading), learned_weights())


def choose(tolls: Sequence[Toll | None], features: Sequence[Features], weights: Mapping[str, float]) -> Toll | None:
    """Returns the most probable of an article's candidate tolls; the first one if several are."""
    scores = [sum(weights[name] * value for name, value in each.items()) for each in features]
    highest = max(scores)
    probability: dict[Toll | None, float] = defaultdict(float)
    for toll, score in zip(tolls, scores, strict=True):
        probability[toll] += exp(score - highest)
    return max(probability, key=lambda toll: probability[toll])
