"""Finds the bounds of sentences."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

_TITLES = ["Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Sen", "Rep", "Rev", "Gov", "Ft", "Mt"]
_RANKS = ["Adm", "Brig", "Capt", "Cmdr", "Col", "Cpl", "Det", "Gen", "Insp", "Lt", "Maj", "Pvt", "Sgt", "Supt"]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec"]


def _not_after(words: Sequence[str]) -> str:
    return "".join(rf"(?<!\b{word}\.)" for word in words)


# A full stop, question mark or exclamation mark with its closing quotes, before a capital or a digit; not after an
# initial or a title, nor between a month and a day. A line break always ends a sentence.
_SENTENCE_END = re.compile(
    rf"(?<=[.!?])(?<!\b[A-Z]\.){_not_after([*_TITLES, *_RANKS, 'No'])}(?:{_not_after(_MONTHS)}|(?!\s+\d))"
    r"[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])|\n+"
)


def sentence_starts(text: str) -> list[int]:
    """Returns the offset of each sentence of a text. The first is 0."""
    return [0, *(match.end() for match in _SENTENCE_END.finditer(text) if match.end() < len(text))]


def sentence_around(start: int, end: int, *, bounds: Sequence[int]) -> tuple[int, int]:
    """Returns the bounds of the sentence or sentences that contain `[start, end)`, half-open.

    `bounds` are the offsets of all sentences, followed by the length of the text.
    """
    first = bisect_right(bounds, start, hi=len(bounds) - 1) - 1
    return bounds[first], bounds[bisect_left(bounds, end)]
