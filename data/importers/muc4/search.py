"""Finding in a text the strings that a key gives without saying where they stand."""

import re

_GAP = r"(?=\s)[^\S\n]*\n?[^\S\n]*"

WHITE_SPACE = re.compile(_GAP)
"""White space that is no paragraph break, with which words are apart."""

_MARK = r'["\[\]()]'


def occurrences(text: str, string: str) -> list[tuple[int, int]]:
    """Where a string stands in a text as whole words, as code points `[start, end)` in order.

    White space matches any other, the end of a line too, but no paragraph break.
    """
    return _matches(text, _GAP.join(map(re.escape, string.split())))


def occurrences_but_for_marks(text: str, string: str) -> list[tuple[int, int]]:
    """The same, where quotes and brackets at the edges of words may be in either and not in the other."""
    words = re.sub(_MARK, " ", string).split()
    return _matches(text, f"{_MARK}*{_GAP}{_MARK}*".join(map(re.escape, words)))


def plurals(text: str, string: str) -> list[tuple[int, int]]:
    """Where a string's plural in `S` or `ES` stands, as `occurrences` finds it."""
    return _matches(text, _GAP.join(map(re.escape, string.split())), ending="(?:S|ES)")


def _matches(text: str, pattern: str, *, ending: str = "") -> list[tuple[int, int]]:
    if not pattern:
        return []
    return [match.span() for match in re.finditer(rf"(?<!\w){pattern}{ending}(?!\w)", text)]
