"""Reads the rows of a table file (CSV, TSV, JSON Lines or Parquet) as strings, and strips HTML from cells."""

import html
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from afteraction.data.errors import DataError, InputError, first_line, nearest
from afteraction.data.incidents.delimited import read_delimited

_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet")
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
    The file's name ends in .csv, .tsv or .jsonl, each optionally followed by .gz or .zst, or in .parquet.
    CSV and TSV files are read in `encoding`. Their delimiter is the one that separates the given columns, and each row
    that does not fit the header is reported to `on_error`.

    Raises:
        InputError: the file cannot be read as a table, or lacks a column; the message names the file and the column.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    compression = _COMPRESSIONS.get(path.suffix.lower())
    ending = Path(path.stem).suffix.lower() if compression else path.suffix.lower()
    if ending in _SPREADSHEETS:
        raise InputError(f"{path}: a spreadsheet: save the sheet as CSV, in UTF-8, and give that")
    if ending not in _ENDINGS or (ending == ".parquet" and compression):
        raise InputError(f"{path}: not a table; its name must end in {', '.join(_ENDINGS)}, or the first three in .gz")
    try:
        if ending == ".parquet":
            yield from _read_parquet(path, columns)
        elif ending == ".jsonl":
            yield from _read_json_lines(path, columns, compression)
        else:
            yield from read_delimited(path, columns, compression=compression, encoding=encoding, on_error=on_error)
    except (OSError, EOFError, pa.ArrowException) as error:
        raise InputError(f"{path}: cannot be read as a table: {first_line(error)}") from None


def without_html(cell: str) -> str:
    """Returns a cell without HTML tags and with character references resolved.

    Tags of paragraphs, list items and line breaks become line ends. Other angle brackets stay: "<5" is a number.
    """
    text = _INLINE.sub("", _BLOCK.sub("\n", cell))
    return _REFERENCE.sub(lambda match: html.unescape(match[0]), text)


def _read_parquet(path: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    with pq.ParquetFile(path) as file:
        _check(path, columns, file.schema_arrow.names)
        yield from _rows(file.iter_batches(columns=list(columns)))


def _read_json_lines(path: Path, columns: Sequence[str], compression: str | None) -> Iterator[dict[str, str]]:
    with pa.input_stream(str(path), compression=compression) as stream:
        for number, line in enumerate(io.BufferedReader(stream), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InputError(f"{path}: line {number}: not JSON: {error}") from None
            if not isinstance(row, dict):
                raise InputError(f"{path}: line {number}: not an object of columns")
            if number == 1:
                _check(path, columns, row)
            yield {column: _text(row.get(column)) for column in columns}


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
