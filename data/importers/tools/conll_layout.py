"""Detects the layout of a CoNLL file: its columns, its scheme, and how it marks documents."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from afteraction.data.errors import DataError, clip
from afteraction.data.importers.tools.conll_documents import WORD_ID, Table, cells_of, read_documents
from afteraction.data.importers.tools.conll_lines import ConllColumns, DocumentMark, TokenLine, read_lines
from afteraction.data.importers.tools.conll_tags import TagScheme, detect_scheme, parse_tag


@dataclass(frozen=True, slots=True)
class ConllLayout:
    """How to read a CoNLL file: its columns, its tag scheme, and the number of documents that it marks.

    If `documents` is 0, every sentence is an article. `other_tags` describes the other columns that have tags.
    """

    table: Table
    scheme: TagScheme
    documents: int
    other_tags: tuple[str, ...] = ()


@dataclass(slots=True)
class _Column:
    """Counts of the tags and other cells of a column, with examples."""

    tags: int = 0
    others: int = 0
    example: str = ""
    first_other: tuple[int, str] = (0, "")
    """The line number and the cell."""


def detect_layout(
    path: Path, *, columns: ConllColumns | None = None, scheme: TagScheme | None = None, by_sentence: bool = False
) -> ConllLayout:
    """Reads a whole file to detect its layout.

    Without `columns`, the token is in the first column, or in the second if the first has the word ids of CoNLL-U. The
    tag is in the only column whose cells are all tags, otherwise in the last column.

    Args:
        path: a CoNLL file in UTF-8, which may be compressed.
        columns: the columns of the token and the tag.
        scheme: the tag scheme; by default the one that the tags follow.
        by_sentence: whether to make every sentence an article, even if the file marks documents.

    Raises:
        DataError: the file cannot be read, has too few columns or none with tags, or its tags follow no scheme.
    """
    documents, width = _documents_and_width(path)
    if columns is not None and width and width <= max(columns.token, columns.tag):
        raise DataError(f"{path}: its lines have {width} column(s), fewer than --columns names")
    table, others = _table(path, width, columns, scheme)
    marked = 0 if by_sentence else documents
    if scheme is None:
        found = read_documents(path, table, None, marked=marked > 0)
        sentences = (sentence.rows for document in found if not document.fault for sentence in document.sentences)
        scheme = detect_scheme(sentences, name=str(path))
    return ConllLayout(table, scheme, marked, others)


def _documents_and_width(path: Path) -> tuple[int, int]:
    """Returns the number of marked documents, and the most frequent number of columns, or the first of equals."""
    documents = 0
    widths: Counter[int] = Counter()
    comments: Counter[int] = Counter()
    first: TokenLine | None = None
    for line in read_lines(path):
        if isinstance(line, DocumentMark):
            documents += line.record is None
        elif isinstance(line, TokenLine) and line.comment:
            comments[len(line.cells)] += parse_tag(line.cells[-1]) is not None
        elif isinstance(line, TokenLine):
            first = first or line
            widths[len(line.cells)] += 1
    widths = widths or +comments
    width = widths.most_common(1)[0][0] if widths else 0
    if first is not None and width < 2:
        raise DataError(f"{path}: line {first.number}: has {width} column(s), but needs a token and a tag")
    return documents, width


def _table(
    path: Path, width: int, columns: ConllColumns | None, scheme: TagScheme | None
) -> tuple[Table, tuple[str, ...]]:
    """Returns the columns of a file, and a description of the others that have tags."""
    found = [_Column() for _ in range(width)]
    ids = width > 2
    for number, cells in _rows(path, width):
        ids = ids and WORD_ID.fullmatch(cells[0]) is not None
        for column, cell in zip(found, cells, strict=True):
            parsed = parse_tag(cell)
            if parsed is None:
                column.others += 1
                column.first_other = column.first_other if column.first_other[0] else (number, cell)
            elif parsed[0].label:
                column.tags += 1
                column.example = column.example or cell
    tagged = [index for index, column in enumerate(found) if column.tags and not column.others]
    if columns is None:
        token = int(ids)
        likely = [index for index in tagged if index != token]
        if len(likely) > 1 and width - 1 not in likely:
            names = ", ".join(f"{index + 1} ({found[index].example})" for index in likely)
            raise DataError(f"{path}: the columns {names} have tags: name the one to read with --columns")
        columns = ConllColumns(token, likely[0] if len(likely) == 1 else width - 1)
    tag = columns.tag % width if width else columns.tag
    if width and scheme is not TagScheme.IO and found[tag].others and not found[tag].tags:
        line, cell = found[tag].first_other
        raise DataError(
            f"{path}: line {line}: the tag {clip(cell)!r} is neither O nor like B-LABEL (--columns says where the tag "
            "is; give --scheme io if labels have no B and I)"
        )
    others = tuple(
        f"column {index + 1}, as in {found[index].example}"
        for index in tagged
        if index not in (tag, columns.token % width)
    )
    return Table(ConllColumns(columns.token, tag), width, ids and columns.token != 0), others


def _rows(path: Path, width: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    for line in read_lines(path):
        if isinstance(line, TokenLine) and not line.comment and (cells := cells_of(line, width)):
            yield line.number, cells
