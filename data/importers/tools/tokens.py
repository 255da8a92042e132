"""Tokenization, for the formats that need tokens."""

import re
from collections.abc import Sequence
from itertools import pairwise

from afteraction.data.articles.article import Article
from afteraction.data.errors import DataError

# Combining marks, joiners and variation selectors stay with the character before them.
_TOKEN = re.compile("[\\w\u0300-\u036f\u200d\ufe0f]+|[^\\w\\s]")


def tokenize(article: Article) -> list[tuple[int, int]]:
    """Returns the offsets of an article's words and punctuation marks, cut at the edges of spans.

    Together they cover the whole text except for the white space.
    """
    edges = {edge for span in article.spans for edge in (span.start, span.end)}
    tokens = []
    for match in _TOKEN.finditer(article.text):
        start, end = match.span()
        cuts = [start, *(index for index in range(start + 1, end) if index in edges), end]
        tokens += list(pairwise(cuts))
    return tokens


_WHITE_SPACE = re.compile(r"\s*")

_ESCAPED = {
    "-LRB-": ("(",), "-RRB-": (")",), "-LSB-": ("[",), "-RSB-": ("]",), "-LCB-": ("{",), "-RCB-": ("}",),
    "``": ('"', "\u201c"), "''": ('"', "\u201d"),
}  # fmt: skip
"""The texts that a token of the Penn Treebank stands for, with the usual one first."""


def unescaped(token: str) -> str:
    """Returns what a token of the Penn Treebank stands for: `(` for `-LRB-`, a straight quote for its two quotes."""
    return _readings(token)[-1]


def _readings(token: str) -> list[str]:
    """Returns the texts that a token may stand for: first the token itself, last its usual unescaped form."""
    usual, *others = _ESCAPED.get(token.upper(), ()) or (re.sub(r"\\([/*])", r"\1", token),)
    return list(dict.fromkeys([token, *others, usual]))


def locate_tokens(text: str, tokens: Sequence[str]) -> list[tuple[int, int]]:
    """Returns the offsets of consecutive tokens in a text that has only white space between them.

    A token may be escaped as in the Penn Treebank.

    Raises:
        DataError: the next token does not follow in the text.
    """
    located = []
    position = 0
    for number, token in enumerate(tokens, start=1):
        start = _WHITE_SPACE.match(text, position).end()  # type: ignore[union-attr]  # it also matches an empty string
        found = next((reading for reading in _readings(token) if text.startswith(reading, start)), None)
        if found is None:
            rest = text[position : position + 30]
            raise DataError(
                f"token {number}, {token!r}, is not in the text at {position}, which continues with {rest!r}"
            )
        position = start + len(found)
        located.append((start, position))
    return located
