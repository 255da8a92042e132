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


def locate_tokens(text: str, tokens: Sequence[str]) -> list[tuple[int, int]]:
    """Returns the offsets of consecutive tokens in a text that has only white space between them.

    Raises:
        DataError: the next token does not follow in the text.
    """
    located = []
    position = 0
    for number, token in enumerate(tokens, start=1):
        start = text.find(token, position)
        if start < 0 or text[position:start].strip():
            rest = text[position : position + 30]
            raise DataError(f"token {number}, {token!r}, is not in the text at {position}, where it goes on {rest!r}")
        position = start + len(token)
        located.append((start, position))
    return located
