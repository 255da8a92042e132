"""From what a model read in articles to spans of their text, under a model's settings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afteraction.data import LabelScheme, Span
from afteraction.data.tokens import Bounds, token_links, tokens_to_characters
from afteraction.model.batching import fill_batches
from afteraction.model.decoding.viterbi import decode_spans, trim_punctuation
from afteraction.model.saving import ModelSettings

DECODED_AT_ONCE = 1 << 17
"""How many subwords, padding included, are decoded together."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A text as a model read it: its subwords' bounds, and their log probabilities, shape (subwords, tags)."""

    text: str
    bounds: Bounds
    log_probabilities: NDArray[np.float32]


def find_spans(readings: Sequence[Reading], settings: ModelSettings) -> list[list[Span]]:
    """Decides on each reading's spans, in order: the best ones, if their scores reach their labels' thresholds."""
    scheme = LabelScheme(settings.labels)
    # Decoding pads to the longest of a batch, so batches are of like length.
    order = sorted(range(len(readings)), key=lambda index: len(readings[index].log_probabilities))
    found: list[list[Span]] = [[] for _ in readings]
    for batch in fill_batches([len(readings[index].log_probabilities) for index in order], budget=DECODED_AT_ONCE):
        indices = [order[place] for place in batch]
        decoded = decode_spans(
            [readings[index].log_probabilities for index in indices],
            [
                token_links(readings[index].text, readings[index].bounds, whole_words=settings.whole_words)
                for index in indices
            ],
            scheme=scheme,
            temperature=settings.temperature,
        )
        for index, token_spans in zip(indices, decoded, strict=True):
            text, bounds = readings[index].text, readings[index].bounds
            for token_span in token_spans:
                start, end = trim_punctuation(text, *tokens_to_characters(token_span.first, token_span.stop, bounds))
                score = round(token_span.score, 6)
                if start < end and score >= settings.thresholds[token_span.label]:
                    found[index].append(Span(start, end, token_span.label, score=score))
    return found
