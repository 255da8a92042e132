"""CoNLL files: one token and its tag per line, a blank line between sentences, marks at the start of documents.

A sentence's text is that of `# text = ...` if its tokens are found in it. Otherwise, it is rebuilt by joining the
tokens with spaces, except after `SpaceAfter=No`; sentences are joined with line ends. Files written by `write_conll`
have the original text in a comment `# afteraction = {...}`. A document begins at `-DOCSTART-`, `# id = ...` or
`# newdoc`. In a file without such marks, or if the caller asks for it, every sentence is an article.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from pathlib import Path

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError
from afteraction.data.files import atomic_write
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.json_files import default_id
from afteraction.data.importers.raw import RawArticle, RawSpan
from afteraction.data.importers.record import RECORD_KEY, record_of, with_record
from afteraction.data.importers.tools.conll_documents import Document, Sentence, read_documents
from afteraction.data.importers.tools.conll_layout import ConllLayout
from afteraction.data.importers.tools.conll_tags import Tag, TagScheme, TokenRow, parse_tag, spans_of
from afteraction.data.importers.tools.tokens import locate_tokens, tokenize, unescaped


def read_conll(path: Path, layout: ConllLayout, *, log: ImportLog, on_error: OnError) -> Iterator[RawArticle]:
    """Streams the raw articles of a CoNLL file. A faulty document is reported to `on_error` and left out.

    Raises:
        DataError: the file cannot be read.
    """
    for column in layout.other_tags:
        log.add("columns of tags left out, one of which --columns can choose", column)
    for document in read_documents(path, layout.table, layout.scheme, marked=layout.documents > 0):
        if document.fault:
            on_error(DataError(document.fault))
            continue
        for tag in document.left_out:
            log.add("tags left out that are not the first of their cell, or of an empty node", f"{path}: {tag}")
        try:
            yield _raw_article(document, layout.scheme, log)
        except DataError as error:
            on_error(DataError(f"{document.where}: {error}"))


def write_conll(articles: Iterable[Article], path: Path) -> int:
    """Writes articles in two columns, token and IOB2 tag, with one sentence per line of text. Returns their number.

    Raises:
        DataError: the file cannot be written, or a label has white space or would be read as several.
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


def _raw_article(document: Document, scheme: TagScheme, log: ImportLog) -> RawArticle:
    sentences = [sentence for sentence in document.sentences if sentence.rows]
    words = [_words(sentence.rows) for sentence in sentences]
    record = document.record
    if record is not None and "text" in record:
        text = record["text"]
        located = iter(locate_tokens(text, [word.token for sentence in words for word, _ in sentence]))
        bounds = [[next(located) for _ in sentence] for sentence in words]
    else:
        text, bounds = "", []
        for sentence, its_words in zip(sentences, words, strict=True):
            part, its_bounds = _sentence_text(sentence, [word for word, _ in its_words], document.where, log)
            text += "\n" * bool(bounds)
            bounds.append([(len(text) + start, len(text) + end) for start, end in its_bounds])
            text += part
    spans: list[RawSpan] = []
    for sentence, its_words, its_bounds in zip(sentences, words, bounds, strict=True):
        edges = [
            edge
            for (_, rows), bound in zip(its_words, its_bounds, strict=True)
            for edge in _row_bounds(rows, bound, text)
        ]
        for first, stop, label in spans_of(sentence.rows, scheme):
            spans.append(RawSpan(edges[first][0], edges[stop - 1][1], label))
    raw = RawArticle(document.id or default_id(document.where), text, tuple(spans), source=document.where)
    return with_record(raw, record)


def _words(rows: list[TokenRow]) -> list[tuple[TokenRow, list[TokenRow]]]:
    """Groups rows by the word of the text that they belong to: the word of their range, or their own."""
    words: list[tuple[TokenRow, list[TokenRow]]] = []
    for row in rows:
        word = row if row.whole is None else row.whole.row
        if row.whole is not None and words and words[-1][0] is word:
            words[-1][1].append(row)
        else:
            words.append((word, [row]))
    return words


def _row_bounds(rows: list[TokenRow], bound: tuple[int, int], text: str) -> list[tuple[int, int]]:
    """Returns the offsets of a word's tokens: a part for each, or the whole word if they do not add up to it."""
    start, end = bound
    if len(rows) == 1 or "".join(row.token for row in rows) != text[start:end]:
        return [bound] * len(rows)
    edges = list(accumulate((len(row.token) for row in rows), initial=start))
    return list(pairwise(edges))


def _sentence_text(
    sentence: Sentence, words: list[TokenRow], where: str, log: ImportLog
) -> tuple[str, list[tuple[int, int]]]:
    """Returns a sentence's text and the offsets of its words, from the file's text or from the words."""
    if sentence.text is not None:
        try:
            return sentence.text, locate_tokens(sentence.text, [word.token for word in words])
        except DataError as error:
            log.add("sentences whose # text is not that of their tokens, which count", f"{where}: {error}")
    text = ""
    bounds = []
    for word in words:
        surface = unescaped(word.token)
        bounds.append((len(text), len(text) + len(surface)))
        text += surface + " " * (not word.joined)
    return text.removesuffix(" ") if words and not words[-1].joined else text, bounds


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
            tag = f"{'B' if span.start == start else 'I'}-{span.label}"
            if any(character.isspace() for character in span.label):
                raise DataError(f"article {article.id!r}: a tag cannot hold the white space of {span.label!r}")
            if parse_tag(tag) != (Tag(tag[0], span.label), ()):
                raise DataError(f"article {article.id!r}: {tag!r} would be read as another tag: rename the label")
        yield f"{article.text[start:end]}\t{tag}\n"
        previous_end = end
