"""An incident table to articles with silver spans, those of them that are to train."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from afteraction.data.articles.article import Article
from afteraction.data.errors import DataError
from afteraction.data.incidents.aliases import Aliases
from afteraction.data.incidents.align import Incident, align, clean_text, share_found
from afteraction.data.incidents.cells import without_html
from afteraction.data.incidents.rows import read_rows


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what; a field may have several, such as a location's levels."""

    text: str
    perpetrator: Sequence[str] = ()
    target: Sequence[str] = ()
    location: Sequence[str] = ()
    deaths: Sequence[str] = ()
    id: str | None = None

    def names(self) -> list[str]:
        """All the columns, each once."""
        fields = (*self.perpetrator, *self.target, *self.location, *self.deaths)
        return list(dict.fromkeys([self.text, *fields, *([self.id] if self.id else [])]))


@dataclass(slots=True)
class ImportCounts:
    """What an import read and kept; `given` and `found` count rows by field."""

    rows: int = 0
    empty: int = 0
    """Rows without a text."""
    repeated: int = 0
    """Rows with the text of an earlier one."""
    kept: int = 0
    given: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)

    def record(self) -> dict[str, Any]:
        """The counts for JSON."""
        counts = {"rows": self.rows, "empty": self.empty, "repeated": self.repeated, "kept": self.kept}
        return {**counts, "given": dict(self.given), "found": dict(self.found)}


def import_table(
    path: Path,
    *,
    columns: Columns,
    aliases: Aliases,
    threshold: float,
    counts: ImportCounts,
    on_error: Callable[[DataError], None],
    encoding: str = "utf-8",
) -> Iterator[Article]:
    """Aligns each row of a table with its text and gives the articles that are to train.

    Of rows with the same text, as where a report tells of several incidents, the first counts: articles that are the
    same but for their spans would train against each other.

    Args:
        path: the table, as `read_rows` takes it.
        columns: which columns hold what.
        aliases: other names of the groups and places.
        threshold: the least share of a row's given fields that must be found in its text, 0 to 1. A row without any
            span is never given.
        counts: filled as the rows are read.
        on_error: is told of each row that does not fit the table's header; the others go on.
        encoding: of a CSV or TSV file.

    Raises:
        InputError: the file cannot be read as a table, a column is not in it, or an id is blank or occurs twice.
    """
    ids: set[str] = set()
    texts: set[int] = set()  # their hashes: a table may not fit into memory
    for row in read_rows(path, columns.names(), on_error=on_error, encoding=encoding):
        counts.rows += 1
        incident = _incident(row, columns, row_id=f"{path.name}:{counts.rows}")
        text = clean_text(incident.text)
        if not text:
            counts.empty += 1
            continue
        if hash(text) in texts:
            counts.repeated += 1
            continue
        texts.add(hash(text))
        if incident.id in ids or not incident.id.strip():
            raise DataError(f"{path}: row {counts.rows}: the id {incident.id!r} is blank or taken; name another column")
        ids.add(incident.id)
        article = align(incident, aliases)
        found, missing = article.meta["found"], article.meta["missing"]
        counts.given.update(dict.fromkeys([*found, *missing]).keys())
        counts.found.update(found.keys())
        if article.spans and share_found(article) >= threshold:
            counts.kept += 1
            yield article


def _incident(row: dict[str, str], columns: Columns, *, row_id: str) -> Incident:
    cells = {column: without_html(cell) for column, cell in row.items()}
    return Incident(
        id=row[columns.id] if columns.id else row_id,
        text=cells[columns.text],
        perpetrator=[cells[column] for column in columns.perpetrator],
        target=[cells[column] for column in columns.target],
        location=[cells[column] for column in columns.location],
        deaths=[cells[column] for column in columns.deaths],
    )
