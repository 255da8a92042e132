"""Reads and writes article files as streams: JSON Lines (plain, gzip or zstd) and Parquet.

`FORMATS`, at the end, has one entry per format.
"""

import codecs
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic_core import from_json

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_lines import article_from_record, format_article, parse_article, record_of
from afteraction.data.errors import DataError, clip, nearest
from afteraction.data.files import COMPRESSIONS, atomic_write, bounded_lines, readable, row_batches

_ROWS_PER_BATCH = 1024

_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.large_string()),
        (
            "spans",
            pa.list_(
                pa.struct(
                    [
                        ("start", pa.int64()),
                        ("end", pa.int64()),
                        ("label", pa.string()),
                        ("entity", pa.string()),
                        ("score", pa.float64()),
                        ("text", pa.string()),
                    ]
                )
            ),
        ),
        ("death_toll", pa.struct([("low", pa.int64()), ("high", pa.int64())])),
        ("death_toll_score", pa.float64()),
        (
            "entities",
            pa.list_(
                pa.struct(
                    [
                        ("id", pa.string()),
                        ("label", pa.string()),
                        ("name", pa.string()),
                        ("mentions", pa.list_(pa.string())),
                        ("score", pa.float64()),
                    ]
                )
            ),
        ),
        ("meta", pa.string()),  # as JSON, since its keys are free and a Parquet file has one schema
        ("unknown_labels", pa.list_(pa.string())),
    ]
)

OnError = Callable[[DataError], None]
"""A function that is called with each error instead of the error being raised."""


def is_article_file(path: Path) -> bool:
    """Returns whether a file's suffix is that of an article file."""
    return path.name.lower().endswith(SUFFIXES)


def read_articles(path: str | Path, *, on_error: OnError | None = None) -> Iterator[Article]:
    """Streams the articles of a JSON Lines or Parquet file.

    Blank lines are skipped. A faulty line or row raises an error. If `on_error` is given, it is called with the error
    instead, and the line or row is skipped.

    Raises:
        DataError: the file cannot be read, is not an article file by its suffix, or has a faulty line or row. The
            message names the file and the line or row, counted from 1.
    """
    path = Path(path)
    file_format = _format_of(path)
    if file_format is None:
        raise DataError(f"{path}: not an article file; its name must end in {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    with readable(str(path)):
        yield from file_format.read(path, on_error or _raise)


def write_articles(articles: Iterable[Article], path: str | Path, *, durable: bool = False) -> int:
    """Writes articles to a file in the format of its suffix, and returns their number.

    The file is written atomically: if an error occurs, even in the iterator of articles, an existing file is left
    unchanged.

    Args:
        articles: the articles, read once.
        path: the file to write.
        durable: whether the file must survive a power cut; syncing it takes milliseconds.

    Raises:
        DataError: the suffix is not that of an article file, or the file cannot be written.
    """
    path = Path(path)
    file_format = _format_of(path)
    if file_format is None:
        raise DataError(f"{path}: cannot tell the format; let its name end in {', '.join(SUFFIXES)}")
    with atomic_write(path, durable=durable) as temporary:
        return file_format.write(articles, temporary, _compression_of(path))


def _format_of(path: Path) -> "Format | None":
    return next((entry for entry in FORMATS if path.name.lower().endswith(entry.suffixes)), None)


def _compression_of(path: Path) -> str | None:
    return COMPRESSIONS.get(path.suffix.lower())


def _read_json_lines(path: Path, on_error: OnError) -> Iterator[Article]:
    with pa.input_stream(str(path), compression=_compression_of(path)) as stream:
        # Split at line feeds only: a JSON string may contain the other line-end characters of Unicode.
        for number, line in enumerate(bounded_lines(io.BufferedReader(stream), name=str(path)), start=1):
            line = line.removeprefix(codecs.BOM_UTF8).strip()
            if not line:
                continue
            try:
                yield parse_article(line)
            except DataError as error:
                on_error(_located(f"{path}: line {number}", error))


def _read_parquet(path: Path, on_error: OnError) -> Iterator[Article]:
    with pq.ParquetFile(path) as file:
        for column in file.schema_arrow.names:
            if column not in _SCHEMA.names:
                raise DataError(f"{path}: unknown column {column!r}; {nearest(column, _SCHEMA.names)}")
        number = 0
        for batch in row_batches(file, most=_ROWS_PER_BATCH):
            for row in batch.to_pylist():
                number += 1
                try:
                    yield _article_of_row(row)
                except DataError as error:
                    on_error(_located(f"{path}: row {number}", error))


def _article_of_row(row: dict[str, Any]) -> Article:
    row = {name: value for name, value in row.items() if value is not None}
    if "meta" in row:
        try:
            row["meta"] = from_json(row["meta"])
        except (ValueError, TypeError):
            raise DataError(f"meta: {clip(repr(row['meta']))} is not JSON") from None
    return article_from_record(row)


def _write_json_lines(articles: Iterable[Article], path: Path, compression: str | None) -> int:
    count = 0
    with pa.output_stream(str(path), compression=compression) as stream:
        for article in articles:
            stream.write(format_article(article).encode() + b"\n")
            count += 1
    return count


def _write_parquet(articles: Iterable[Article], path: Path, compression: str | None) -> int:
    del compression  # a Parquet file compresses its own columns
    count = 0
    rows: list[dict[str, Any]] = []
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
        for article in articles:
            record = record_of(article)
            rows.append(record | {"meta": json.dumps(record.get("meta", {}), ensure_ascii=False, allow_nan=False)})
            count += 1
            if len(rows) == _ROWS_PER_BATCH:
                writer.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA))
                rows = []
        writer.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA))
    return count


def _located(location: str, error: DataError) -> DataError:
    """Returns the error prefixed with its location. The original, which may carry span faults, is its cause."""
    located = DataError(f"{location}: {error}")
    located.__cause__ = error
    located.article = error.article
    return located


def _raise(error: DataError) -> None:
    raise error


class Format(NamedTuple):
    """A file format: the suffixes of its files, how to read a file, and how to write one.

    `write` takes the articles, the path and Arrow's name for the compression or None. It returns the number of
    articles. The compression is passed since the path may be a temporary one without the file's own suffix.
    """

    suffixes: tuple[str, ...]
    read: Callable[[Path, OnError], Iterator[Article]]
    write: Callable[[Iterable[Article], Path, str | None], int]


FORMATS = (
    Format((".jsonl", *(f".jsonl{suffix}" for suffix in COMPRESSIONS)), _read_json_lines, _write_json_lines),
    Format((".parquet",), _read_parquet, _write_parquet),
)

SUFFIXES = tuple(suffix for entry in FORMATS for suffix in entry.suffixes)
"""The suffixes of article files."""
