"""Streams the records of tables: CSV, TSV and Parquet."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from afteraction.data.articles.article_files import OnError
from afteraction.data.articles.article_lines import KEYS
from afteraction.data.errors import DataError, InputNotice, first_line
from afteraction.data.files import RowLines, readable, row_batches
from afteraction.data.inputs.fields import ANY_FIELDS, InputFields, absent, choose_keys, names_text
from afteraction.data.inputs.records import Record
from afteraction.data.inputs.streams import Stream, not_utf8

_DELIMITERS = ",;\t|"
_LONGEST = 2**31 - 1
"""The largest limit on the characters per cell that Python's `csv` accepts on every platform."""

_COLUMN = re.compile(r"[^\W\d][\w.%/()-]*(?: [\w.%/()-]+){0,3}")
"""The name of a column, which is shorter than a sentence and without its punctuation."""
_FEWEST_COLUMNS, _FIRST_ROWS = 3, 5

_ROWS = 256
_BUFFER = 1 << 20
_ESCAPED = re.compile("[\udc80-\udcff]")
_SEPARATOR = re.compile(rb"sep=([^\r\n])\s*(?:[\r\n]|$)", re.IGNORECASE)


def is_table(head: bytes, fields: InputFields) -> bool:
    """Returns whether the first line of an input is the header of a CSV file, with the text's column.

    The line that Excel writes above a header counts as one. A single name is a header only if the user gives it. In
    prose, a space follows each comma. If it follows the commas of a header too, each name must be a single word.
    """
    if _SEPARATOR.match(head):
        return True
    line = _line(head)
    names = _cells(line, _delimiter(line, fields))
    spaced = any(name != name.strip() for name in names)
    names = [name.strip().strip('"') for name in names]
    if len(names) == 1:
        return names[0] == fields.text
    return names_text(names, fields) and not (spaced and any(" " in name for name in names))


def begins_as_table(content: bytes) -> bool:
    """Returns whether a text is a table without a column that is known to hold texts.

    Its first line holds three or more names, separated by delimiters without blanks, and its first rows have as many
    cells as that line.
    """
    start = content[:_BUFFER].strip()
    first = _line(start.partition(b"\n")[0])
    rows = csv.reader(io.StringIO(start.decode("utf-8", "replace"), newline=""), delimiter=_delimiter(first))
    try:
        header, *others = islice(filter(None, rows), _FIRST_ROWS)
    except (csv.Error, ValueError):
        return False
    named = len(header) >= _FEWEST_COLUMNS and all(map(_COLUMN.fullmatch, header))
    return named and bool(others) and all(len(row) == len(header) for row in others)


def read_csv(
    stream: Stream, *, name: str, fields: InputFields, on_error: OnError, delimiter: str | None = None
) -> Iterator[Record]:
    """Streams the rows of a CSV file with a header, as text.

    A row that has more or fewer cells than the header, has a faulty quote, or is not UTF-8 is reported and left out,
    with the lines that an open quote has made part of it. A blank row is skipped, and so is a row that repeats the
    header, as in tables that were joined. A column without a name is named by its number, and a repeated name gets its
    column's number appended. If a blank follows each delimiter of the header, those of the rows are left out too.

    Args:
        stream: the open input.
        name: its name in messages.
        fields: the columns that the user names.
        on_error: called for each faulty row, and with a notice if there are no rows, and where the header is first
            repeated.
        delimiter: the delimiter of cells; None detects it from the header.

    Raises:
        DataError: a column is missing or unclear.
    """
    csv.field_size_limit(_LONGEST)  # the default limit is 131,072 characters
    first = _line(stream.head)
    # A lone carriage return ends lines only if it ends the first one, as in Excel's CSV (Macintosh).
    ends = "" if b"\r" in stream.head.strip() else "\n"
    # A byte that is not UTF-8 is the fault of one row, so it is escaped here and reported for that row.
    file = io.TextIOWrapper(stream.file, encoding="utf-8", errors="surrogateescape", newline=ends)
    if separator := _SEPARATOR.match(stream.head):  # a line that Excel writes for itself
        file.readline()
        delimiter = separator[1].decode("ascii", "replace")
    lines = RowLines(file.readline, name=name)
    delimiter = delimiter or _delimiter(first, fields)
    following = _cells(first, delimiter)[1:]
    spaced = bool(following) and all(cell.startswith(" ") for cell in following)
    rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=spaced, strict=True)
    skipped = 1 if separator else 0
    header: tuple[str, ...] = ()
    first_row: list[str] = []
    repeated = False
    number = 0
    while True:
        line = rows.line_num + skipped + 1
        place = f"{name}: line {line}"
        try:
            lines.row_is_read()
            row = next(rows, None)
        except csv.Error as error:
            number += bool(header)
            last = rows.line_num + skipped
            what = f"Lines {line} to {last} are" if last > line else "The row is"
            on_error(DataError(f"{place}: {error}: is a quote not closed, or not doubled? {what} left out"))
            continue
        if row is None:
            if stream.head and not number:
                on_error(InputNotice(f"{name}: a table without rows"))
            return
        if not any(cell.strip() for cell in row):
            continue
        if not header:
            header = _names(" ".join(cell.split()) for cell in row)
            if fault := _not_utf8(row, header, place):
                raise fault
            _check_columns(header, fields, name)
            first_row = row
            continue
        if row[1:] == first_row[1:] and row[0].removeprefix("\ufeff") == first_row[0]:
            if not repeated:
                on_error(
                    InputNotice(f"{place}: the header again, which is left out here and below: were tables joined?")
                )
            repeated = True
            continue
        number += 1
        if len(row) != len(header) and (len(row) < len(header) or any(cell.strip() for cell in row[len(header) :])):
            on_error(
                DataError(
                    f"{place}: {len(row)} cells where the header has {len(header)}: is a text not in quotes? The row "
                    "is left out"
                )
            )
        elif fault := _not_utf8(row, header, place):
            on_error(fault)
        else:
            yield Record(number, place, dict(zip(header, row, strict=False)))


