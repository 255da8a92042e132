"""Converts an incident table to articles with silver spans, and selects those that are good enough to train on."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from afteraction.data.articles.article import Article
from afteraction.data.errors import DataError
from afteraction.data.incidents.align import Incident, align, clean_text, read_deaths, share_found
from afteraction.data.incidents.rows import read_rows, without_html
from afteraction.data.text.aliases import Aliases

_MOST_DIGITS = 18
"""A longer number cannot be a number of deaths. Python refuses to convert one of 5,000 digits."""

_DECIMALS = re.compile(r"(?<=\d)\.0+(?=\s*$)")
_ESTIMATE = re.compile(r"(?:^|[_ ])(low|best|high)(?:$|[_ ])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TableColumns:
    """The columns of a table per field. A field may have several columns, such as the levels of a location."""

    text: str
    perpetrator: Sequence[str] = ()
    target: Sequence[str] = ()
    location: Sequence[str] = ()
    deaths: Sequence[str] = ()
    attackers_dead: str | None = None
    """The column with the number of dead attackers, if the deaths include them."""
    id: str | None = None

    def names(self) -> list[str]:
        """Returns all the columns, each once."""
        fields = (
            self.text,
            *self.perpetrator,
            *self.target,
            *self.location,
            *self.deaths,
            self.attackers_dead,
            self.id,
        )
        return list(dict.fromkeys(filter(None, fields)))


@dataclass(slots=True)
class ImportCounts:
    """Counts of what an import read and kept; `given` and `found` count rows per field."""

    rows: int = 0
    empty: int = 0
    """Number of rows without a text."""
    repeated: int = 0
    """Number of rows with the text of an earlier row."""
    kept: int = 0
    given: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)

    def record(self) -> dict[str, Any]:
        """Returns the counts as a dict for JSON."""
        counts = {"rows": self.rows, "empty": self.empty, "repeated": self.repeated, "kept": self.kept}
        return {**counts, "given": dict(self.given), "found": dict(self.found)}


def import_table(
    path: Path,
    *,
    columns: TableColumns,
    aliases: Aliases,
    threshold: float,
    counts: ImportCounts,
    on_error: Callable[[DataError], None],
    encoding: str = "utf-8",
) -> Iterator[Article]:
    """Aligns the fields of each row with its text, and yields the articles that are good enough to train on.

    Of rows with the same text (for example, a report on several incidents), only the first is used: articles with the
    same text but different spans would contradict each other in training.

    Args:
        path: a table in a format of `read_rows`.
        columns: the columns per field.
        aliases: other names of groups and places.
        threshold: the minimum share of a row's given fields that must be found in its text, from 0 to 1. A row without
            any span is never used.
        counts: updated as rows are read.
        on_error: called for each row that cannot be read, or whose id is blank or an earlier row's; reading continues
            with the next row.
        encoding: the encoding of a CSV or TSV file.

    Raises:
        InputError: the file cannot be read as a table, or lacks a column.
    """
    ids: set[str] = set()
    digests: set[bytes] = set()  # digests instead of texts, since a table may not fit into memory
    for row in read_rows(path, columns.names(), on_error=on_error, encoding=encoding):
        counts.rows += 1
        incident = _incident(row, columns, row_id=f"{path.name}:{counts.rows}")
        text = clean_text(incident.text)
        if not text:
            counts.empty += 1
            continue
        # A lone surrogate cannot be encoded as UTF-8. It passes here, and the article rejects it.
        digest = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
        if digest in digests:
            counts.repeated += 1
            continue
        if incident.id in ids or not incident.id.strip():
            fault = f"the id {incident.id!r} is blank or an earlier row's; the row is left out"
            on_error(DataError(f"{path}: row {counts.rows}: {fault}"))
            continue
        digests.add(digest)
        ids.add(incident.id)
        article = align(incident, aliases)
        found, missing = article.meta["found"], article.meta["missing"]
        counts.given.update(dict.fromkeys([*found, *missing]).keys())
        counts.found.update(found.keys())
        if article.spans and share_found(article) >= threshold:
            counts.kept += 1
            yield article


def _incident(row: dict[str, str], columns: TableColumns, *, row_id: str) -> Incident:
    cells = {column: without_html(cell) for column, cell in row.items()}
    # Programs that write tables turn 8 into 8.0 if a column has empty cells.
    cells |= {
        column: _DECIMALS.sub("", cells[column]) for column in (*columns.deaths, columns.attackers_dead) if column
    }
    return Incident(
        id=row[columns.id] if columns.id else row_id,
        text=cells[columns.text],
        perpetrator=[cells[column] for column in columns.perpetrator],
        target=[cells[column] for column in columns.target],
        location=[cells[column] for column in columns.location],
        deaths=_deaths(cells, columns),
    )


def _deaths(cells: dict[str, str], columns: TableColumns) -> list[str]:
    """Returns the deaths that a row gives: a range if it has a low and a high number, then the best estimate.

    These columns are recognised by name. Without them, the first column with a number is used, minus the attackers.
    """
    by_role = {match[1].lower(): cells[name] for name in columns.deaths if (match := _ESTIMATE.search(name))}
    low, high = (_whole(by_role.get(role, "")) for role in ("low", "high"))
    if low is not None and high is not None:
        best = [by_role["best"]] if "best" in by_role else []
        return [f"{low}-{high}" if low < high else str(low), *best]
    value = next((cells[column] for column in columns.deaths if read_deaths(cells[column])), None)
    if value is None:
        return []
    killed, attackers = _whole(value), _whole(cells.get(columns.attackers_dead or "", ""))
    return [str(killed - attackers)] if killed is not None and attackers and 0 < attackers <= killed else [value]


def _whole(cell: str) -> int | None:
    digits = cell.strip()
    return int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None
