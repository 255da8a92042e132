"""Groups the lines of a CoNLL file into sentences and documents of tagged tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from afteraction.data.errors import DataError, clip
from afteraction.data.importers.tools.conll_lines import ConllColumns, DocumentMark, SentenceText, TokenLine, read_lines
from afteraction.data.importers.tools.conll_tags import TagScheme, TokenRow, Word, parse_tag

WORD_ID = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+)|(?P<empty>\.\d+))?")
"""CoNLL-U's id of a word, a range (`1-2`) or an empty node (`8.1`)."""

_JOINED = {"SpaceAfter=No", "NoSpaceAfter"}


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file's lines, their number, and whether the first has the word ids of CoNLL-U."""

    columns: ConllColumns
    width: int
    ids: bool = False


@dataclass(slots=True)
class Sentence:
    """The tagged tokens of a sentence, with the text that the file gives for it."""

    rows: list[TokenRow] = field(default_factory=list)
    text: str | None = None


@dataclass(slots=True)
class Document:
    """A document of a file. If one of its lines cannot be read, `fault` is the error message."""

    where: str
    id: str | None = None
    record: dict[str, Any] | None = None
    sentences: list[Sentence] = field(default_factory=lambda: [Sentence()])
    fault: str | None = None
    left_out: list[str] = field(default_factory=list)
    """Tags that are not read: all but the first in a cell, and those of empty nodes."""

    @property
    def empty(self) -> bool:
        """Returns whether the document has no token yet."""
        return self.fault is None and not any(sentence.rows for sentence in self.sentences)


def cells_of(line: TokenLine, width: int) -> tuple[str, ...] | None:
    """Returns the cells of a line in a file of `width` columns, or None if their number differs.

    A line that begins with white space and lacks one column has an empty token: in some corpora, tokens are white
    space.
    """
    if len(line.cells) == width:
        return line.cells
    if len(line.squeezed) == width:
        return line.squeezed
    if line.indented and len(line.squeezed) == width - 1 > 0:
        return ("", *line.squeezed)
    return None


def read_documents(path: Path, table: Table, scheme: TagScheme | None, *, marked: bool) -> Iterator[Document]:
    """Yields the documents of a file, one at each mark if `marked`, otherwise one per sentence.

    Raises:
        DataError: the file cannot be read, or a record in it is invalid.
    """
    document: Document | None = None
    text: str | None = None  # the text of the next sentence
    words = _Words()
    for line in read_lines(path):
        if isinstance(line, SentenceText):
            text = line.text
        elif isinstance(line, DocumentMark):
            # A document may have several marks in a row (an id, a record): only the first begins a new one.
            if marked:
                if document is not None and (not document.empty or document.record):
                    yield _finished(document)
                    document = None
                document = document or Document(f"{path}: line {line.number}")
                document.id = line.id or document.id
                document.record = line.record or document.record
        elif isinstance(line, TokenLine):
            cells = cells_of(line, table.width)
            if line.comment and not (cells and _is_tagged(cells[table.columns.tag])):
                continue
            document = document or Document(f"{path}: line {line.number}")
            sentence = document.sentences[-1]
            sentence.text, text = (sentence.text, text) if text is None else (text, None)
            try:
                words.add(_row(line, cells, table, scheme, document), cells or (), table, document)
            except DataError as error:
                document.fault = document.fault or f"{path}: line {line.number}: {error}"
        else:
            words = _Words()
            if document is not None and (document.sentences[-1].rows or document.fault):
                if marked:
                    document.sentences.append(Sentence())
                else:
                    yield _finished(document)
                    document = None
    if document is not None and (not document.empty or document.record):
        yield _finished(document)


class _Words:
    """Adds the rows of a sentence, with the range that each belongs to."""

    def __init__(self) -> None:
        self._open: Word | None = None

    def add(self, row: TokenRow, cells: tuple[str, ...], table: Table, document: Document) -> None:
        found = WORD_ID.fullmatch(cells[0]) if table.ids else None
        if found and found["empty"]:
            if row.label:
                document.left_out.append(f"{row.prefix}-{row.label} of the empty node {cells[0]} in line {row.number}")
            return
        if found and found["last"]:
            self._open = Word(row, int(found["last"]))
            return
        if found and self._open is not None and int(found["first"]) > self._open.last:
            self._open = None
        document.sentences[-1].rows.append(replace(row, whole=self._open))


def _row(
    line: TokenLine, cells: tuple[str, ...] | None, table: Table, scheme: TagScheme | None, document: Document
) -> TokenRow:
    if cells is None:
        raise DataError(
            f"has {len(line.cells)} column(s), where most lines have {table.width}: is there a blank in a token, or a "
            "cell missing?"
        )
    cell = cells[table.columns.tag]
    tag = parse_tag(cell, scheme)
    if tag is None:
        raise DataError(
            f"the tag {clip(cell)!r} is neither O nor like B-LABEL (--columns says where the tag is; "
            "give --scheme io if labels have no B and I)"
        )
    first, others = tag
    document.left_out += [f"{other} in line {line.number}" for other in others]
    joined = any(_JOINED & set(cell.split("|")) for cell in cells[1:])
    return TokenRow(line.number, cells[table.columns.token], first.prefix, first.label, joined)


def _is_tagged(cell: str) -> bool:
    """Returns whether a line that begins with `#` holds a token, judged by its tag cell."""
    tag = parse_tag(cell)
    return tag is not None and (bool(tag[0].label) or cell == "O")


def _finished(document: Document) -> Document:
    """Merges the tokens of each range that is tagged while its tokens are not."""
    for sentence in document.sentences:
        tagged = {id(row.whole) for row in sentence.rows if row.whole and row.label}
        rows: list[TokenRow] = []
        for row in sentence.rows:
            word = row.whole
            if word is None or not word.row.label or id(word) in tagged:
                rows.append(row)
            elif not rows or rows[-1] is not word.row:
                rows.append(word.row)
        sentence.rows = rows
    return document
