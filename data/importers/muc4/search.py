"""Searches a text for the strings of an answer key, which gives no positions."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

_WORD = re.compile(r"\w+")
_GAP = r"(?=\s)[^\S\n]*+(?:\n[^\S\n]*+)?"

WHITE_SPACE = re.compile(_GAP)
"""White space between two words of a paragraph: any run without a paragraph break."""

_LONGEST_STRING = 100
"""The maximum number of words of a string. A longer string in a key is a mistake, not a string of the text."""

_MARK = r'["\[\]()]'


def occurrences(text: str, string: str) -> list[tuple[int, int]]:
    """Returns the occurrences of a string in a text as whole words: code points `[start, end)`, in order.

    White space in the string matches any white space in the text, including a line end, but not a paragraph break.
    """
    return _matches(text, string.split(), _GAP)


def occurrences_ignoring_marks(text: str, string: str) -> list[tuple[int, int]]:
    """Returns the occurrences of a string, ignoring quotes and brackets at the edges of words in either."""
    words = re.sub(_MARK, " ", string).split()
    return _matches(text, words, f"{_MARK}*+{_GAP}{_MARK}*+")


def plurals(text: str, string: str) -> list[tuple[int, int]]:
    """Returns the occurrences of a string's plural in `S` or `ES`, found as by `occurrences`."""
    words = string.split()
    if not words:
        return []
    *before, last = words
    found = (_matches(text, [*before, last + ending], _GAP) for ending in ("S", "ES"))
    return _apart(sorted(chain.from_iterable(found)))


@dataclass(frozen=True, slots=True)
class _Index:
    """The positions in a text of words (runs of letters and digits) and of tokens, which white space separates."""

    words: Mapping[str, Sequence[int]]
    token_starts: Sequence[int]
    token_ends: Sequence[int]


@lru_cache(maxsize=1)  # a text is searched for all strings of its key
def _index(text: str) -> _Index:
    words: dict[str, list[int]] = {}
    for match in _WORD.finditer(text):
        words.setdefault(match[0], []).append(match.start())
    tokens = [match.span() for match in re.finditer(r"\S+", text)]
    return _Index(words, [start for start, _ in tokens], [end for _, end in tokens])


def _matches(text: str, tokens: Sequence[str], gap: str) -> list[tuple[int, int]]:
    """Returns the occurrences of tokens with a gap between each two, found by the rarest word in them."""
    index = _index(text)
    places = [
        (number, index.words.get(word, ())) for number, token in enumerate(tokens) for word in _WORD.findall(token)
    ]
    if not 0 < len(tokens) <= _LONGEST_STRING or not all(starts for _, starts in places):
        return []
    pattern = re.compile(rf"(?<!\w){gap.join(map(re.escape, tokens))}(?!\w)")
    if not places:  # marks alone
        return [match.span() for match in pattern.finditer(text)]
    number, starts = min(places, key=lambda place: len(place[1]))
    found: dict[tuple[int, int], None] = {}
    for start in starts:
        first = bisect_right(index.token_starts, start) - 1 - number
        if first >= 0 and first + len(tokens) <= len(index.token_ends):
            window = index.token_starts[first], index.token_ends[first + len(tokens) - 1]
            found |= dict.fromkeys(match.span() for match in pattern.finditer(text, *window))
    return _apart(sorted(found))


def _apart(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Returns the ranges, given in order, without those that overlap an earlier one."""
    kept: list[tuple[int, int]] = []
    for start, end in ranges:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
