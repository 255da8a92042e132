"""Reads delimited tables as spreadsheets write them. Detects the delimiter and the header row by the wanted columns."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from afteraction.data.errors import DataError, InputError, nearest
from afteraction.data.files import RowLines

_DELIMITERS = ",;\t|"
_HEADER_ROWS = 20
"""The number of rows that are searched for the header. Titles and blank rows may precede it."""


class _Header(NamedTuple):
    delimiter: str
    lines: int
    """The number of lines up to the end of the header row."""
    names: list[str]


def read_delimited(
    path: Path,
    columns: Sequence[str],
    *,
    compression: str | None,
    encoding: str,
    on_error: Callable[[DataError], None],
) -> Iterator[dict[str, str]]:
    """Streams the given columns of a delimited file; rows with only empty cells are skipped.

    A column's name may differ from the header's in white space, since headers may contain line ends. A row whose number
    of cells differs from the header's is reported to `on_error` and left out, since its cells may have shifted. So is a
    row with a faulty quote.

    Raises:
        InputError: a column is missing or occurs twice, or the file is not in the encoding.
    """
    with _opened(path, compression, encoding) as lines:
        header = _header(path, lines, columns)
    _check(path, header, columns)
    indices = {column: header.names.index(_name(column)) for column in columns}
    width = len(header.names)
    with _opened(path, compression, encoding) as lines:
        for number, row in _rows(path, lines, header, on_error):
            if not any(cell.strip() for cell in row):
                continue
            if len(row) < width or any(cell.strip() for cell in row[width:]):
                on_error(
                    DataError(
                        f"{path}: line {number}: {len(row)} cells where the header has {width}: is a text not in "
                        "quotes? The row is left out"
                    )
                )
                continue
            yield {column: row[index] for column, index in indices.items()}


def read_header(path: Path, columns: Sequence[str], *, compression: str | None, encoding: str) -> list[str]:
    """Returns the names in the header row of a file: the row that has the most of the given columns.

    Raises:
        InputError: the file is empty, or not in the encoding.
    """
    with _opened(path, compression, encoding) as lines:
        return _header(path, lines, columns).names


def _rows(
    path: Path, lines: io.TextIOWrapper, header: _Header, on_error: Callable[[DataError], None]
) -> Iterator[tuple[int, list[str]]]:
    """Yields the rows below the header, each with its last line's number. Reports a row with a faulty quote.

    An unclosed quote swallows the lines that follow it, up to the next quote. These lines are read again without it.
    """
    bounded = RowLines(lines.readline, name=str(path))
    unread = iter(bounded)
    for _ in range(header.lines):
        next(unread)
        bounded.row_is_read()
    done = header.lines  # the number of lines above the reader's first line
    kept: list[str] = []  # the lines of the row that is being read
    again: deque[str] = deque()  # lines to be read again

    def recorded() -> Iterator[str]:
        while line := again.popleft() if again else next(unread, ""):
            kept.append(line)
            yield line

    while True:
        rows = csv.reader(recorded(), delimiter=header.delimiter, strict=True)
        while True:
            kept.clear()
            begin = done + rows.line_num + 1
            bounded.row_is_read()
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                on_error(DataError(f"{path}: line {begin}: {error}: is a quote not closed? The row is left out"))
                if len(kept) > 1:
                    again.extendleft(reversed(kept[1:]))
                    done = begin
                    break
                continue
            yield done + rows.line_num, row


@contextmanager
def _opened(path: Path, compression: str | None, encoding: str) -> Iterator[io.TextIOWrapper]:
    """Opens a file as text. A UTF-16 byte order mark takes precedence over `encoding`."""
    try:
        known = codecs.lookup(encoding).name
    except LookupError:
        raise InputError(f"there is no encoding {encoding!r}; usual ones are utf-8 and cp1252") from None
    with pa.input_stream(str(path), compression=compression) as stream:
        content = io.BufferedReader(stream)
        mark = content.peek(2)[:2]
        if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            known = "utf-16"
        try:
            yield io.TextIOWrapper(content, encoding="utf-8-sig" if known == "utf-8" else known, newline="")
        except UnicodeDecodeError as error:
            found = error.object[error.start : error.start + 1].hex()
            raise InputError(
                f"{path}: not {known}, as it has the byte {found}: save it as UTF-8, or name its encoding, often "
                "--encoding cp1252"
            ) from None


def _header(path: Path, lines: io.TextIOWrapper, columns: Sequence[str]) -> _Header:
    """Returns the row with the most wanted columns, under any delimiter, or the first of equal ones."""
    bounded = RowLines(lines.readline, name=str(path))
    head = []
    for line in islice(bounded, _HEADER_ROWS):
        head.append(line)
        bounded.row_is_read()
    candidates = [
        _Header(delimiter, rows.line_num, [_name(cell) for cell in row])
        for delimiter in _DELIMITERS
        for rows in [csv.reader(head, delimiter=delimiter)]
        for row in rows
    ]
    if not candidates:
        raise InputError(f"{path}: an empty file")
    wanted = {_name(column).casefold() for column in columns}
    return max(
        candidates,
        key=lambda header: (len(wanted & set(map(str.casefold, header.names))), len(set(header.names))),
    )


def _check(path: Path, header: _Header, columns: Sequence[str]) -> None:
    """Checks that each column is in the header once."""
    for column in columns:
        if (count := header.names.count(_name(column))) != 1:
            if count:
                raise InputError(f"{path}: {count} columns are named {column!r}: give them different names")
            raise InputError(f"{path}: no column {column!r}; {nearest(column, filter(None, header.names))}")


def _name(cell: str) -> str:
    return " ".join(cell.split())
