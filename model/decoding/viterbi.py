"""Finds the best valid BIO sequence for tag probabilities, and the probability of each of its spans.

A sequence of tags is valid if `transitions` allows each tag after the one before it. `I-x` may follow only `B-x` or
`I-x`, and the boundary before a token decides whether a span may begin, end or continue there.

The model's distribution over tags is restricted to valid sequences and normalised. The score of a span is then the
probability that the sequence has exactly this span. It is computed by the forward-backward algorithm (Rabiner 1989),
in which every allowed transition has weight one.

A temperature above 1 flattens the distribution, so that scores can be calibrated (Guo et al. 2017). The best sequence
is the same at every temperature, since dividing all log probabilities by one number does not change which sum of them
is largest.

All articles of a batch are processed together, position by position, so Python's overhead is per position.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from afteraction.data import LabelScheme
from afteraction.model.decoding.boundaries import Boundaries, Boundary

Floats = NDArray[np.float64]
Tags = NDArray[np.int64]
Run = tuple[int, int, str]
"""The tokens `[first, stop)` of a span, and its label."""

_NEVER = -1e30
"""The log of probability zero. It is finite, so that no sum becomes NaN."""


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """A decoded span: its tokens `[first, stop)`, its label, and the probability of exactly this span."""

    first: int
    stop: int
    label: str
    score: float


@cache
def transitions(tags: int) -> Floats:
    """Returns which tag may follow which at each kind of boundary, as log weights: 0 if it may, -1e30 if not.

    Args:
        tags: the number of tags. Tag 0 is `O`; for label k, `B` is 1 + 2k and `I` is 2 + 2k.

    Returns:
        shape (boundaries, tags before, tags after).
    """
    before, after = np.indices((tags, tags))
    outside, begins, inside = after == 0, after % 2 == 1, (after > 0) & (after % 2 == 0)
    continues = inside & ((before == after) | (before == after - 1))
    was_outside = before == 0
    allowed = {
        Boundary.FREE: outside | begins | continues,
        Boundary.INSIDE_WORD: continues | (outside & was_outside),
        Boundary.BREAK: outside | begins,
        Boundary.AFTER_FUNCTION_WORD: continues | ((outside | begins) & was_outside),
    }
    return np.where(np.stack([allowed[kind] for kind in Boundary]), 0.0, _NEVER)


def decode_spans(
    log_probabilities: Sequence[NDArray[np.float32]],
    boundaries: Sequence[Boundaries],
    *,
    scheme: LabelScheme,
    temperature: float = 1.0,
) -> list[list[TokenSpan]]:
    """Finds the best spans of a batch of articles, and scores them.

    Args:
        log_probabilities: for each article, shape (tokens, tags).
        boundaries: for each article, shape (tokens,).
        scheme: the meaning of the tags.
        temperature: the number, above 0, by which log probabilities are divided before spans are scored.

    Returns:
        the spans of each article, in order.
    """
    runs = best_runs(log_probabilities, boundaries, scheme=scheme)
    scores = score_runs(log_probabilities, boundaries, runs, scheme=scheme, temperature=temperature)
    return [
        [TokenSpan(*run, score) for run, score in zip(article_runs, article_scores, strict=True)]
        for article_runs, article_scores in zip(runs, scores, strict=True)
    ]


def best_runs(
    log_probabilities: Sequence[NDArray[np.float32]], boundaries: Sequence[Boundaries], *, scheme: LabelScheme
) -> list[list[Run]]:
    """Returns the spans of each article's most probable valid sequence, in order (Viterbi 1967)."""
    if not any(map(len, log_probabilities)):
        return [[] for _ in log_probabilities]
    emissions, weights = _pad(log_probabilities, boundaries, tags=len(scheme.tags))
    articles, positions, tags = emissions.shape
    came_from = np.zeros((positions, articles, tags), dtype=np.int16)
    state = _start(emissions)
    for position in range(1, positions):
        # entering[a, s, t]: the best sequence of article a that has tag s before this position, and t here.
        entering = state[:, :, None] + weights(position)
        came_from[position] = entering.argmax(axis=1)
        state = entering.max(axis=1) + emissions[:, position]
    # Follow the choices back from the best last tag.
    best = np.zeros((articles, positions), dtype=np.int64)
    best[:, -1] = state.argmax(axis=1)
    rows = np.arange(articles)
    for position in range(positions - 1, 0, -1):
        best[:, position - 1] = came_from[position, rows, best[:, position]]
    return [scheme.decode(best[row, : len(article)]) for row, article in enumerate(log_probabilities)]


