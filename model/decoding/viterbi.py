"""Finds the best valid BIO sequence for tag probabilities, and the probability of each of its spans.

A sequence of tags is valid if `transitions` allows each tag after the one before it. `I-x` may follow only `B-x` or
`I-x`, and the boundary before a token decides whether a span may begin, end or continue there.

The model's distribution over tags is restricted to valid sequences and normalised. The score of a span is then the
probability that the sequence has exactly this span. It is computed by the forward-backward algorithm (Rabiner 1989),
in which every allowed transition has weight one.

A temperature above 1 flattens the distribution, so that scores can be calibrated (Guo et al. 2017). The best sequence
is the same at every temperature, since dividing all log probabilities by one number does not change which sum of them
is largest.

All articles of a batch are processed together, position by position, so Python's overhead is paid once per position.
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
"""The log of probability zero. It is finite so that no sum becomes NaN."""

_LEAST = -600.0
"""The lowest log weight of a tag relative to the best tag of its position. Its exponential is not 0."""


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """A decoded span: its tokens `[first, stop)`, its label, and the probability of exactly this span."""

    first: int
    stop: int
    label: str
    score: float


@cache
def transitions(tags: int) -> Floats:
    """Returns which tag may follow which at each kind of boundary, as log weights: 0 if allowed, -1e30 if not.

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
    [scores] = score_runs(log_probabilities, boundaries, runs, scheme=scheme, temperatures=[temperature])
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
    emissions, kinds = _pad(log_probabilities, boundaries, tags=len(scheme.tags))
    articles, positions, tags = emissions.shape
    table = transitions(tags)
    came_from = np.zeros((positions, articles, tags), dtype=np.int16)
    state = emissions[:, 0].copy()
    state[:, 2::2] = _NEVER  # the first tag cannot be an `I`
    for position in range(1, positions):
        # entering[a, s, t]: the best sequence of article a that has tag s before this position, and t here.
        entering = state[:, :, None] + table[kinds[:, position]]
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
    temperatures: Sequence[float],
) -> list[list[list[float]]]:
    """Returns, for each temperature, the probability of each span of `best_runs`, in the same order."""
    scores: list[list[list[float]]] = [[[] for _ in runs] for _ in temperatures]
    rows = [row for row, found in enumerate(runs) if found]
    if not rows:
        return scores
    plain, kinds = _pad(
        [log_probabilities[row] for row in rows], [boundaries[row] for row in rows], tags=len(scheme.tags)
    )
    # One copy of each article per temperature.
    emissions = np.concatenate([plain / temperature for temperature in temperatures])
    kinds = np.tile(kinds, (len(temperatures), 1))
    top = emissions.max(axis=2)
    weights = np.exp(np.maximum(emissions - top[:, :, None], _LEAST))
    forward, forward_scale = _forward(weights, kinds)
    backward, backward_scale = _backward(weights, kinds)
    forward_scale += np.cumsum(top, axis=1)
    backward_scale += np.cumsum(top[:, ::-1], axis=1)[:, ::-1] - top
    # Sums of each label's `I` up to each position. A subtraction then gives the sum over the inside of a span.
    inside_sums = np.cumsum(emissions[:, :, 2::2], axis=1)
    for place in range(len(emissions)):
        temperature, row = divmod(place, len(rows))
        for first, stop, label in runs[rows[row]]:
            index = scheme.index(label)
            inside = inside_sums[place, stop - 1, index] - inside_sums[place, first, index]
            # After the span comes O or another span's B. Decoding ended the span here, so the boundary allows both.
            after = weights[place, stop] * backward[place, stop]
            leaving = after[0] + after[1::2].sum()
            with np.errstate(divide="ignore"):  # the log of 0 leads to a score of 0
                ends = np.log(forward[place, first, 1 + 2 * index]) + np.log(leaving)
            scales = (
                forward_scale[place, first] + top[place, stop] + backward_scale[place, stop] - forward_scale[place, -1]
            )
            # Rounding may make the sum slightly larger than 0.
            scores[temperature][rows[row]].append(float(np.exp(min(ends + inside + scales, 0.0))))
    return scores


def _pad(
    log_probabilities: Sequence[NDArray[np.float32]], boundaries: Sequence[Boundaries], *, tags: int
) -> tuple[Floats, Boundaries]:
    """Stacks articles into shape (articles, longest + 1, tags). Padding, and the position after the end, are `O`."""
    longest = max(map(len, log_probabilities))
    emissions = np.full((len(log_probabilities), longest + 1, tags), _NEVER)
    emissions[:, :, 0] = 0.0
    padded = np.full((len(log_probabilities), longest + 1), Boundary.FREE, dtype=np.int8)
    for row, (article, article_boundaries) in enumerate(zip(log_probabilities, boundaries, strict=True)):
        emissions[row, : len(article)] = article
        padded[row, : len(article)] = article_boundaries
    return emissions, padded


def _forward(weights: Floats, boundaries: Boundaries) -> tuple[Floats, Floats]:
    """Computes the total weight of all valid sequences up to each position, by their last tag.

    The weights of a position are divided by their sum, since products of many are too small for a float. None of the
    sums is 0: at every boundary, each tag may be followed by some tag, and each weight is at least the exponential of
    `_LEAST`. The same holds backwards, since `B` and `I` of a label may be followed by the same tags, and at every
    boundary one of the two is allowed.

    Args:
        weights: the weight of each tag at each position, shape (articles, positions, tags).
        boundaries: shape (articles, positions).

    Returns:
        the scaled weights, of the same shape, and the log of the product of all divisors up to each position, shape
        (articles, positions).
    """
    articles, positions, tags = weights.shape
    # One product gives the sums for all kinds of boundaries. Each article then takes those of its own kind.
    table = np.exp(transitions(tags)).transpose(1, 0, 2).reshape(tags, -1)
    rows = np.arange(articles)
    forward, sums = np.empty_like(weights), np.empty((articles, positions))
    entering = np.ones((articles, tags))
    entering[:, 2::2] = 0.0
    for position in range(positions):
        if position:
            entering = (forward[:, position - 1] @ table).reshape(articles, -1, tags)[rows, boundaries[:, position]]
        state = entering * weights[:, position]
        sums[:, position] = state.sum(axis=1)
        forward[:, position] = state / sums[:, position, None]
    return forward, np.cumsum(np.log(sums), axis=1)


def _backward(weights: Floats, boundaries: Boundaries) -> tuple[Floats, Floats]:
    """Computes the total weight of all valid continuations after each position, by its tag, like `_forward`."""
    articles, positions, tags = weights.shape
    table = np.exp(transitions(tags)).transpose(2, 0, 1).reshape(tags, -1)
    rows = np.arange(articles)
    backward, sums = np.ones_like(weights), np.ones((articles, positions))
    for position in range(positions - 2, -1, -1):
        after = weights[:, position + 1] * backward[:, position + 1]
        state = (after @ table).reshape(articles, -1, tags)[rows, boundaries[:, position + 1]]
        sums[:, position] = state.sum(axis=1)
        backward[:, position] = state / sums[:, position, None]
    return backward, np.cumsum(np.log(sums)[:, ::-1], axis=1)[:, ::-1]
