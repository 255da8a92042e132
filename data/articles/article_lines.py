"""An article as a JSON line, and back."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from afteraction.data.articles.article import Article, Entity, FaultySpansError, Span, SpanFault, Toll
from afteraction.data.errors import DataError, clip, explain


class Line(BaseModel):
    """Part of a JSON line."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SpanLine(Line):
    """A span by its offsets, without text."""

    start: int
    end: int
    label: str
    entity: str | None = None


class TollLine(Line):
    """A death toll."""

    low: int
    high: int | None


class _TextSpanLine(SpanLine):
    score: float | None = None
    text: str | None = None


class _EntityLine(Line):
    id: str
    label: str
    name: str
    mentions: list[str]
    score: float | None = None


class _ArticleLine(Line):
    id: str
    text: str
    spans: list[_TextSpanLine] = Field(default_factory=list)
    death_toll: TollLine | None = None
    death_toll_score: float | None = None
    entities: list[_EntityLine] = Field(default_factory=list)
    meta: dict[str, Any] = Field(default_factory=dict)
    unknown_labels: list[str] = Field(default_factory=list)


KEYS = frozenset(_ArticleLine.model_fields)
"""The keys of an article."""


def is_annotated(record: Mapping[str, Any]) -> bool:
    """Returns whether an object is an annotated article in our own format, and not just a text with an id.

    A table of incidents may have a column `death_toll` too, with numbers, and `entities` may be names.
    """
    keys = record.keys()
    annotated = not keys.isdisjoint({"spans", "unknown_labels"}) or isinstance(record.get("death_toll"), Mapping)
    return keys <= KEYS and annotated and isinstance(record.get("id"), str)


def parse_article(line: str | bytes) -> Article:
    """Reads an article from one JSON line.

    Raises:
        DataError: the line is not JSON or not a valid article, or a span's `text`, if given, differs from the
            article's text at that place.
    """
    try:
        return _article(_ArticleLine.model_validate_json(line))
    except ValidationError as error:
        problem = explain(error, _ArticleLine)
        if not error.errors()[0]["loc"]:  # the line as a whole is wrong, not one of its keys
            problem = f"{problem.replace(' at line 1 column', ' at column')}; each line is an article, one JSON object"
        raise DataError(problem) from None


def article_from_record(record: Mapping[str, Any]) -> Article:
    """Reads an article from the object of a JSON line, like `parse_article` for a line that is already parsed.

    Raises:
        DataError: the object is not a valid article.
    """
    try:
        return _article(_ArticleLine.model_validate(record))
    except ValidationError as error:
        raise DataError(explain(error, _ArticleLine)) from None


def format_article(article: Article) -> str:
    """Returns an article as one JSON line without a line end: the inverse of `parse_article`."""
    return json.dumps(record_of(article), ensure_ascii=False, allow_nan=False)


def record_of(article: Article) -> dict[str, Any]:
    """Returns the object of an article's JSON line: the inverse of `article_from_record`."""
    record: dict[str, Any] = {"id": article.id, "text": article.text}
    record["spans"] = [_span_record(article, span) for span in article.spans]
    record["death_toll"] = asdict(article.death_toll) if article.death_toll else None
    if article.death_toll_score is not None:
        record["death_toll_score"] = article.death_toll_score
    if article.entities:
        record["entities"] = [_entity_record(entity) for entity in article.entities]
    if article.meta:
        record["meta"] = dict(article.meta)
    if article.unknown_labels:
        record["unknown_labels"] = list(article.unknown_labels)
    return record


def check_meta(meta: Mapping[str, Any]) -> None:
    """Checks that an article with this `meta` can be written.

    Raises:
        DataError: it holds a value that JSON or UTF-8 cannot represent.
    """
    try:
        json.dumps(meta, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise DataError("meta: holds half of a character (a lone surrogate), which is not Unicode") from None
    except ValueError:
        raise DataError("meta: holds NaN or Infinity, which JSON cannot") from None


def _article(line: _ArticleLine) -> Article:
    check_meta(line.meta)
    article = Article(
        id=line.id,
        text=line.text,
        spans=tuple(Span(s.start, s.end, s.label, s.entity, s.score) for s in line.spans),
        death_toll=Toll(line.death_toll.low, line.death_toll.high) if line.death_toll else None,
        death_toll_score=line.death_toll_score,
        entities=tuple(Entity(e.id, e.label, e.name, tuple(e.mentions), e.score) for e in line.entities),
        meta=line.meta,
        unknown_labels=tuple(line.unknown_labels),
    )
    if faults := tuple(_surface_faults(line)):
        raise FaultySpansError(line.id, faults)
    return article


def _surface_faults(line: _ArticleLine) -> Iterator[SpanFault]:
    """Streams a fault for each span whose `text` is given and differs from the article's text."""
    for span in line.spans:
        surface = line.text[span.start : span.end]
        if span.text is not None and span.text != surface:
            problem = f"should be {clip(span.text)!r}: offsets count Unicode code points"
            yield SpanFault(Span(span.start, span.end, span.label), surface, "surface", problem)


def _entity_record(entity: Entity) -> dict[str, Any]:
    record = asdict(entity)
    if entity.score is None:
        del record["score"]
    return record


def _span_record(article: Article, span: Span) -> dict[str, Any]:
    record: dict[str, Any] = {"start": span.start, "end": span.end, "label": span.label}
    if span.entity is not None:
        record["entity"] = span.entity
    if span.score is not None:
        record |= {"score": span.score, "text": article.surface(span)}
    return record
