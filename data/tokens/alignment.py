"""Characters to tokens and back, exact in code points, vectorised over an article's tokens.

A fast tokenizer's offsets leave out what its normalizer removed: combining marks, joiners and variation
selectors after a letter or an emoji. `token_bounds` gives each such character to the token before it, and
takes white space off the tokens that hold it, so that a run of tokens covers exactly what a reader sees.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from afteraction.data.articles.article import PARAGRAPH_BREAK, Article

Bounds = NDArray[np.int64]
"""Tokens' code-point ranges, shape (tokens, 2), half-open; starts and ends never decrease."""

Links = NDArray[np.int8]
"""A value of `FREE`, `INSIDE`, `PARAGRAPH` or `LED_ON` a token, shape (tokens,)."""

FREE, INSIDE, PARAGRAPH, LED_ON = range(4)

_INNER_MARK = re.compile(r"(?<=[^\W\d_])['’ʼ‘](?=[^\W\d_])(?![sS]\b)|(?<=[^\W_])-(?=[a-zß-öø-ÿ])")
_LEADING_ON = re.compile(
    r"\b(?i:for|the|and|(?<!dozens )(?<!scores )(?<!hundreds )(?<!thousands )(?<!tens )of)\s+(?=\w)"
    r"|(?<![\w-])(?:over|under|than|least|about|around|nearly|almost|between|up to)\s+(?=\w)"
)
_TABLE_SIZE = 0x20000
_JOINERS = "\u200c\u200d"
_VOICE_MARKS = "\uff9e\uff9f"  # of halfwidth kana


@dataclass(frozen=True, slots=True)
class Misalignment:
    """An annotation whose edges no token shares; `covered` is what the model can learn in its place.

    `start` is where the annotation begins, in code points of the text.
    """

    article: str
    start: int
    label: str
    surface: str
    covered: str


def token_bounds(text: str, offsets: Sequence[tuple[int, int]]) -> Bounds:
    """Cleans a tokenizer's offsets into bounds.

    A token of white space alone gets an empty range at its end.
    """
    bounds = np.array(offsets, dtype=np.int64).reshape(-1, 2)
    if not len(bounds):
        return bounds
    codes = _codes(text)
    starts, ends = bounds[:, 0], bounds[:, 1]

    space = _lookup(codes, _space_table())
    following_ink = _next_where(~space)
    ends = np.minimum(ends, len(codes))
    starts = np.minimum(following_ink[starts], ends)
    preceding_ink = len(codes) - _next_where(~space[::-1])[::-1]
    ends = np.maximum(preceding_ink[ends], starts)

    extends = _lookup(codes, _extend_table()) | ((codes >= 0xE0020) & (codes <= 0xE01EF))
    following_base = _next_where(~extends)
    next_starts = np.append(starts[1:], len(codes))
    limits = np.where(next_starts >= ends, next_starts, ends)
    filled = ends > starts
    ends = np.where(filled, np.minimum(following_base[ends], limits), ends)
    return np.stack([starts, np.maximum.accumulate(ends)], axis=1)


def token_links(text: str, bounds: Bounds, *, whole_words: bool) -> Links:
    """How each token follows the one before it: `FREE`, `INSIDE`, `PARAGRAPH` or `LED_ON`.

    A token inside a word, if words are to be kept whole, or inside a character that several tokens share
    can neither begin a span nor follow its end; one that begins a paragraph cannot continue a span. A word is
    a run of letters and digits, with the apostrophes within it except a possessive's ("Jama'at", but "Taliban" in
    "Taliban's") and the hyphens before small letters ("Qaeda-linked", but "Otukpo" in "Otukpo-Ado"); in scripts
    written without blanks (wide characters) each character is one.

    Where words are kept whole, no span ends between "of", "for", "the", "and" or a word that bounds a count ("over",
    "at least") and the word after it, which then is `LED_ON`: it may go on a span or begin one, not follow one's
    end. The "of" of "dozens of" is a count's last word.
    """
    links = np.full(len(bounds), FREE, dtype=np.int8)
    if len(bounds) < 2:
        return links
    ends, starts = bounds[:-1, 1], bounds[1:, 0]
    # Byte-level tokenizers split one character over several tokens, whose ranges then overlap.
    inside = ends > starts
    if whole_words:
        word = np.append(_lookup(_codes(text), _word_table()), False)
        word[[match.start() for match in _INNER_MARK.finditer(text)]] = True
        inside |= (ends == starts) & (ends > 0) & word[ends - 1] & word[starts]
    links[1:][inside] = INSIDE
    if whole_words:
        led_on = np.array([match.end() for match in _LEADING_ON.finditer(text)], dtype=np.int64)
        links[1:][(links[1:] == FREE) & np.isin(starts, led_on)] = LED_ON
    breaks = [match.end() for match in PARAGRAPH_BREAK.finditer(text)]
    first = np.searchsorted(bounds[:, 0], breaks, side="left")
    links[first[first < len(bounds)]] = PARAGRAPH
    return links


