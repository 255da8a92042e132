"""CoNLL files: one token and its tag per line, a blank line between sentences, marks at the start of documents.

A document's text is rebuilt by joining its tokens with spaces and its sentences with line ends. Files written by
`write_conll` have the original text in a comment `# afteraction = {...}`. A document begins at `-DOCSTART-`,
`# id = ...` or `# newdoc`. In a file without such marks, or if the caller asks for it, every sentence is an article.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError
from afteraction.data.files import atomic_write
from afteraction.data.importers.json_files import default_id
from afteraction.data.importers.raw import RawArticle, RawSpan
from afteraction.data.importers.record import RECORD_KEY, record_of, with_record
from afteraction.data.importers.tools.conll_lines import ConllColumns, DocumentMark, TokenRow, read_lines
from afteraction.data.importers.tools.conll_tags import TagScheme, detect_scheme, spans_of
from afteraction.data.importers.tools.tokens import locate_tokens, tokenize


@dataclass(frozen=True, slots=True)
class ConllLayout:
    """How to read a CoNLL file: its columns, its tag scheme, and the number of documents that it marks.

    If `documents` is 0, every sentence is an article.
    """

    columns: ConllColumns
    scheme: TagScheme
    documents: int


@dataclass(slots=True)
class _Document:
    where: str
    id: str | None = None
    record: dict[str, Any] | None = None
    sentences: list[list[TokenRow]] = field(default_factory=lambda: [[]])

    @property
    def empty(self) -> bool:
        """Whether the document has no token yet."""
        return self.sentences == [[]]


def detect_layout(
    path: Path, *, columns: ConllColumns | None = None, scheme: TagScheme | None = None, by_sentence: bool = False
) -> ConllLayout:
    """Reads a whole file to find out its layout.

    Args:
        path: a CoNLL file in UTF-8, which may be compressed.
        columns: the columns of the token and the tag; by default the first and the last.
        scheme: the tag scheme; by default the one that the tags follow.
        by_sentence: whether to make every sentence an article, even if the file marks documents.

    Raises:
        DataError: the file cannot be read; a line has too few columns or no tag; the tags follow no scheme.
    """
    columns = columns or ConllColumns()
    marks = (line for line in read_lines(path, columns) if isinstance(line, DocumentMark))
    documents = 0 if by_sentence else sum(mark.record is None for mark in marks)
    if scheme is None:
        found = _documents(path, columns, marked=documents > 0)
        sentences = (sentence for document in found for sentence in document.sentences)
        scheme = detect_scheme(sentences, name=str(path))
    return ConllLayout(columns, scheme, documents)


def read_conll(path: Path, layout: ConllLayout, *, on_error: OnError) -> Iterator[RawArticle]:
    """Streams the raw articles of a CoNLL file. A faulty document is reported to `on_error` and left out.

    Raises:
        DataError: the file cannot be read; a line has too few columns or no tag.
    """
    for document in _documents(path, layout.columns, marked=layout.documents > 0):
        try:
            yield _raw_article(document, layout.scheme)
        except DataError as error:
            on_error(DataError(f"{document.where}: {error}"))


def write_conll(articles: Iterable[Article], path: Path) -> int:
    """Writes articles in two columns, token and IOB2 tag, with one sentence per line of text; returns the number.

    Raises:
        DataError: the file cannot be written, or a label has white space.
    """
    count = 0
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        for article in articles:
            record = {"text": article.text, **record_of(article)}
            stream.write(f"# id = {' '.join(article.id.split())}\n")
            stream.write(f"# {RECORD_KEY} = {json.dumps(record, ensure_ascii=False, allow_nan=False)}\n")
            stream.writelines(_tagged_lines(article))
            stream.write("\n")
            count += 1
    return count


def _documents(path: Path, columns: ConllColumns, *, marked: bool) -> Iterator[_Document]:
    """Yields the documents of a file; without marks (or if they are to be ignored) one per sentence."""
    document = None
    for line in read_lines(path, columns):
        if isinstance(line, DocumentMark) and marked:
            # A document may have several marks in a row (an id, a record): only the first begins a new one.
            if document is not None and (not document.empty or document.record):
                yield document
                document = None
            document = document or _Document(f"{path}: line {line.number}")
            document.id = line.id or document.id
            document.record = line.record or document.record
        elif isinstance(line, TokenRow):
            document = document or _Document(f"{path}: line {line.number}")
            document.sentences[-1].append(line)
        elif document is not None and document.sentences[-1]:
            if marked:
                document.sentences.append([])
            else:
                yield document
                document = None
    if document is not None and (not document.empty or document.record):
        yield document


def _raw_article(document: _Document, scheme: TagScheme) -> RawArticle:
    sentences = [sentence for sentence in document.sentences if sentence]
    record = document.record
    text = "\n".join(" ".join(row.token for row in sentence) for sentence in sentences)
    if record is not None:
        text = record.get("text", text)
    bounds = iter(locate_tokens(text, [row.token for sentence in sentences for row in sentence]))
    spans = []
    for sentence in sentences:
        located = [next(bounds) for _ in sentence]
        spans += [
            RawSpan(located[first][0], located[stop - 1][1], label) for first, stop, label in spans_of(sentence, scheme)
        ]
    raw = RawArticle(document.id or default_id(document.where), text, tuple(spans), source=document.where)
    return with_record(raw, record)


def _tagged_lines(article: Article) -> Iterator[str]:
    """Yields one line per token, and a blank line at each line end of the text that lies outside spans."""
    spans = iter(article.spans)
    span = next(spans, None)
    previous_end = 0
    for start, end in tokenize(article):
        while span is not None and span.end <= start:
            span = next(spans, None)
        if "\n" in article.text[previous_end:start] and (span is None or start <= span.start):
            yield "\n"
        tag = "O"
        if span is not None and span.start <= start:
            if any(character.isspace() for character in span.label):
                raise DataError(f"article {article.id!r}: a tag cannot hold the white space of {span.label!r}")
            tag = f"{'B' if span.start == start else 'I'}-{span.label}"
        yield f"{article.text[start:end]}\t{tag}\n"
        previous_end = end
