"""spaCy's `.spacy` files (DocBin), the input of `spacy train`. `read_prodigy` reads them."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from afteraction.data.articles.article import Article
from afteraction.data.files import atomic_write
from afteraction.data.importers.record import RECORD_KEY, record_of

_LONG_WORD = re.compile(r"\S{200,}")
"""A word that becomes one token, since spaCy's time for a word grows with the square of its length."""


def write_docbin(articles: Iterable[Article], path: Path) -> int:
    """Writes articles as documents whose entities are the spans. Returns the number of articles.

    The tokens are those of spaCy for English, cut at the edges of spans, so that every span consists of whole tokens.
    The documents are held in memory until they are written.

    Raises:
        DataError: the file cannot be written.
        ModuleNotFoundError: spaCy, from the extra `spacy`, is not installed.
    """
    # Imported here, since few users need it.
    import spacy
    from spacy.tokens import DocBin

    pipeline = spacy.blank("en")
    documents = DocBin(store_user_data=True)
    for article in articles:
        documents.add(_document(article, pipeline))
    with atomic_write(path) as temporary:
        documents.to_disk(temporary)
    return len(documents)


def _document(article: Article, pipeline: Any) -> Any:
    from spacy.tokens import Doc

    edges = {edge for span in article.spans for edge in (span.start, span.end)}
    words, spaces = [], []
    for start, end, has_blank in _tokens(article.text, pipeline.tokenizer):
        bounds = [start, *(index for index in range(start + 1, end) if index in edges), end]
        words += [article.text[first:last] for first, last in pairwise(bounds)]
        spaces += [False] * (len(bounds) - 2) + [has_blank]
    document: Any = Doc(pipeline.vocab, words=words, spaces=spaces)
    document.ents = [document.char_span(span.start, span.end, label=span.label) for span in article.spans]
    document.user_data[RECORD_KEY] = json.dumps(record_of(article))
    return document


def _tokens(text: str, tokenizer: Any) -> Iterator[tuple[int, int, bool]]:
    """Streams the bounds of spaCy's tokens, and whether a space that belongs to the token follows."""
    position = 0
    for long in [*_LONG_WORD.finditer(text), None]:
        for token in tokenizer(text[position : long.start() if long else len(text)]):
            start = position + token.idx
            yield start, start + len(token.text), bool(token.whitespace_)
        if long:
            yield *long.span(), False
            position = long.end()
