"""The flat table of labelled articles: one row per article, for spreadsheets and data frames."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from afteraction.data import (
    DEATH_TOLL,
    LABELS,
    LOCATION,
    PERPETRATOR,
    TARGET,
    Article,
    DataError,
    Entity,
    read_articles,
)
from afteraction.data.articles.article import LARGEST_COUNT
from afteraction.data.files import atomic_write, batched
from afteraction.model.archive.manifest import part_path, read_manifest
from afteraction.model.record import link_entities

_COLUMNS = {PERPETRATOR: "who", TARGET: "whom", LOCATION: "where"}
"""The column of each default label. Any other label has a column under its own name."""

_ROWS = 1024
"""The number of rows that are written to Parquet at a time."""

_SEPARATOR = "; "

_FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
"""The beginning of a cell that a spreadsheet may interpret as a formula."""

_LONG = pa.decimal128(19)
"""Stands for the type of a column of whole numbers that has one which a float cannot represent, until it is final."""

_EXACT = 2**53
"""Floats represent all whole numbers up to this one."""

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")

Cell = str | int | float | bool | None
Row = dict[str, Cell]
Key = tuple[str, ...]
"""The keys that lead to a value in `meta`."""


def write_table(source: Path, output: Path, *, on_error: Callable[[DataError], None]) -> int:
    """Writes the flat table of an article file or of a run's folder, and returns the number of rows.

    Reads the source twice: once for the columns, since each key of `meta` has one, and once for the rows. The articles
    are not held in memory.

    Args:
        source: an article file, or the folder of a run. If the run is unfinished, the parts that are done are used.
        output: the file to write, `.csv` or `.parquet`.
        on_error: called with an error for each faulty article, which is left out.

    Raises:
        DataError: the source cannot be read, or the output cannot be written or is of another format.
    """
    write = {".csv": _write_csv, ".parquet": _write_parquet}.get(output.suffix.lower())
    if write is None:
        raise DataError(f"{output}: cannot tell the format of the table; let its name end in .csv or .parquet")
    files = _files(source)
    columns = _Columns(_articles(files, on_error=lambda _error: None))
    rows = map(columns.row, _articles(files, on_error=on_error))
    with atomic_write(output) as temporary:
        return write(columns.types, rows, temporary)


def flat_table(articles: Iterable[Article], *, labels: Iterable[str] = ()) -> pa.Table:
    """Returns the flat table of labelled articles as a PyArrow table, with the columns of `write_table`.

    Holds all articles in memory.

    Args:
        articles: labelled articles.
        labels: labels that have a column even if no article has them, such as a tagger's. All default labels have one
            unless there are other labels.
    """
    articles = list(articles)
    columns = _Columns(articles, labels=labels)
    return pa.Table.from_pylist(
        [columns.row(article) for article in articles], schema=pa.schema(list(columns.types.items()))
    )


def _files(source: Path) -> list[Path]:
    if not source.is_dir():
        return [source]
    manifest = read_manifest(source)
    if manifest.result is not None:
        return [part_path(source, manifest, part.number) for part in manifest.result.parts]
    paths = source.glob(f"part-*.{manifest.settings['format']}")
    return sorted(paths, key=lambda path: (len(path.name), path.name))


def _articles(files: Iterable[Path], *, on_error: Callable[[DataError], None]) -> Iterator[Article]:
    return chain.from_iterable(read_articles(file, on_error=on_error) for file in files)


class _Columns:
    """The columns of a table, and the conversion of articles to rows."""

    def __init__(self, articles: Iterable[Article], *, labels: Iterable[str] = ()) -> None:
        meta: dict[Key, pa.DataType | None] = {}
        found = dict.fromkeys(labels)
        for article in articles:
            found |= dict.fromkeys(entity.label for entity in _entities(article))
            for key, value in _flatten(article.meta):
                meta[key] = _common(meta.get(key), _type_of(value))
        shown = LABELS if found.keys() <= set(LABELS) else tuple(found)
        types = {"id": pa.string()}
        self._labels: dict[str, str] = {}
        for label in shown:
            if label != DEATH_TOLL:
                self._labels[label] = _new_name(_COLUMNS.get(label, label.lower()), types, prefix="label")
                types |= {self._labels[label]: pa.string(), f"{self._labels[label]}_score": pa.float64()}
        types |= {"toll_low": pa.int64(), "toll_high": pa.int64(), "toll_score": pa.float64()}
        self._meta: dict[Key, str] = {}
        for key, kind in meta.items():
            self._meta[key] = _new_name("_".join(key), types, prefix="meta")
            types[self._meta[key]] = pa.int64() if kind == _LONG else kind or pa.string()
        self.types: Mapping[str, pa.DataType] = types
        """The type of each column, by its name."""

    def row(self, article: Article) -> Row:
        """Returns the row of an article."""
        row: Row = dict.fromkeys(self.types)
        row["id"] = article.id
        entities = _entities(article)
        for label, column in self._labels.items():
            names = [" ".join(entity.name.split()) for entity in entities if entity.label == label]
            row[column] = _SEPARATOR.join(names) or None
            row[f"{column}_score"] = _best(entity.score for entity in entities if entity.label == label)
        if article.death_toll is not None:
            row |= {"toll_low": article.death_toll.low, "toll_high": article.death_toll.high}
        row["toll_score"] = article.death_toll_score
        for key, value in _flatten(article.meta):
            column = self._meta[key]
            row[column] = _as_type(value, self.types[column])
        return row


def _entities(article: Article) -> tuple[Entity, ...]:
    """Returns an article's entities. If it lists none, as in annotation, they are made from its spans."""
    return article.entities or link_entities(article.text, article.spans)[1]


