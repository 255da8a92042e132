"""FA-KES as articles: news of the war in Syria, without annotation.

The published file is a CSV table in UTF-8. A title and its content become one text with a blank line between them.
`source`, `date` and `location` go to `meta`. The column `labels`, which rates an article's credibility, is not used.
Nothing is annotated, so every label is unknown.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import pyarrow as pa

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError, write_articles
from afteraction.data.articles.labels import LABELS
from afteraction.data.errors import DataError, first_line, nearest
from afteraction.data.files import RowLines

_META = ("source", "date", "location")
_COLUMNS = ("unit_id", "article_title", "article_content", *_META)


@dataclass(slots=True)
class FakesLog:
    """Counts of what an import of FA-KES read and left out."""

    articles: int = 0
    repeated_ids: list[str] = field(default_factory=list)
    """The id of each row left out because an earlier row has the same `unit_id`."""
    repeated_texts: list[str] = field(default_factory=list)
    """The id of each row left out because an earlier row has the same text."""

    def lines(self) -> Iterator[str]:
        """Yields the log for people to read."""
        yield f"articles: {self.articles:,}, none of them annotated"
        for name, ids in (("unit_id", self.repeated_ids), ("text", self.repeated_texts)):
            if ids:
                yield f"rows left out that repeat the {name} of an earlier one: {len(ids):,}, such as {ids[0]}"


def import_fakes(path: Path, *, output: Path, on_error: OnError) -> FakesLog:
    """Converts the published CSV file of FA-KES to an article file; returns what was read and left out.

    Args:
        path: the CSV file, plain or compressed.
        output: the article file to write.
        on_error: called for each row that is invalid; reading continues with the next one.

    Raises:
        DataError: the file cannot be read or is not the FA-KES table, or the article file cannot be written.
    """
    log = FakesLog()
    write_articles(read_fakes(path, log=log, on_error=on_error), output)
    return log


def read_fakes(path: Path, *, log: FakesLog, on_error: OnError) -> Iterator[Article]:
    """Streams the articles of the published CSV file of FA-KES. Repeated rows are left out and counted in the log.

    Raises:
        DataError: the file cannot be read or is not the FA-KES table.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    try:
        with pa.input_stream(str(path), compression="detect") as content:
            stream = io.TextIOWrapper(io.BufferedReader(content), encoding="utf-8-sig", newline="")
            yield from _articles(path, stream, log, on_error)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8, as published: {error.reason}") from None
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: cannot be read: {first_line(error)}") from None


def _articles(path: Path, stream: TextIO, log: FakesLog, on_error: OnError) -> Iterator[Article]:
    lines = RowLines(stream.readline, name=str(path))
    rows = csv.reader(lines, strict=True)
    ids: set[str] = set()
    texts: set[str] = set()
    try:
        header = next(rows, [])
        for column in _COLUMNS:
            if column not in header:
                raise DataError(f"{path}: no column {column!r}; {nearest(column, header) if header else 'empty'}")
        for cells in rows:
            lines.row_is_read()
            where = f"{path}: line {rows.line_num}"
            if not cells:  # a blank line
                continue
            if len(cells) != len(header):
                on_error(DataError(f"{where}: {len(cells)} cells where the header has {len(header)}"))
                continue
            row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
            text = "\n\n".join(filter(None, (row["article_title"], row["article_content"])))
            article_id = f"fakes-{row['unit_id']}"
            if not row["unit_id"] or not text:
                on_error(DataError(f"{where}: a row without {'a text' if row['unit_id'] else 'a unit_id'}"))
            elif article_id in ids:
                log.repeated_ids.append(article_id)
            elif text in texts:
                log.repeated_texts.append(article_id)
            else:
                ids.add(article_id)
                texts.add(text)
                log.articles += 1
                meta = {name: row[name] for name in _META}
                yield Article(id=article_id, text=text, meta=meta, unknown_labels=LABELS)
    except csv.Error as error:
        raise DataError(f"{path}: line {rows.line_num}: {error}: is a quote not closed?") from None
