"""doccano's JSON lines, of projects that label spans: as triples under `label`, or as objects under `entities`.

The releases before 1.3 had objects under `annotations`, whose labels are numbers.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, ConfigDict, Field, model_validator

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.importers.json_files import ToolModel, default_id, read_objects, write_lines
from afteraction.data.importers.raw import RawArticle, RawSpan, Units
from afteraction.data.importers.record import RECORD_KEY, record_of, with_record
from afteraction.data.importers.to_articles import ImportLog

_Triple = tuple[int, int, str]
"""Start, end, label."""

_NO_METADATA = {RECORD_KEY, "Comments", "comments"}


class _Entity(ToolModel):
    label: str
    start_offset: int
    end_offset: int


class _Line(ToolModel):
    model_config = ConfigDict(extra="allow")

    text: str = Field(validation_alias=AliasChoices("text", "data"))
    id: str | None = None
    label: list[_Triple] = Field(default=[], validation_alias=AliasChoices("label", "labels"))
    entities: list[_Entity | _Triple] = Field(default=[], validation_alias=AliasChoices("entities", "annotations"))
    relations: list[dict[str, Any]] = Field(default=[])
    meta: dict[str, Any] = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, item: Any) -> Any:
        """Leaves out what is null: doccano gives every line all the columns that any of them has."""
        return {key: value for key, value in item.items() if value is not None} if isinstance(item, dict) else item


def read_doccano(path: Path, *, log: ImportLog, on_error: OnError, units: Units | None = None) -> Iterator[RawArticle]:
    """Streams the raw articles of a doccano export; the columns that are metadata in doccano become `meta`.

    doccano gives no text with a span, and counts UTF-16 units in some projects and code points in others. Where a text
    has characters in which these differ, `units` must say which. It exports unread texts as those without a label, so
    that these are counted; exporting approved texts alone leaves them out.
    """

    def convert(line: _Line, where: str) -> RawArticle:
        if line.relations:
            log.add("texts whose relations are left out", where)
        triples = [
            (entity.start_offset, entity.end_offset, entity.label) if isinstance(entity, _Entity) else entity
            for entity in line.entities
        ]
        extra = line.model_extra or {}
        metadata = line.meta | {name: value for name, value in extra.items() if name not in _NO_METADATA}
        if any(label.isdecimal() for _, _, label in triples):
            log.add("texts whose labels are doccano's numbers, to be named with --map", where)
        if not (line.label or triples):
            log.add("texts without a label, which may be unread", where)
        raw = RawArticle(
            id=line.id or default_id(where),
            text=line.text,
            spans=tuple(RawSpan(*triple) for triple in [*line.label, *triples]),
            meta=metadata,
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