def is_annotated(path: Path) -> bool:
    """Returns whether a Parquet file holds articles in our own format, with a column for their spans.

    Raises:
        DataError: the file cannot be read.
    """
    with readable(str(path)):
        names = pq.read_schema(path).names
    return KEYS.issuperset(names) and {"id", "text", "spans"} <= set(names)


def read_parquet(path: Path, *, name: str, fields: InputFields, on_error: OnError) -> Iterator[Record]:
    """Streams the rows of a Parquet file, with one batch of rows in memory.

    A row with a value that Python cannot hold, such as a date after the year 9999, is reported and left out. A repeated
    column name gets its column's number appended.

    Raises:
        DataError: the file cannot be read, or a column is missing or unclear.
    """
    with readable(name), pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file:
        names = _names(file.schema_arrow.names)
        _check_columns(names, fields, name)
        number = 0
        for batch in row_batches(file, most=_ROWS):
            for row in _rows(_microseconds(batch).rename_columns(names)):
                number += 1
                place = f"{name}: row {number}"
                if isinstance(row, Exception):
                    on_error(DataError(f"{place}: {first_line(row)}"))
                else:
                    yield Record(number, place, row)


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | Exception]:
    """Yields each row, or the error if Python cannot represent it."""
    try:
        rows = batch.to_pylist()
    except (OverflowError, ValueError) as error:
        if len(batch) == 1:
            yield error
        else:
            for index in range(len(batch)):
                yield from _rows(batch.slice(index, 1))
    else:
        maps = [field for field in batch.schema if "map<" in str(field.type)]
        for row in rows:
            yield row | {field.name: _with_objects(row[field.name], field.type) for field in maps}


def _with_objects(value: Any, kind: pa.DataType) -> Any:
    """Returns a value of Arrow with its maps, which PyArrow gives as lists of pairs, as dicts.

    A map that has a key twice, or a key that is no single value, stays a list.
    """
    if value is None:
        return None
    if pa.types.is_map(kind):
        pairs = [(key, _with_objects(item, kind.item_type)) for key, item in value]
        values = {} if pa.types.is_nested(kind.key_type) else dict(pairs)
        return values if len(values) == len(pairs) else pairs
    if pa.types.is_struct(kind):
        return {field.name: _with_objects(value[field.name], field.type) for field in kind}
    if pa.types.is_nested(kind) and isinstance(value, list):
        return [_with_objects(item, kind.value_type) for item in value]
    return value


def _check_columns(names: tuple[str, ...], fields: InputFields, name: str) -> None:
    try:
        choose_keys(names, fields)
        for key, option in ((fields.id, "--id-key"), (fields.title, "--title-key")):
            if key is not None and key not in names:
                raise DataError(absent(key, option, names))
    except DataError as error:
        raise DataError(f"{name}: columns: {error}") from None


def _names(header: Iterable[str]) -> tuple[str, ...]:
    """Returns a unique name for each column. Spreadsheets leave some names blank and repeat others."""
    names: dict[str, None] = {}  # the names in their order, found by hash: a broken header may repeat one 100,000 times
    for number, given in enumerate(header, start=1):
        name = given or f"column {number}"
        while name in names:
            name = f"{name} {number}"
        names[name] = None
    return tuple(names)


def _line(head: bytes) -> str:
    """Returns the first line of an input, whether it ends in a line feed or a lone carriage return."""
    return head.strip().partition(b"\r")[0].decode("utf-8", "replace")


def _delimiter(line: str, fields: InputFields = ANY_FIELDS) -> str:
    """Returns the delimiter that cuts a header into the most cells, one of which names the text if possible."""

    def cut(delimiter: str) -> tuple[bool, int]:
        cells = _cells(line, delimiter)
        return len(cells) > 1 and names_text(map(str.strip, cells), fields), len(cells)

    return max(_DELIMITERS, key=cut)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _not_utf8(row: list[str], header: tuple[str, ...], place: str) -> DataError | None:
    """Returns the error about the first cell that is not UTF-8, or None if all cells are."""
    for column, cell in zip(header, row, strict=False):
        if not cell.isascii() and (found := _ESCAPED.search(cell)):
            position = len(cell[: found.start()].encode("utf-8"))
            return not_utf8(f"{place}: {column!r}", position, ord(found[0]) - 0xDC00)
    return None


def _microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Returns a batch without nanoseconds, which Python's dates cannot represent."""
    for index, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            rounded = batch.column(index).cast(pa.timestamp("us", field.type.tz), safe=False)
            batch = batch.set_column(index, field.name, rounded)
    return batch