def spans_to_tokens(article: Article, bounds: Bounds) -> tuple[list[tuple[int, int, str]], list[Misalignment]]:
    """An article's spans as runs of tokens `(first, stop, label)`, and those that tokens do not match.

    A span whose edge lies within a token takes that whole token; one that no token touches, or whose
    tokens another span has, is left out. Both are in the second list.
    """
    runs: list[tuple[int, int, str]] = []
    misaligned: list[Misalignment] = []
    taken = 0
    for span in article.spans:
        first = max(int(np.searchsorted(bounds[:, 1], span.start, side="right")), taken)
        stop = int(np.searchsorted(bounds[:, 0], span.end, side="left"))
        covered = article.text[bounds[first, 0] : bounds[stop - 1, 1]] if first < stop else ""
        if first < stop:
            runs.append((first, stop, span.label))
            taken = stop
        if not covered or (bounds[first, 0], bounds[stop - 1, 1]) != (span.start, span.end):
            misaligned.append(Misalignment(article.id, span.start, span.label, article.surface(span), covered))
    return runs, misaligned


def tokens_to_characters(first: int, stop: int, bounds: Bounds) -> tuple[int, int]:
    """The code points `[start, end)` under tokens `[first, stop)`; empty if the tokens hold only white space."""
    filled = bounds[first:stop][bounds[first:stop, 0] < bounds[first:stop, 1]]
    if not len(filled):
        return int(bounds[first, 0]), int(bounds[first, 0])
    return int(filled[0, 0]), int(filled[-1, 1])


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def _lookup(codes: NDArray[np.uint32], table: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return table[np.minimum(codes, _TABLE_SIZE - 1)]


def _next_where(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each position 0..n, the first position from there on where the mask is set, or n."""
    n = len(mask)
    positions = np.append(np.where(mask, np.arange(n), n), n)
    return np.minimum.accumulate(positions[::-1])[::-1]


# Past the table lie wide characters and, treated apart, tags and variation selectors.
@cache
def _space_table() -> NDArray[np.bool_]:
    return np.fromiter((chr(code).isspace() for code in range(_TABLE_SIZE)), dtype=bool)


@cache
def _extend_table() -> NDArray[np.bool_]:
    def extends(code: int) -> bool:
        character = chr(code)
        return (
            unicodedata.category(character)[0] == "M"
            or character in _JOINERS
            or 0x1F3FB <= code <= 0x1F3FF  # the skin tones of emoji
            or 0x1160 <= code <= 0x11FF  # the vowels and finals of decomposed Hangul
            or 0xD7B0 <= code <= 0xD7FB
            or character in _VOICE_MARKS
        )

    return np.fromiter((extends(code) for code in range(_TABLE_SIZE)), dtype=bool)


@cache
def _word_table() -> NDArray[np.bool_]:
    def in_word(code: int) -> bool:
        character = chr(code)
        return (character.isalnum() or unicodedata.category(character)[0] == "M") and unicodedata.east_asian_width(
            character
        ) not in "WF"

    return np.fromiter((in_word(code) for code in range(_TABLE_SIZE)), dtype=bool)
