"""Where spans may begin and end: how each token of a text follows the one before it."""

import re
import unicodedata
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from afteraction.data.articles import PARAGRAPH_BREAK
from afteraction.data.tokens import TABLE_SIZE, Bounds, code_points, lookup


class Boundary(IntEnum):
    """What lies between a token and the one before it, and so which spans may begin or end there."""

    FREE = 0
    """Any span may begin, end or go on."""
    INSIDE_WORD = 1
    """No span begins or ends."""
    NEW_PARAGRAPH = 2
    """No span goes on."""
    AFTER_FUNCTION_WORD = 3
    """No span ends: "of", "the" or "over" would be its last word."""


Boundaries = NDArray[np.int8]
"""A `Boundary` per token, shape (tokens,)."""

_INNER_MARK = re.compile(r"(?<=[^\W\d_])['’ʼ‘](?=[^\W\d_])(?![sS]\b)|(?<=[^\W_])-(?=[a-zß-öø-ÿ])")
_FUNCTION_WORD = re.compile(
    r"\b(?i:for|the|and|(?<!dozens )(?<!scores )(?<!hundreds )(?<!thousands )(?<!tens )of)\s+(?=\w)"
    r"|(?<![\w-])(?:over|under|than|least|about|around|nearly|almost|between|up to)\s+(?=\w)"
)


def token_boundaries(text: str, bounds: Bounds, *, whole_words: bool) -> Boundaries:
    """Classifies how each token follows the one before it.

    A word is a run of letters and digits, with the apostrophes within it except a possessive's ("Jama'at", but
    "Taliban" in "Taliban's") and the hyphens before small letters ("Qaeda-linked", but "Otukpo" in "Otukpo-Ado").
    In scripts written without blanks (wide characters) each character is a word.

    Function words are "of", "for", "the", "and", and the words that bound a count ("over", "at least"). The "of" of
    "dozens of" is none, since it is the count's last word.

    Args:
        text: the article's.
        bounds: the tokens', shape (tokens, 2).
        whole_words: whether to keep spans from cutting words and from ending with a function word. Characters that
            several tokens share, and paragraphs, bound spans in any case.
    """
    boundaries = np.full(len(bounds), Boundary.FREE, dtype=np.int8)
    if len(bounds) < 2:
        return boundaries
    ends, starts = bounds[:-1, 1], bounds[1:, 0]
    # Byte-level tokenizers split one character over several tokens, whose ranges then overlap.
    inside = ends > starts
    if whole_words:
        word = np.append(lookup(code_points(text), _word_table()), False)
        word[[match.start() for match in _INNER_MARK.finditer(text)]] = True
        inside |= (ends == starts) & (ends > 0) & word[ends - 1] & word[starts]
    boundaries[1:][inside] = Boundary.INSIDE_WORD
    if whole_words:
        led_to = np.array([match.end() for match in _FUNCTION_WORD.finditer(text)], dtype=np.int64)
        boundaries[1:][(boundaries[1:] == Boundary.FREE) & np.isin(starts, led_to)] = Boundary.AFTER_FUNCTION_WORD
    breaks = [match.end() for match in PARAGRAPH_BREAK.finditer(text)]
    first = np.searchsorted(bounds[:, 0], breaks, side="left")
    boundaries[first[first < len(bounds)]] = Boundary.NEW_PARAGRAPH
    return boundaries


@cache
def _word_table() -> NDArray[np.bool_]:
    def in_word(code: int) -> bool:
        character = chr(code)
        return (character.isalnum() or unicodedata.category(character)[0] == "M") and unicodedata.east_asian_width(
            character
        ) not in "WF"

    return np.fromiter((in_word(code) for code in range(TABLE_SIZE)), dtype=bool)
