"""Streams the objects of a file in any supported format.

- JSON may be one value per line, a list, or one object over several lines. If an object has no text but has a list of
  objects or pairs, the items of the list are the objects, as in `{"classes": [...], "annotations": [...]}`.
- CSV and TSV have an object per row, with the names in the header as keys. Cells that are JSON lists or objects are
  parsed, and empty cells are absent.
- Parquet, Arrow and a folder that `datasets` saved have an object per row.
- spaCy's `.spacy` (DocBin) has documents, each as `Doc.to_json` writes it.
"""

import csv
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic_core import from_json

from afteraction.data.errors import DataError, first_line
from afteraction.data.files import COMPRESSIONS, RowLines, numbered_lines, readable, row_batches
from afteraction.data.importers.record import RECORD_KEY

_COMPRESSED = {*COMPRESSIONS, ".bz2"}
_TABLES = {".csv", ".tsv"}
_ARROW = {".parquet", ".arrow"}
_TEXTS = {"text", "tokens", "data", "doctext", "content", "document", "sentences", "fields", "words", "tokenized_text"}
"""Keys of an object that is an annotated text itself, not the frame of a list."""
_FRAMED = ("annotations", "examples", "documents", "records", "rows", "data", "train", "TRAIN", "items", "articles")
"""Keys of the list in a frame."""
_SPLITS = {"train", "test", "validation", "valid", "dev"}
_ROWS_PER_BATCH = 1024
_LARGEST_VALUE = 2**30
"""The maximum number of bytes read as a whole. A few kilobytes of a compressed file can expand to this many."""

_LINE_OVERHEAD = 100
"""Bytes that Python needs for a line in memory, besides its text."""

csv.field_size_limit(2**31 - 1)  # an article may be longer than csv's 131,072 characters


def read_items(path: Path) -> Iterator[tuple[str, object]]:
    """Yields the items of a file or a folder, each with its position ("FILE: line 3"), for `parsed`.

    Raises:
        DataError: the file cannot be read, or its content does not match its name or its beginning.
    """
    ending = suffix(path)
    if path.is_dir() or ending in _ARROW:
        for file in arrow_files(path):
            yield from _rows(file)
    elif ending in _TABLES:
        yield from _cells(path)
    elif ending == ".spacy":
        yield from _docs(path)
    else:
        yield from _json_items(path)


def parsed(item: object) -> object:
    """Returns an item of `read_items`. Parses the item first if it is a line (bytes), and raises it if it is an error.

    Raises:
        DataError: the item cannot be read.
    """
    if isinstance(item, DataError):
        raise item
    if not isinstance(item, bytes):
        return item
    try:
        return from_json(item, allow_inf_nan=False)
    except ValueError as error:
        raise DataError(f"not JSON, neither a list of objects nor an object per line: {first_line(error)}") from None


def suffix(path: Path) -> str:
    """Returns the ending of a file's name in lower case, without that of its compression."""
    return (Path(path.stem) if path.suffix.lower() in _COMPRESSED else path).suffix.lower()


def arrow_files(path: Path) -> list[Path]:
    """Returns the Parquet and Arrow files of a folder and its subfolders, or the file itself.

    The files `cache-...`, which `datasets` leaves behind, are skipped.

    Raises:
        DataError: a folder has no such files, or files of several splits, such as train and test.
    """
    if not path.is_dir():
        return [path]
    files = [
        file
        for file in sorted(path.rglob("*"))
        if file.suffix.lower() in _ARROW and not file.name.startswith("cache-") and file.is_file()
    ]
    if not files:
        raise DataError(f"{path}: a folder, not a file; it has no Parquet or Arrow file")
    # A data set has its splits in folders (train/data-0.arrow) or in the names of files (train-0.parquet).
    names = (re.split(r"[-/.]", file.relative_to(path).as_posix()) for file in files)
    splits = {next((part for part in parts if part in _SPLITS), "") for parts in names}
    if len(splits) > 1:
        raise DataError(f"{path}: has the splits {', '.join(sorted(splits - {''}))}: name the folder or file of one")
    return files


@contextmanager
def open_arrow(file: Path) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """Opens a Parquet or Arrow file: its schema, and its batches of rows.

    Raises:
        DataError: the file cannot be read.
    """
    if not file.is_file():
        raise DataError(f"{file}: no such file")
    with readable(str(file)):
        if file.suffix.lower() == ".parquet":
            with pq.ParquetFile(file) as parquet:
                yield parquet.schema_arrow, row_batches(parquet, most=_ROWS_PER_BATCH)
            return
        with pa.memory_map(str(file)) as source:
            # `datasets` writes Arrow's stream format, other programs often its file format.
            begins = source.read(6)
            source.seek(0)
            if begins == b"ARROW1":
                whole = pa.ipc.open_file(source)
                yield whole.schema, map(whole.get_batch, range(whole.num_record_batches))
            else:
                stream = pa.ipc.open_stream(source)
                yield stream.schema, iter(stream)


def _rows(file: Path) -> Iterator[tuple[str, object]]:
    number = 0
    with open_arrow(file) as (_, batches):
        for batch in batches:
            for row in batch.to_pylist():
                number += 1
                yield f"{file}: row {number}", row


