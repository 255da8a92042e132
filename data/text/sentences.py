"""Where sentences begin and end."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

_SENTENCE_END = re.compile(
    r"(?<!\b[A-Z]\.)(?<!\bMr\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bLt\.)(?<!\bNo\.)(?<!\bMrs\.)(?<!\bCol\.)(?<!\bGen\.)"
    r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])|\n+"
)


def sentence_starts(text: str) -> list[int]:
    """Where each sentence of a text begins, 0 included."""
    return [0, *(match.end() for match in _SENTENCE_END.finditer(text) if match.end() < len(text))]


def sentence_around(start: int, end: int, *, bounds: Sequence[int]) -> tuple[int, int]:
    """The sentence, or sentences, in which `[start, end)` lies, half-open.

    `bounds` are where the text's sentences begin, and its length.
    """
    first = bisect_right(bounds, start, hi=len(bounds) - 1) - 1
    return bounds[first], bounds[bisect_left(bounds, end)]
