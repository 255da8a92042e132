"""Chooses the death toll of an article among its candidates, by weights that were learned from annotated articles.

The weights and the features of a candidate give its probability, by a softmax over the candidates. The toll with the
highest probability, summed over the candidates that have it, is chosen.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp

from afteraction.data import Span, Toll
from afteraction.model.record.tolls.candidates import read_candidates
from afteraction.model.record.tolls.features import Features, describe
from afteraction.model.record.tolls.weights import learned_weights

_TEMPERATURE = 1.4
"""It makes probabilities less extreme, since a model's spans are less reliable than the annotated ones that the weights
were fitted to. docs/calibration.md has the figures."""

_SCORE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class ChosenToll:
    """A death toll, or None for no figure, and the probability that this is right."""

    toll: Toll | None
    score: float | None


def choose_toll(text: str, spans: Sequence[Span]) -> ChosenToll:
    """Returns the death toll of an article's main attack, as a range, with its score.

    It is a figure in the text, a sum of figures and of single people who were killed, or zero if the text says that
    nobody was killed or hurt. Spans may be in any order. Figures outside spans also count if words of killing govern
    them.

    The toll is None if the text gives no figure for the main attack, or has no spans and so is not about an attack. The
    score is None if no span has a score, as in annotation and in the output of rules.
    """
    if not spans:
        return ChosenToll(None, None)
    reading = read_candidates(text, sorted(spans, key=lambda span: (span.start, span.end, span.label)))
    tolls = [candidate.toll for candidate in reading.candidates]
    chosen = choose(tolls, describe(reading), learned_weights())
    return chosen if any(span.score is not None for span in spans) else replace(chosen, score=None)


def choose(tolls: Sequence[Toll | None], features: Sequence[Features], weights: Mapping[str, float]) -> ChosenToll:
    """Returns the most probable of an article's candidate tolls, the first one if there is a tie, with its score."""
    scores = [sum(weights[name] * value for name, value in each.items()) for each in features]
    highest = max(scores)
    probability: dict[Toll | None, float] = defaultdict(float)
    for toll, score in zip(tolls, scores, strict=True):
        probability[toll] += exp(score - highest)
    toll = max(probability, key=lambda toll: probability[toll])
    tempered = {toll: each ** (1 / _TEMPERATURE) for toll, each in probability.items()}
    return ChosenToll(toll, round(tempered[toll] / sum(tempered.values()), _SCORE_DIGITS))
