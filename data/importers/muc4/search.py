"""Searches a text for the strings of an answer key, which gives no positions."""

import re

_GAP = r"(?=\s)[^\S\n]*\n?[^\S\n]*"

WHITE_SPACE = re.compile(_GAP)
"""White space between two words of a paragraph: any run without a paragraph break."""

_MARK = r'["\[\]()]'


def occurrences(text: str, string: str) -> list[tuple[int, int]]:
    """Returns the occurrences of a string in a text as whole words: code points `[start, end)`, in order.

    White space in the string matches any white space in the text, including a line end, but not a paragraph break.
    """
    return _matches(text, _GAP.join(map(re.escape, string.split())))


def occurrences_ignoring_marks(text: str, string: str) -> list[tuple[int, int]]:
    """Returns the occurrences of a string, ignoring quotes and brackets at the edges of words in either."""
    words = re.sub(_MARK, " ", string).split()
    return _matches(text, f"{_MARK}*{_GAP}{_MARK}*".join(map(re.escape, words)))


def plurals(text: str, string: str) -> list[tuple[int, int]]:
    """Returns the occurrences of a string's plural in `S` or `ES`, found as by `occurrences`."""
    return _matches(text, _GAP.join(map(re.escape, string.split())), ending="(?:S|ES)")


def _matches(text: str, pattern: str, *, ending: str = "") -> list[tuple[int, int]]:
    if not pattern:
        return []
    return [match.span() for match in re.finditer(rf"(?<!\w){pattern}{ending}(?!\w)", text)]
