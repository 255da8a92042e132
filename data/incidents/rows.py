"""Reads the rows of a table file (CSV, TSV, JSON or Parquet) as strings, and strips HTML from cells."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from afteraction.data.errors import DataError, InputError, nearest
from afteraction.data.files import COMPRESSIONS, readable, row_batches
from afteraction.data.importers.items import parsed, read_items
from afteraction.data.incidents.delimited import read_delimited, read_header

_JSON = (".jsonl", ".ndjson", ".json")
_ENDINGS = (".csv", ".tsv", *_JSON, ".parquet")
_BATCH_ROWS = 1024
_FIRST_ROWS = 100
"""The number of rows of a JSON file from which its columns are collected."""
_SPREADSHEETS = (".xlsx", ".xls", ".ods", ".numbers")

_BLOCK = re.compile(r"</?(?:br|p|div|li|ul|ol|h[1-6]|tr|table|blockquote)\b[^<>]*>", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:a|abbr|b|cite|em|font|i|small|span|strong|su[bp]|t[dh]|u)\b[^<>]*>", re.IGNORECASE)
# The semicolon is required: without it, "&para" in a URL would become a character too.
_REFERENCE = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]+\d*);", re.IGNORECASE)


def read_rows(
    path: Path, columns: Sequence[str], *, on_error: Callable[[DataError], None], encoding: str = "utf-8"
) -> Iterator[dict[str, str]]:
    """Streams the given columns of a table's rows as strings.

    An empty cell is an empty string, and a whole number has no decimal point.
    The file's name ends in .csv, .tsv, .json, .jsonl or .ndjson, each optionally followed by .gz or .zst, or in
    .parquet. CSV and TSV files are read in `encoding`; their delimiter is detected by the given columns. A JSON file
    has an object per row: one per line, a list, or a list under `data`, as in the response of ACLED's API. Each row
    that cannot be read is reported to `on_error`.

    Raises:
        InputError: the file cannot be read as a table, or lacks a column; the message names the file and the column.
    """
    ending, compression = _kind(path)
    with readable(str(path), as_what=" as a table"):
        if ending == ".parquet":
            yield from _read_parquet(path, columns)
        elif ending in _JSON:
            yield from _read_json(path, columns, on_error)
        else:
            yield from read_delimited(path, columns, compression=compression, encoding=encoding, on_error=on_error)


def known_columns(path: Path, wanted: Sequence[str], *, encoding: str = "utf-8") -> dict[str, str]:
    """Returns the wanted columns that a table has, each mapped to its name in the table, regardless of case.

    Raises:
        InputError: the file cannot be read as a table; for JSON, because none of its items is a row.
    """
    ending, compression = _kind(path)
    with readable(str(path), as_what=" as a table"):
        if ending == ".parquet":
            with pq.ParquetFile(path) as file:
                names = list(file.schema_arrow.names)
        elif ending in _JSON:
            faults: list[DataError] = []
            names = list(_keys(islice(_objects(path, faults.append), _FIRST_ROWS)))
            if faults and not names:
                raise InputError(str(faults[0]))
        else:
            names = read_header(path, wanted, compression=compression, encoding=encoding)
    folded = {name.casefold(): name for name in reversed(names)}
    return {column: folded[column.casefold()] for column in wanted if column.casefold() in folded}


def _kind(path: Path) -> tuple[str, str | None]:
    """Returns the ending of a table's name and its compression."""
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    compression = COMPRESSIONS.get(path.suffix.lower())
    ending = Path(path.stem).suffix.lower() if compression else path.suffix.lower()
    if ending in _SPREADSHEETS:
        raise InputError(f"{path}: a spreadsheet: save the sheet as CSV, in UTF-8, and give that")
    if ending not in _ENDINGS or (ending == ".parquet" and compression):
        raise InputError(
            f"{path}: not a table; its name must end in {', '.join(_ENDINGS)}, all but the last also with .gz or .zst"
        )
    return ending, compression


def without_html(cell: str) -> str:
    """Returns a cell without HTML tags and with character references resolved.

    Tags of paragraphs, list items and line breaks become line ends. Other angle brackets are kept: "<5" is a number.
    """
    text = _INLINE.sub("", _BLOCK.sub("\n", cell))
    return _REFERENCE.sub(lambda match: html.unescape(match[0]), text)


def _read_parquet(path: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    with pq.ParquetFile(path) as file:
        _check(path, columns, file.schema_arrow.names)
        yield from _rows(row_batches(file, most=_BATCH_ROWS, columns=list(columns)))


def _read_json(path: Path, columns: Sequence[str], on_error: Callable[[DataError], None]) -> Iterator[dict[str, str]]:
    rows = _objects(path, on_error)
    # A row may omit keys without a value, so a single row does not show all columns.
    first = list(islice(rows, _FIRST_ROWS))
    if first:
        _check(path, columns, _keys(first))
    for row in chain(first, rows):
        yield {column: _text(row.get(column)) for column in columns}


def _objects(path: Path, on_error: Callable[[DataError], None]) -> Iterator[dict[str, Any]]:
    for where, item in read_items(path):
        try:
            row = parsed(item)
            if not isinstance(row, dict):
                raise DataError("not an object of columns")
        except DataError as error:
            on_error(DataError(f"{where}: {error}"))
        else:
            yield row


def _keys(rows: Iterable[dict[str, Any]]) -> Iterable[str]:
    return dict.fromkeys(key for row in rows for key in row)


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[dict[str, str]]:
    for batch in batches:
        for row in batch.to_pylist():
            yield {column: _text(value) for column, value in row.items()}


def _check(path: Path, columns: Sequence[str], known: Iterable[str]) -> None:
    known = list(known)
    for column in columns:
        if column not in known:
            raise InputError(f"{path}: no column {column!r}; {nearest(column, known)}")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