def _best(scores: Iterable[float | None]) -> float | None:
    return max((score for score in scores if score is not None), default=None)


def _flatten(meta: Mapping[str, Any], *, above: Key = ()) -> Iterator[tuple[Key, Any]]:
    """Yields the values of nested mappings, each with the keys that lead to it."""
    for key, value in meta.items():
        if isinstance(value, Mapping) and value:
            yield from _flatten(value, above=(*above, key))
        else:
            yield (*above, key), value


def _new_name(name: str, taken: Iterable[str], *, prefix: str) -> str:
    """Returns a column's name, with a prefix or a number if the name is already taken, ignoring case."""
    names = {each.casefold() for each in taken}
    numbered = (f"{prefix}_{name}_{number}" for number in count(2))
    return next(each for each in chain([name, f"{prefix}_{name}"], numbered) if each and each.casefold() not in names)


def _type_of(value: Any) -> pa.DataType | None:
    """Returns the type of column that a value fits into; None if it fits into any."""
    if value is None:
        return None
    if isinstance(value, bool):
        return pa.bool_()
    if isinstance(value, int) and abs(value) <= LARGEST_COUNT:
        return pa.int64() if abs(value) <= _EXACT else _LONG
    return pa.float64() if isinstance(value, float) else pa.string()


def _common(first: pa.DataType | None, second: pa.DataType | None) -> pa.DataType | None:
    """Returns the type of a column that can hold values of both types."""
    if first is None or second is None or first == second:
        return first or second
    if {first, second} == {pa.int64(), _LONG}:
        return _LONG
    return pa.float64() if {first, second} == {pa.int64(), pa.float64()} else pa.string()


def _as_type(value: Any, kind: pa.DataType) -> Cell:
    if value is None:
        return None
    if kind == pa.string() and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return float(value) if kind == pa.float64() else value


def _write_csv(types: Mapping[str, pa.DataType], rows: Iterable[Row], path: Path) -> int:
    written = 0
    # With a byte order mark, since Excel does not recognise UTF-8 without one.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(map(_as_text, types))
        for row in rows:
            writer.writerow(map(_as_text, row.values()))
            written += 1
    return written


def _as_text(cell: Cell) -> str:
    """Returns a cell of a CSV file. Text that a spreadsheet may interpret as a formula gets an apostrophe in front."""
    if isinstance(cell, str):
        text = cell.replace("\0", "")  # many readers treat it as the end of the file
        return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
    return "" if cell is None else json.dumps(cell)


def _write_parquet(types: Mapping[str, pa.DataType], rows: Iterable[Row], path: Path) -> int:
    written = 0
    schema = pa.schema(list(types.items()))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batched(rows, _ROWS):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
            written += len(batch)
    return written
