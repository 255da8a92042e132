"""Event annotation in TextEE's format: one JSON object per line with `tokens`, `entity_mentions`, `event_mentions`.

The arguments of events become spans labelled with their role. Triggers, and mentions that are not arguments, are
ignored.
"""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.json_files import ToolModel, default_id, read_objects, write_lines
from afteraction.data.importers.raw import RawArticle, RawSpan
from afteraction.data.importers.record import RECORD_KEY, record_of, with_record
from afteraction.data.importers.tools.event_forms import FORM_KEYS, read_form
from afteraction.data.importers.tools.tokens import locate_tokens, tokenize

_EVENT_TYPE = "Attack"


class _Mention(ToolModel):
    """An entity mention; `[start, end)` is half-open and counts tokens."""

    id: str
    text: str
    start: int
    end: int


class _Argument(ToolModel):
    entity_id: str
    role: str
    text: str | None = None
    start: int | None = None
    end: int | None = None


class _Event(ToolModel):
    event_type: str
    arguments: list[_Argument] = Field(default=[])


class _Window(ToolModel):
    id: str | None = Field(default=None, validation_alias=AliasChoices("wnd_id", "sent_id", "doc_id"))
    doc_id: str | None = None
    text: str | None = Field(default=None, validation_alias=AliasChoices("text", "sentence"))
    tokens: list[str]
    entity_mentions: list[_Mention] = Field(default=[])
    event_mentions: list[_Event] = Field(default=[])
    afteraction: dict[str, Any] | None = None


def read_events(
    path: Path, *, log: ImportLog, on_error: OnError, event_types: Sequence[str] = ("*",)
) -> Iterator[RawArticle]:
    """Streams the raw articles of a file of events, one per object; an object may be a window of a document.

    Objects in the forms of `event_forms.py` are read too.

    Args:
        path: a file of JSON lines, or of one JSON list.
        log: counts the events left out.
        on_error: called for each invalid object.
        event_types: shell patterns of event types; the arguments of other events are left out.
    """

    def wanted(kind: str) -> bool:
        return any(fnmatchcase(kind, pattern) for pattern in event_types)

    def convert(line: _Window, where: str) -> RawArticle:
        text = " ".join(line.tokens) if line.text is None else line.text
        bounds = locate_tokens(text, line.tokens)
        mentions = {mention.id: mention for mention in line.entity_mentions}
        spans = []
        for event in line.event_mentions:
            if wanted(event.event_type):
                spans += [_span(argument, mentions, bounds) for argument in event.arguments]
            else:
                log.add("events left out by their type", f"{where}: {event.event_type}")
        raw = RawArticle(
            id=line.id or default_id(where),
            text=text,
            spans=tuple(spans),
            meta={"doc_id": line.doc_id} if line.doc_id not in (None, line.id) else {},
            source=where,
        )
        return with_record(raw, line.afteraction)

    return read_objects(
        path,
        _Window,
        convert,
        log=log,
        on_error=on_error,
        known=FORM_KEYS,
        other_form=lambda item, where: read_form(item, where, wanted, log),
    )


def write_events(articles: Iterable[Article], path: Path) -> int:
    """Writes each article as a window with one event of type Attack and an empty trigger; returns the number.

    Raises:
        DataError: the file cannot be written.
    """
    return write_lines(articles, path, _line)


def _span(argument: _Argument, mentions: dict[str, _Mention], bounds: list[tuple[int, int]]) -> RawSpan:
    """Returns an argument's span, from its own offsets or those of its entity mention."""
    mention = mentions.get(argument.entity_id)
    where = argument if argument.start is not None else mention
    if where is None or where.start is None or where.end is None:
        raise DataError(f"{argument.role} is the entity mention {argument.entity_id!r}, which is not there")
    if not 0 <= where.start < where.end <= len(bounds):
        raise DataError(f"{argument.role} [{where.start}, {where.end}) is outside the {len(bounds)} tokens")
    return RawSpan(bounds[where.start][0], bounds[where.end - 1][1], argument.role, where.text)


def _line(article: Article) -> dict[str, Any]:
    tokens = tokenize(article)
    first = {start: number for number, (start, _) in enumerate(tokens)}
    stop = {end: number for number, (_, end) in enumerate(tokens, start=1)}
    mentions = [
        {
            "id": f"{article.id}-{number}",
            "text": article.surface(span),
            "entity_type": span.label,
            "start": first[span.start],
            "end": stop[span.end],
        }
        for number, span in enumerate(article.spans, start=1)
    ]
    arguments = [
        {"entity_id": mention["id"], "role": mention["entity_type"]}
        | {key: mention[key] for key in ("text", "start", "end")}
        for mention in mentions
    ]
    event = {
        "id": f"{article.id}-event",
        "event_type": _EVENT_TYPE,
        "trigger": {"text": "", "start": 0, "end": 0},
        "arguments": arguments,
    }
    return {
        "doc_id": article.id,
        "wnd_id": article.id,
        "text": article.text,
        "tokens": [article.text[start:end] for start, end in tokens],
        "entity_mentions": mentions,
        "event_mentions": [event] if arguments else [],
        RECORD_KEY: record_of(article),
    }
