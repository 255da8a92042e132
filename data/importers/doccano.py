"""doccano's JSON lines, of projects for sequence labelling: `label` triples, or `entities` with relations."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, ConfigDict, Field

from afteraction.data.article import Article
from afteraction.data.formats import OnError
from afteraction.data.importers.common import ImportLog
from afteraction.data.importers.raw import RawArticle, RawSpan, Units
from afteraction.data.importers.record import RECORD_KEY, record_of, with_record
from afteraction.data.importers.sources import ToolModel, default_id, read_objects, write_lines

_NO_METADATA = {RECORD_KEY, "Comments", "comments"}


class _Entity(ToolModel):
    label: str
    start_offset: int
    end_offset: int


class _Line(ToolModel):
    model_config = ConfigDict(extra="allow")

    text: str = Field(validation_alias=AliasChoices("text", "data"))
    id: str | None = None
    label: list[tuple[int, int, str]] = Field(default=[], validation_alias=AliasChoices("label", "labels"))
    entities: list[_Entity] = Field(default=[])
    relations: list[dict[str, Any]] = Field(default=[])


def read_doccano(path: Path, *, log: ImportLog, on_error: OnError, units: Units | None = None) -> Iterator[RawArticle]:
    """Streams the raw articles of a doccano export; the columns that are metadata in doccano become `meta`.

    doccano gives no text with a span, and counts UTF-16 units in some projects and code points in others. Where a text
    has characters in which these differ, `units` must say which.
    """

    def convert(line: _Line, where: str) -> RawArticle:
        if line.relations:
            log.add("texts whose relations are left out", where)
        spans = [RawSpan(start, end, label) for start, end, label in line.label]
        spans += [RawSpan(entity.start_offset, entity.end_offset, entity.label) for entity in line.entities]
        extra = line.model_extra or {}
        raw = RawArticle(
            id=line.id or default_id(where),
            text=line.text,
            spans=tuple(spans),
            meta={name: value for name, value in extra.items() if name not in _NO_METADATA},
            units=units,
            source=where,
        )
        return with_record(raw, extra.get(RECORD_KEY))

    return read_objects(path, _Line, convert, on_error=on_error)


def write_doccano(articles: Iterable[Article], path: Path) -> int:
    """Writes articles as doccano imports them, offsets in code points; returns how many.

    Raises:
        DataError: the file cannot be written.
    """
    return write_lines(articles, path, _line)


def _line(article: Article) -> dict[str, Any]:
    label = [[span.start, span.end, span.label] for span in article.spans]
    return {"text": article.text, "label": label, RECORD_KEY: record_of(article)}