def score_runs(
    log_probabilities: Sequence[NDArray[np.float32]],
    boundaries: Sequence[Boundaries],
    runs: Sequence[Sequence[Run]],
    *,
    scheme: LabelScheme,
    temperature: float = 1.0,
) -> list[list[float]]:
    """Returns the probability of each span of `best_runs`, in the same order."""
    if not any(runs):
        return [[] for _ in runs]
    emissions, weights = _pad(log_probabilities, boundaries, tags=len(scheme.tags))
    emissions /= temperature
    forward = _forward(emissions, weights)
    backward = _backward(emissions, weights)
    totals = np.logaddexp.reduce(forward[:, -1], axis=1)
    # Of each label's `I` up to each position, to sum over the inside of a span in one subtraction.
    inside_sums = np.cumsum(emissions[:, :, 2::2], axis=1)
    scores = []
    for row, article_runs in enumerate(runs):
        article_scores = []
        for first, stop, label in article_runs:
            index = scheme.index(label)
            begin = 1 + 2 * index
            inside = inside_sums[row, stop - 1, index] - inside_sums[row, first, index]
            # After the span comes O or another span's B. Decoding ended the span here, so the boundary allows both.
            after = emissions[row, stop] + backward[row, stop]
            leaving = np.logaddexp.reduce(after[np.arange(len(after)) % 2 == 1], initial=after[0])
            value = forward[row, first, begin] + inside + leaving - totals[row]
            article_scores.append(float(np.exp(min(value, 0.0))))  # rounding may put the sum a little above 0
        scores.append(article_scores)
    return scores


class _Weights:
    """The log weights of transitions in a batch, computed for one position at a time."""

    def __init__(self, boundaries: Boundaries, *, tags: int) -> None:
        self._boundaries = boundaries
        self._table = transitions(tags)

    def __call__(self, position: int) -> Floats:
        """Returns the weights from the previous position to this one, shape (articles, tags before, tags after)."""
        return self._table[self._boundaries[:, position]]


def _pad(
    log_probabilities: Sequence[NDArray[np.float32]], boundaries: Sequence[Boundaries], *, tags: int
) -> tuple[Floats, _Weights]:
    """Stacks articles into shape (articles, longest + 1, tags). Padding, and the position after the end, are `O`."""
    longest = max(map(len, log_probabilities))
    emissions = np.full((len(log_probabilities), longest + 1, tags), _NEVER)
    emissions[:, :, 0] = 0.0
    padded = np.full((len(log_probabilities), longest + 1), Boundary.FREE, dtype=np.int8)
    for row, (article, article_boundaries) in enumerate(zip(log_probabilities, boundaries, strict=True)):
        emissions[row, : len(article)] = article
        padded[row, : len(article)] = article_boundaries
    return emissions, _Weights(padded, tags=tags)


def _start(emissions: Floats) -> Floats:
    """Returns the emissions of the first token, where no `I` is allowed."""
    state = emissions[:, 0].copy()
    state[:, 2::2] = _NEVER
    return state


def _forward(emissions: Floats, weights: _Weights) -> Floats:
    """Returns, for each position and tag, the log weight of all valid sequences that end there, itself included."""
    forward = np.empty_like(emissions)
    forward[:, 0] = _start(emissions)
    for position in range(1, emissions.shape[1]):
        entering = forward[:, position - 1, :, None] + weights(position)
        forward[:, position] = _log_sum(entering, axis=1) + emissions[:, position]
    return forward


def _backward(emissions: Floats, weights: _Weights) -> Floats:
    """Returns, for each position and tag, the log weight of all valid continuations after it."""
    backward = np.zeros_like(emissions)
    for position in range(emissions.shape[1] - 2, -1, -1):
        after = emissions[:, position + 1] + backward[:, position + 1]
        backward[:, position] = _log_sum(after[:, None, :] + weights(position + 1), axis=2)
    return backward


def _log_sum(values: Floats, *, axis: int) -> Floats:
    """Returns the log of the sum of exponentials along an axis."""
    top = values.max(axis=axis, keepdims=True)
    return np.asarray((top + np.log(np.exp(values - top).sum(axis=axis, keepdims=True))).squeeze(axis))
