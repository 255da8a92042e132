"""Finds where spans may begin and end, from how each token of a text follows the one before it."""

import re
import unicodedata
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from afteraction.data.text import layout_breaks
from afteraction.data.tokens import Bounds, CharacterKind, code_points


class Boundary(IntEnum):
    """The kind of boundary between a token and the one before it. It decides which spans may begin or end there."""

    FREE = 0
    """Spans may begin, end or continue."""
    INSIDE_WORD = 1
    """No span may begin or end."""
    BREAK = 2
    """No span may continue: a new paragraph, a new cell, or the line below a heading. See `layout_breaks`."""
    AFTER_FUNCTION_WORD = 3
    """No span may end, since its last word would be "of", "the", "over" or a similar word."""


Boundaries = NDArray[np.int8]
"""A `Boundary` per token, shape (tokens,)."""

_INNER_MARK = re.compile(r"(?<=[^\W\d_])['’ʼ‘](?=[^\W\d_])(?![sS]\b)|(?<=[^\W_])-(?=[a-zß-öø-ÿ])|(?<=[A-Z])&(?=[A-Z])")
_AMOUNTS = ("dozens", "scores", "hundreds", "thousands", "millions", "tens", "number", "couple", "handful", "lots")
_NOT_AFTER_AN_AMOUNT = "".join(rf"(?<!\b{amount}\s)" for amount in _AMOUNTS)
_FUNCTION_WORD = re.compile(
    rf"\b(?i:for|the|and|{_NOT_AFTER_AN_AMOUNT}of)\s+(?=\w)"
    r"|(?<![\w-])(?:over|under|than|least|about|around|nearly|almost|between|up to)\s+(?=\w)"
)


def token_boundaries(text: str, bounds: Bounds, *, whole_words: bool) -> Boundaries:
    """Returns the kind of boundary before each token.

    A word is a run of letters and digits. It includes inner apostrophes, except that of a possessive ("Jama'at", but
    "Taliban" in "Taliban's"), ampersands between capitals ("AT&T"), and hyphens before lower-case letters
    ("Qaeda-linked", but "Otukpo" in "Otukpo-Ado"). In scripts written without spaces (wide characters), each character
    is a word.

    Function words are "of", "for", "the", "and", and the words that qualify a count ("over", "at least"). The "of" in
    "dozens of" and "a number of" is not one, since it belongs to the count.

    Args:
        text: the text of the article.
        bounds: the characters of each token, shape (tokens, 2).
        whole_words: whether spans must consist of whole words and may not end in a function word. Otherwise, only the
            layout and characters that several tokens share restrict spans.
    """
    boundaries = np.full(len(bounds), Boundary.FREE, dtype=np.int8)
    if len(bounds) < 2:
        return boundaries
    ends, starts = bounds[:-1, 1], bounds[1:, 0]
    # Byte-level tokenizers split some characters into several tokens, whose bounds then overlap.
    inside = ends > starts
    if whole_words:
        word = np.append(_IN_WORD.among(code_points(text)), False)
        word[[match.start() for match in _INNER_MARK.finditer(text)]] = True
        inside |= (ends == starts) & (ends > 0) & word[ends - 1] & word[starts]
    boundaries[1:][inside] = Boundary.INSIDE_WORD
    if whole_words:
        after = np.array([match.end() for match in _FUNCTION_WORD.finditer(text)], dtype=np.int64)
        boundaries[1:][(boundaries[1:] == Boundary.FREE) & np.isin(starts, after)] = Boundary.AFTER_FUNCTION_WORD
    # The first token after each break. This takes precedence over the other kinds.
    first = np.searchsorted(bounds[:, 0], [end for _, end in layout_breaks(text)], side="left")
    boundaries[first[first < len(bounds)]] = Boundary.BREAK
    return boundaries


def _is_in_word(character: str) -> bool:
    """Returns whether a character can be part of a word: a letter, digit or mark, but not a wide one."""
    is_mark = unicodedata.category(character)[0] == "M"
    return (character.isalnum() or is_mark) and unicodedata.east_asian_width(character) not in "WF"


_IN_WORD = CharacterKind(_is_in_word)
