"""Tag probabilities to spans: the best valid BIO sequence, and the probability of each of its spans.

A sequence is valid if every `I-x` follows `B-x` or `I-x` and the tokens' links allow its edges: no span begins
or ends between a token and one `INSIDE` the same word, none ends before a token that is `LED_ON`, and none goes on
over the beginning of a `PARAGRAPH`.
The model's distribution over tags, restricted to valid sequences and normalised, gives a span the probability
that the sequence has exactly this span: by the forward-backward algorithm (Rabiner 1989), with every allowed
transition of weight one. A temperature above 1 flattens that distribution, so that scores can be calibrated (Guo
et al. 2017). The best sequence is the same at every temperature: to divide all log probabilities by one number does
not change which sum of them is largest. All articles of a batch advance together, so that the cost in Python is per
position, not per token.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afteraction.data import LabelScheme
from afteraction.data.tokens import INSIDE, LED_ON, PARAGRAPH, Links

Floats = NDArray[np.float64]
Tags = NDArray[np.int64]

_NEVER = -1e30
"""A log probability of zero that can be added to itself."""

_NEVER_FIRST = "-–—•*,;:.!?)]}”"
_NEVER_LAST = "-–—•*,;:!?([{“‘"
_PARTNERS = {'"': '"', "“": "”", "”": "“", "(": ")", ")": "(", "[": "]", "]": "[", "'": "'", "‘": "’", "’": "‘'"}
_PICTURE_PARTS = "\u200d\ufe0e\ufe0f🏻🏼🏽🏾🏿"
"""What follows a picture to join, vary or colour it."""


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """A decoded span: tokens `[first, stop)`, its label, and the probability that exactly it is there."""

    first: int
    stop: int
    label: str
    score: float


def decode_spans(
    log_probabilities: Sequence[NDArray[np.float32]],
    links: Sequence[Links],
    *,
    scheme: LabelScheme,
    temperature: float = 1.0,
) -> list[list[TokenSpan]]:
    """Decodes a batch of articles.

    Args:
        log_probabilities: an array of shape (tokens, tags) an article.
        links: an array of shape (tokens,) an article: how each token follows the one before it.
        scheme: the tags' meaning.
        temperature: what log probabilities are divided by before spans are scored, above 0.

    Returns:
        the spans of each article, in order.
    """
    lengths = np.array([len(article) for article in log_probabilities], dtype=np.int64)
    if not len(lengths) or not lengths.max():
        return [[] for _ in lengths]
    emissions, padded_links = _pad(log_probabilities, links, tags=len(scheme.tags))
    best = _viterbi(emissions, padded_links)
    runs = [scheme.decode(best[row, :length]) for row, length in enumerate(lengths)]
    if not any(runs):
        return [[] for _ in runs]
    scores = _span_scores(emissions / temperature, padded_links, runs, scheme=scheme)
    return [
        [TokenSpan(*run, score) for run, score in zip(article_runs, article_scores, strict=True)]
        for article_runs, article_scores in zip(runs, scores, strict=True)
    ]


def trim_punctuation(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrows characters `[start, end)` past blanks, dashes, commas, emoji and the like, and lone quotes and brackets.

    Signs of currency and percent stay.
    """
    while start < end and (_is_outer(text[start], _NEVER_FIRST) or _is_unmatched(text, start, start + 1, end)):
        start += 1
    while start < end and (_is_outer(text[end - 1], _NEVER_LAST) or _is_unmatched(text, end - 1, start, end - 1)):
        end -= 1
    return start, end


def _is_outer(character: str, marks: str) -> bool:
    is_picture = character in _PICTURE_PARTS or unicodedata.category(character) == "So"
    return character in marks or character.isspace() or is_picture


def _is_unmatched(text: str, place: int, start: int, end: int) -> bool:
    partners = _PARTNERS.get(text[place], "")
    return bool(partners) and not any(partner in text[start:end] for partner in partners)


def _pad(
    log_probabilities: Sequence[NDArray[np.float32]], links: Sequence[Links], *, tags: int
) -> tuple[Floats, Links]:
    """Stacks articles to (articles, longest + 1, tags); padding, and the end, can only be `O`."""
    longest = max(len(article) for article in log_probabilities)
    emissions = np.full((len(log_probabilities), longest + 1, tags), _NEVER)
    emissions[:, :, 0] = 0.0
    padded_links = np.zeros((len(log_probabilities), longest + 1), dtype=np.int8)
    for row, (article, article_links) in enumerate(zip(log_probabilities, links, strict=True)):
        emissions[row, : len(article)] = article
        padded_links[row, : len(article)] = article_links
    return emissions, padded_links