def _cells(path: Path) -> Iterator[tuple[str, object]]:
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    try:
        # Line ends within cells stay as they are: offsets count them.
        with pa.input_stream(str(path), compression="detect") as content:
            text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
            lines = RowLines(text.readline, name=str(path))
            first = next(iter(lines), "")
            # The header decides, not the file's name: Label Studio names its TSV .csv.
            delimiter = max(",\t", key=first.count)
            reader = csv.reader(chain([first], lines), delimiter=delimiter)
            header = next(reader, [])
            for row in reader:
                lines.row_is_read()
                where = f"{path}: line {reader.line_num}"
                if row and len(row) != len(header):
                    yield where, DataError(f"{len(row)} cells where the header has {len(header)}")
                elif row:
                    yield where, {name: _cell(cell) for name, cell in zip(header, row, strict=True) if cell}
    except (OSError, pa.ArrowException, csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {first_line(error)}") from None


def _docs(path: Path) -> Iterator[tuple[str, object]]:
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    # Imported here, since few users need it. It comes with the extra `spacy`.
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    try:
        content = path.read_bytes()
        unpacked = zlib.decompressobj()
        unpacked.decompress(content, _LARGEST_VALUE)
        if unpacked.unconsumed_tail:
            raise DataError(f"{path}: documents of more than {_LARGEST_VALUE >> 20} MB: write several files")
        docs = DocBin().from_bytes(content).get_docs(Vocab())
        for number, doc in enumerate(docs, start=1):
            yield f"{path}: document {number}", {**doc.to_json(), RECORD_KEY: doc.user_data.get(RECORD_KEY)}
    except DataError:
        raise
    except (OSError, ValueError, KeyError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read as spaCy's DocBin: {first_line(error)}") from None


def _cell(cell: str) -> Any:
    if cell[:1] not in "[{":
        return cell
    try:
        return from_json(cell)
    except ValueError:
        return cell


def _limited(path: Path, lines: Iterator[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Returns the lines if they fit in memory, and raises DataError otherwise."""
    kept: list[tuple[int, bytes]] = []
    size = 0
    for number, line in lines:
        size += len(line) + _LINE_OVERHEAD
        if size > _LARGEST_VALUE:
            raise DataError(
                f"{path}: a value over lines of more than {_LARGEST_VALUE >> 20} MB: write a record per line"
            )
        kept.append((number, line))
    return kept


def _json_items(path: Path) -> Iterator[tuple[str, object]]:
    lines = ((number, line) for number, line in numbered_lines(path) if line.strip())
    number, line = next(lines, (0, b""))
    if not number:
        return
    if line.lstrip().startswith(b"["):
        yield from _numbered(path, _parsed_list(path, b"\n".join([line, *(rest for _, rest in _limited(path, lines))])))
    elif line.lstrip().startswith(b"{") and _unfinished(line):
        rest = _limited(path, lines)
        try:
            whole = from_json(b"\n".join([line, *(more for _, more in rest)]), allow_inf_nan=False)
        except ValueError:  # an object per line, and the first is faulty
            yield from ((f"{path}: line {number}", line) for number, line in [(number, line), *rest])
        else:
            yield from _numbered(path, _listed(path, whole))
    else:
        value = _value(line)
        items = _listed(path, value)
        if items[0] is value or value is None:
            yield f"{path}: line {number}", line
        else:
            yield from _numbered(path, items)
        yield from ((f"{path}: line {number}", line) for number, line in lines)


def _numbered(path: Path, items: list[Any]) -> Iterator[tuple[str, object]]:
    return ((f"{path}: item {index}", item) for index, item in enumerate(items, start=1))


def _unfinished(line: bytes) -> bool:
    """Returns whether a line only begins an object, which continues on further lines."""
    try:
        from_json(line)
    except ValueError as error:
        return "EOF while parsing" in str(error)
    return False


def _value(line: bytes) -> Any:
    try:
        return from_json(line)
    except ValueError:
        return None


def _listed(path: Path, value: Any) -> list[Any]:
    """Returns the items that an object frames, or the object as the only item.

    Raises:
        DataError: the object frames several splits, such as train and test.
    """
    if not isinstance(value, dict):
        return [value]
    for key in _FRAMED:
        found = value.get(key)
        items = [item for item in found if item is not None] if isinstance(found, list) else []
        if items and not _TEXTS & value.keys() - {key} and all(isinstance(item, dict | list) for item in items):
            lists = sorted(name for name, part in value.items() if part and isinstance(part, list))
            splits = [name for name in lists if name.lower() in _SPLITS]
            if key in splits and len(splits) > 1:
                raise DataError(f"{path}: has the splits {', '.join(splits)}: write each to a file of its own")
            return items
    if value and all(isinstance(item, dict) and _TEXTS & item.keys() for item in value.values()):
        return [{"id": key, **item} for key, item in value.items()]
    return [value]


def _parsed_list(path: Path, content: bytes) -> Any:
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise DataError(f"{path}: begins as a list, but is not JSON: {first_line(error)}") from None
