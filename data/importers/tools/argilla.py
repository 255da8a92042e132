"""Argilla records with a span question, of version 2 and in the forms of `argilla_forms.py`."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError
from afteraction.data.importers.annotators import Annotators
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.json_files import ToolModel, default_id, find_text_key, read_objects, write_list
from afteraction.data.importers.raw import RawArticle, RawSpan, Units
from afteraction.data.importers.record import RECORD_KEY, draft_record_of, record_of, with_record
from afteraction.data.importers.span_forms import parse_spans
from afteraction.data.importers.tools.argilla_forms import as_record


class _Answer(ToolModel):
    value: Any = None
    status: str | None = None
    user_id: str | None = None


class _Record(ToolModel):
    id: str | None = None
    fields: dict[str, Any]
    responses: dict[str, list[_Answer]] | None = None
    suggestions: dict[str, _Answer] | None = None
    metadata: dict[str, Any] | None = None
    status: str | None = None


def read_argilla(
    path: Path,
    *,
    log: ImportLog,
    on_error: OnError,
    units: Units | None = None,
    text_key: str | None = None,
    annotator: str | None = None,
    suggestions: bool = True,
) -> Iterator[RawArticle]:
    """Streams the raw articles of a file of Argilla records. The records' metadata become `meta`.

    A record's first response that is neither a draft nor discarded is used. A suggestion is used only if the record has
    no response. A record with neither is skipped. The log counts suggestions, since nobody has reviewed them, and
    responses that may be drafts: Argilla's own export omits the status of a response and has only that of the record.
    If `annotator` (a user's id) is given, only that user's responses are read, and no suggestions. Without
    `suggestions`, only responses are read.

    Raises:
        InputError: there is no such annotator (raised at the end of the stream).
    """
    annotators = Annotators(annotator)

    def convert(record: _Record, where: str) -> RawArticle | None:
        if not suggestions:
            record.suggestions = None
        spans = _answer(record, where, log, annotators)
        if spans is None:
            log.add("records passed over without a submitted response or a suggestion", where)
            return None
        metadata = dict(record.metadata or {})
        kept = metadata.pop(RECORD_KEY, None)
        raw = RawArticle(
            id=record.id or default_id(where),
            text=record.fields[find_text_key(record.fields, given=text_key)],
            spans=tuple(spans),
            meta={key: value for key, value in metadata.items() if key != text_key},
            units=units,
            source=where,
        )
        return with_record(raw, kept)

    yield from read_objects(path, _Record, convert, log=log, on_error=on_error, prepare=as_record)
    annotators.check()


def write_argilla(articles: Iterable[Article], path: Path, *, drafts: bool = False) -> int:
    """Writes articles as Argilla records, their spans as suggestions to the question `spans`. Returns their number.

    With `drafts`, the suggestions have their scores.

    Raises:
        DataError: the file cannot be written.
    """
    return write_list(articles, path, partial(_record, drafts=drafts))


def _answer(record: _Record, where: str, log: ImportLog, annotators: Annotators) -> list[RawSpan] | None:
    """Returns the spans of a record as described in `read_argilla`, or None if there is no answer."""
    wanted = {
        name: [answer for answer in answers if annotators.accepts(answer.user_id)]
        for name, answers in (record.responses or {}).items()
    }
    responses = {name: answers for name, answers in wanted.items() if answers}
    submitted = {
        name: [answer.value for answer in answers if answer.status in (None, "submitted")]
        for name, answers in responses.items()
    }
    suggested = {name: [suggestion.value] for name, suggestion in (record.suggestions or {}).items()}
    answers = submitted if responses or annotators.wanted is not None else suggested
    values = _answers_of_spans(answers, where, log)
    if not values:
        return None
    if (
        responses
        and record.status == "pending"
        and not any(answer.status for answers in responses.values() for answer in answers)
    ):
        log.add("records pending, whose responses may be drafts", where)
    if not responses:
        log.add("records whose spans are suggestions without a response", where)
    elif len(values) > 1:
        log.add("records with several responses, of which the first counts", where)
    return values[0]


def _answers_of_spans(answers: Mapping[str, list[Any]], where: str, log: ImportLog) -> list[list[RawSpan]]:
    """Returns the answers to the span question, and counts the others. Raises DataError if several have spans."""
    found: dict[str, list[list[RawSpan]]] = {}
    for name, values in answers.items():
        spans = [parsed for value in values if (parsed := _spans_of(value)) is not None]
        if values and len(spans) == len(values):
            found[name] = spans
    if len(found) > 1:
        raise DataError(f"several questions have spans, {', '.join(sorted(found))}: export them one at a time")
    for name, values in answers.items():
        if name not in found and any(value is not None for value in values):
            log.add("answers left out to questions that are not for spans", f"{where}: {name}")
    return next(iter(found.values()), [])


def _spans_of(value: Any) -> list[RawSpan] | None:
    """Returns the spans of an answer, or None for an answer to another question, such as a list of labels or a text."""
    if not isinstance(value, list | dict):
        return None
    try:
        return parse_spans(value)
    except DataError:
        return None


def _record(article: Article, *, drafts: bool) -> dict[str, Any]:
    value = [{"start": span.start, "end": span.end, "label": span.label} for span in article.spans]
    suggestion: dict[str, Any] = {"value": value, "agent": RECORD_KEY}
    scores = [span.score for span in article.spans]
    if drafts and scores and None not in scores:
        suggestion["score"] = scores
    record = draft_record_of(article) if drafts else record_of(article)
    return {
        "id": article.id,
        "fields": {"text": article.text},
        "suggestions": {"spans": suggestion},
        # As a string: Argilla's metadata can only be strings and numbers.
        "metadata": {RECORD_KEY: json.dumps(record, ensure_ascii=False)},
    }
