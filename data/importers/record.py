"""The record of an article: everything a tool's format has no field for, stored in the format's free-form part.

An exporter writes the record under the key `afteraction`, which tools preserve. An importer that finds it there
restores the article exactly.
"""

import json
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_lines import format_article, parse_article
from afteraction.data.errors import DataError, explain
from afteraction.data.importers.raw import RawArticle

RECORD_KEY = "afteraction"


class _SpanExtra(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    start: int
    end: int
    entity: str | None = None
    score: float | None = None


class _Record(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)

    spans: list[_SpanExtra] = []


def record_of(article: Article) -> dict[str, Any]:
    """Returns an article's JSON record without its text. Of the spans, it has only the offsets, entities and scores."""
    line = json.loads(format_article(article))
    extras = [{key: span[key] for key in _SpanExtra.model_fields if key in span} for span in line["spans"]]
    record = {key: value for key, value in line.items() if key not in ("text", "spans") and value is not None}
    if kept := [extra for extra in extras if len(extra) > 2]:
        record["spans"] = kept
    return record


def draft_record_of(article: Article) -> dict[str, Any]:
    """Returns the record of an article whose spans are drafts: only what is not from the model.

    A tool shows the spans for correction, but not their entities and the death toll. These must not be imported as
    annotation, since nobody has seen them.
    """
    return record_of(article.with_fields(spans=(), entities=(), death_toll=None))


def scores_in_words(article: Article) -> str:
    """Returns the scores of an article's spans in one line, for tools that show free-form data but no scores."""
    return "; ".join(
        f"{' '.join(article.surface(span).split())} {span.score:.2f}"
        for span in article.spans
        if span.score is not None
    )


def with_record(raw: RawArticle, record: object) -> RawArticle:
    """Returns a raw article completed by a record from `record_of`, or unchanged if the record is None.

    A record's entity and score are given to the span with the same offsets. If a span was moved or deleted in the
    tool, its entity and score are lost.

    Raises:
        DataError: the record is invalid.
    """
    if record is None:
        return raw
    try:
        kept = _Record.model_validate(from_json(record, allow_inf_nan=False) if isinstance(record, str) else record)
        rest = parse_article(json.dumps({**(kept.model_extra or {}), "text": ""}))
    except ValidationError as error:
        raise DataError(f"{RECORD_KEY}: {explain(error, _Record)}") from None
    except ValueError as error:
        raise DataError(f"{RECORD_KEY}: {error}") from None
    extras = {(extra.start, extra.end): extra for extra in kept.spans}
    spans = [
        replace(span, entity=extra.entity, score=extra.score) if (extra := extras.get((span.start, span.end))) else span
        for span in raw.spans
    ]
    return replace(
        raw,
        id=rest.id,
        spans=tuple(spans),
        death_toll=rest.death_toll,
        entities=rest.entities,
        meta=rest.meta,
        unknown_labels=rest.unknown_labels,
    )
