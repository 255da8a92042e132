"""Decodes emissions into spans of the text, according to a model's settings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from afteraction.data import DEATH_TOLL, LabelScheme, Span
from afteraction.data.text import has_content, render
from afteraction.data.tokens import Bounds, tokens_to_characters
from afteraction.model.batching import fill_batches
from afteraction.model.decoding.boundaries import Boundaries, token_boundaries
from afteraction.model.decoding.edges import trim_punctuation
from afteraction.model.decoding.viterbi import Run, best_runs, score_runs
from afteraction.model.saving import ModelSettings

DECODED_AT_ONCE = 1 << 17
"""The number of subwords, padding included, that are decoded together."""

SCORE_DIGITS = 6
"""The number of decimals of a span's score. Thresholds fitted on scores rely on it."""

_ONE = ("a", "an")
"""Function words that can be a death toll, as in "a woman was killed"."""


@dataclass(frozen=True, slots=True, eq=False)
class Emissions:
    """A model's output for a text: the bounds of its subwords and their log probabilities, shape (subwords, tags).

    The bounds are offsets in the text as given.
    """

    text: str
    bounds: Bounds
    log_probabilities: NDArray[np.float32]


def find_spans(emissions: Sequence[Emissions], settings: ModelSettings) -> list[list[Span]]:
    """Returns the best spans of each text, in order, except those that score below the threshold of their label."""
    [spans] = spans_by_temperature(emissions, settings, temperatures=[settings.temperature])
    return [[span for span in found if (span.score or 0.0) >= settings.thresholds[span.label]] for found in spans]


def spans_by_temperature(
    emissions: Sequence[Emissions], settings: ModelSettings, *, temperatures: Sequence[float]
) -> list[list[list[Span]]]:
    """Returns the best spans of each text, whatever the thresholds of their labels, for each temperature.

    The spans are decoded once, since they are the same at every temperature; only their scores differ. A text has no
    spans if its best span scores below `article_threshold` at temperature 1. Other temperatures do not count here, so
    calibration does not change which texts have no spans.

    Returns:
        for each temperature, for each text, the spans in order.
    """
    scheme = LabelScheme(settings.labels)
    found: list[list[list[Span]]] = [[[] for _ in emissions] for _ in temperatures]
    for indices in _batches(emissions):
        rendered = [render(emissions[index].text) for index in indices]
        batch = [
            replace(emissions[index], text=shown.text, bounds=shown.from_given(emissions[index].bounds))
            for index, shown in zip(indices, rendered, strict=True)
        ]
        log_probabilities = [item.log_probabilities for item in batch]
        boundaries: list[Boundaries] = [
            token_boundaries(item.text, item.bounds, whole_words=settings.whole_words) for item in batch
        ]
        runs = [
            [run for run in of_text if _is_phrase(item, run)]
            for item, of_text in zip(batch, best_runs(log_probabilities, boundaries, scheme=scheme), strict=True)
        ]
        needed = list(dict.fromkeys([1.0, *temperatures]))
        scored = score_runs(log_probabilities, boundaries, runs, scheme=scheme, temperatures=needed)
        scores_at = dict(zip(needed, scored, strict=True))
        for place, (index, shown, item) in enumerate(zip(indices, rendered, batch, strict=True)):
            if max(scores_at[1.0][place], default=0.0) < settings.article_threshold:
                continue
            for spans_of_text, temperature in zip(found, temperatures, strict=True):
                scores = scores_at[temperature][place]
                spans_of_text[index] = shown.spans_to_given([*_to_text(item, runs[place], scores)])
    return found


def _batches(emissions: Sequence[Emissions]) -> Iterator[list[int]]:
    """Yields batches of indices of texts of similar length, since decoding pads to the longest text of a batch."""
    lengths = [len(item.log_probabilities) for item in emissions]
    order = sorted(range(len(emissions)), key=lengths.__getitem__)
    for batch in fill_batches([lengths[index] for index in order], budget=DECODED_AT_ONCE):
        yield [order[index] for index in batch]


def _is_phrase(item: Emissions, run: Run) -> bool:
    """Returns whether a run has more than punctuation and function words, or is "a" or "an" as a death toll."""
    start, end = _characters(item, run)
    phrase = item.text[start:end]
    return has_content(phrase) or (run[2] == DEATH_TOLL and phrase.casefold() in _ONE)


def _to_text(item: Emissions, runs: Sequence[Run], scores: Sequence[float]) -> Iterator[Span]:
    """Yields runs of tokens as spans, without punctuation at their edges."""
    for run, score in zip(runs, scores, strict=True):
        yield Span(*_characters(item, run), run[2], score=round(score, SCORE_DIGITS))


def _characters(item: Emissions, run: Run) -> tuple[int, int]:
    first, stop, _ = run
    return trim_punctuation(item.text, *tokens_to_characters(first, stop, item.bounds))