def _viterbi(emissions: Floats, links: Links) -> Tags:
    """The most probable valid tags, shape (articles, positions)."""
    articles, positions, tags = emissions.shape
    # Tags: 0 is O, odd B, even from 2 on I. `came_from[t]` is the tag before, in the best sequence that has
    # a given tag at t.
    came_from = np.zeros((positions, articles, tags), dtype=np.int8 if tags < 128 else np.int16)
    begins = np.arange(1, tags, 2)
    rows = np.arange(articles)
    state = emissions[:, 0].copy()
    state[:, 2::2] = _NEVER
    for position in range(1, positions):
        previous = state.argmax(axis=1)
        continuing = state[:, 2::2] > state[:, 1::2]
        state_inside = np.where(continuing, state[:, 2::2], state[:, 1::2])
        came_from[position] = previous[:, None]
        came_from[position, :, 2::2] = np.where(continuing, begins + 1, begins)
        top = state[rows, previous][:, None]
        link = links[:, position]
        entering = np.repeat(top, tags, axis=1)
        entering[:, 2::2] = state_inside
        if link.any():
            within, led_on = link == INSIDE, link == LED_ON
            held = within | led_on
            entering[held, 0] = state[held, 0]
            came_from[position, held, 0] = 0
            entering[within, 1::2] = _NEVER
            entering[led_on, 1::2] = state[led_on, :1]
            came_from[position, led_on, 1::2] = 0
            entering[link == PARAGRAPH, 2::2] = _NEVER
        state = entering + emissions[:, position]
    best = np.zeros((articles, positions), dtype=np.int64)
    best[:, -1] = state.argmax(axis=1)
    for position in range(positions - 1, 0, -1):
        best[:, position - 1] = came_from[position, rows, best[:, position]]
    return best


def _span_scores(
    emissions: Floats, links: Links, runs: Sequence[Sequence[tuple[int, int, str]]], *, scheme: LabelScheme
) -> list[list[float]]:
    forward = _forward(emissions, links)
    backward = _backward(emissions, links)
    totals = np.logaddexp.reduce(forward[:, -1], axis=1)
    inside_sums = np.cumsum(emissions[:, :, 2::2], axis=1)
    scores = []
    for row, article_runs in enumerate(runs):
        article_scores = []
        for first, stop, label in article_runs:
            index = scheme.index(label)
            begin = 1 + 2 * index
            held = inside_sums[row, stop - 1, index] - inside_sums[row, first, index]
            after = emissions[row, stop] + backward[row, stop]
            leaving = np.logaddexp.reduce(after[np.arange(len(after)) % 2 == 1], initial=after[0])
            # The token after a span is neither `INSIDE` its word nor `LED_ON`: decoding would not have ended there.
            value = forward[row, first, begin] + held + leaving - totals[row]
            article_scores.append(float(np.exp(min(value, 0.0))))
        scores.append(article_scores)
    return scores


def _forward(emissions: Floats, links: Links) -> Floats:
    """Log weight of all valid sequences up to each position that have a tag there, its emission included."""
    forward = np.empty_like(emissions)
    forward[:, 0] = emissions[:, 0]
    forward[:, 0, 2::2] = _NEVER
    for position in range(1, emissions.shape[1]):
        state = forward[:, position - 1]
        entering = np.repeat(_log_sum(state)[:, None], state.shape[1], axis=1)
        entering[:, 2::2] = np.logaddexp(state[:, 1::2], state[:, 2::2])
        link = links[:, position]
        if link.any():
            within, led_on = link == INSIDE, link == LED_ON
            entering[within | led_on, 0] = state[within | led_on, 0]
            entering[within, 1::2] = _NEVER
            entering[led_on, 1::2] = state[led_on, :1]
            entering[link == PARAGRAPH, 2::2] = _NEVER
        forward[:, position] = entering + emissions[:, position]
    return forward


def _backward(emissions: Floats, links: Links) -> Floats:
    """Log weight of all valid continuations after each position, given the tag there."""
    backward = np.zeros_like(emissions)
    for position in range(emissions.shape[1] - 2, -1, -1):
        after = emissions[:, position + 1] + backward[:, position + 1]
        fresh = after.copy()
        fresh[:, 2::2] = _NEVER
        leaving = _log_sum(fresh)
        inside = after[:, 2::2]
        state = np.repeat(leaving[:, None], after.shape[1], axis=1)
        state[:, 2::2] = state[:, 1::2] = np.logaddexp(leaving[:, None], inside)
        link = links[:, position + 1]
        if link.any():
            within = link == INSIDE
            held = within | (link == LED_ON)
            state[within, 0] = after[within, 0]
            state[held, 1::2] = state[held, 2::2] = inside[held]
            ahead = link == PARAGRAPH
            state[ahead, 1::2] = state[ahead, 2::2] = leaving[ahead, None]
        backward[:, position] = state
    return backward


def _log_sum(values: Floats) -> Floats:
    """The log of the sum of exponentials along the last axis."""
    top = values.max(axis=-1)
    return np.asarray(top + np.log(np.exp(values - top[..., None]).sum(axis=-1)))
