"""Maps characters to tokens and back, exactly in code points and vectorised over the tokens of an article.

The offsets of a fast tokenizer leave out the characters that its normalizer removed: combining marks, joiners and
variation selectors after a letter or an emoji. `token_bounds` adds each such character to the token before it, and
removes white space from the edges of tokens. A run of tokens then covers exactly what a reader sees.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afteraction.data.articles.article import Article
from afteraction.data.tokens.characters import CharacterKind, code_points

Bounds = NDArray[np.int64]
"""The half-open code-point ranges of tokens.

Shape: (tokens, 2). Starts and ends never decrease.
"""

_JOINERS = "\u200c\u200d"
_VOICE_MARKS = "\uff9e\uff9f"  # of halfwidth kana


@dataclass(frozen=True, slots=True)
class Misalignment:
    """An annotated span that differs from the tokens under it.

    `start` is the start of the span, in code points. `surface` is its text.
    `covered` is the text that the model can learn instead, empty if there is none.
    """

    article: str
    start: int
    label: str
    surface: str
    covered: str


def token_bounds(text: str, offsets: Sequence[tuple[int, int]]) -> Bounds:
    """Converts a tokenizer's offsets to bounds.

    A token that is only white space gets an empty range at its end.
    """
    bounds = np.array(offsets, dtype=np.int64).reshape(-1, 2)
    if not len(bounds):
        return bounds
    codes = code_points(text)
    starts, ends = bounds[:, 0], bounds[:, 1]

    # Remove white space at both edges.
    space = _SPACE.among(codes)
    following_ink = _next_where(~space)
    ends = np.minimum(ends, len(codes))
    starts = np.minimum(following_ink[starts], ends)
    preceding_ink = len(codes) - _next_where(~space[::-1])[::-1]
    ends = np.maximum(preceding_ink[ends], starts)

    # Add the marks that follow, up to the start of the next token.
    extends = _EXTENDING.among(codes)
    following_base = _next_where(~extends)
    next_starts = np.append(starts[1:], len(codes))
    limits = np.where(next_starts >= ends, next_starts, ends)
    filled = ends > starts
    ends = np.where(filled, np.minimum(following_base[ends], limits), ends)
    return np.stack([starts, np.maximum.accumulate(ends)], axis=1)


def spans_to_tokens(article: Article, bounds: Bounds) -> tuple[list[tuple[int, int, str]], list[Misalignment]]:
    """Converts the spans of an article to runs of tokens.

    Returns:
        The runs as `(first, stop, label)`, half-open in tokens, and the misaligned spans. A span with an edge inside a
        token takes the whole token. A span has no run if the spans before it take all its tokens. Both kinds are
        misaligned.
    """
    runs: list[tuple[int, int, str]] = []
    misaligned: list[Misalignment] = []
    taken = 0
    for span in article.spans:
        first = max(int(np.searchsorted(bounds[:, 1], span.start, side="right")), taken)
        stop = int(np.searchsorted(bounds[:, 0], span.end, side="left"))
        start, end = tokens_to_characters(first, stop, bounds) if first < stop else (span.start, span.start)
        covered = article.text[start:end]
        if first < stop:
            runs.append((first, stop, span.label))
            taken = stop
        if not covered or (start, end) != (span.start, span.end):
            misaligned.append(Misalignment(article.id, span.start, span.label, article.surface(span), covered))
    return runs, misaligned


def tokens_to_characters(first: int, stop: int, bounds: Bounds) -> tuple[int, int]:
    """Returns the code points `[start, end)` of the tokens `[first, stop)`: an empty range if all are white space."""
    filled = bounds[first:stop][bounds[first:stop, 0] < bounds[first:stop, 1]]
    if not len(filled):
        return int(bounds[first, 0]), int(bounds[first, 0])
    return int(filled[0, 0]), int(filled[-1, 1])


def _next_where(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Returns, for each position 0..n, the first position from there on where the mask is set, or n."""
    n = len(mask)
    positions = np.append(np.where(mask, np.arange(n), n), n)
    return np.minimum.accumulate(positions[::-1])[::-1]


def _extends(character: str) -> bool:
    """Returns whether a character belongs to the one before it."""
    return (
        unicodedata.category(character)[0] == "M"
        or character in _JOINERS
        or character in _VOICE_MARKS
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # the skin tones of emoji
        or "\u1160" <= character <= "\u11ff"  # the vowels and finals of decomposed Hangul
        or "\ud7b0" <= character <= "\ud7fb"
        or "\U000e0020" <= character <= "\U000e01ef"  # tags and variation selectors
    )


_SPACE = CharacterKind(str.isspace)
_EXTENDING = CharacterKind(_extends)
