"""doccano's JSON lines from span labelling projects: spans as triples under `label`, or as objects under `entities`.

Releases before 1.3 have objects under `annotations`, with numbers for labels.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, ConfigDict, Field

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.json_files import ToolModel, default_id, read_objects, write_lines
from afteraction.data.importers.raw import RawArticle, Units
from afteraction.data.importers.record import RECORD_KEY, draft_record_of, record_of, scores_in_words, with_record
from afteraction.data.importers.span_forms import parse_spans

_NO_METADATA = {RECORD_KEY, "Comments", "comments"}


class _Example(ToolModel):
    model_config = ConfigDict(extra="allow")

    text: str = Field(validation_alias=AliasChoices("text", "data"))
    id: str | None = None
    label: Any = Field(default=None, validation_alias=AliasChoices("label", "labels"))
    entities: Any = Field(default=None, validation_alias=AliasChoices("entities", "annotations"))
    relations: list[dict[str, Any]] = Field(default=[])
    meta: dict[str, Any] = Field(default={})


def read_doccano(path: Path, *, log: ImportLog, on_error: OnError, units: Units | None = None) -> Iterator[RawArticle]:
    """Streams the raw articles of a doccano export; doccano's metadata columns become `meta`.

    doccano does not export the text of a span, and counts UTF-16 units in some projects and code points in others. If a
    text has characters for which these differ, `units` must be given. Unread texts are exported like texts without
    labels, so texts without labels are counted. An export of only the approved texts does not contain unread ones.
    """

    def convert(line: _Example, where: str) -> RawArticle:
        if line.relations:
            log.add("texts whose relations are left out", where)
        spans = [*parse_spans(line.label), *parse_spans(line.entities)]
        extra = line.model_extra or {}
        metadata = line.meta | {name: value for name, value in extra.items() if name not in _NO_METADATA}
        if any(span.label.isdecimal() for span in spans):
            log.add("texts whose labels are doccano's numbers, to be named with --map", where)
        if not spans:
            log.add("texts without a label, which may be unread", where)
        raw = RawArticle(
            id=line.id or default_id(where),
            text=line.text,
            spans=tuple(spans),
            meta=metadata,
            units=units,
            source=where,
        )
        return with_record(raw, extra.get(RECORD_KEY))

    return read_objects(path, _Example, convert, log=log, on_error=on_error)


def write_doccano(articles: Iterable[Article], path: Path, *, drafts: bool = False) -> int:
    """Writes articles as doccano imports them, with offsets in code points; returns the number of articles.

    doccano has no suggestions: spans are labels to be corrected. With `drafts`, their scores are in the metadata.

    Raises:
        DataError: the file cannot be written.
    """
    return write_lines(articles, path, partial(_line, drafts=drafts))


def _line(article: Article, *, drafts: bool) -> dict[str, Any]:
    label = [[span.start, span.end, span.label] for span in article.spans]
    line = {"text": article.text, "label": label}
    if drafts:
        return {**line, "scores": scores_in_words(article), RECORD_KEY: draft_record_of(article)}
    return {**line, RECORD_KEY: record_of(article)}
