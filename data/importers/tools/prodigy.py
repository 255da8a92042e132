"""Prodigy's JSON lines, with `spans` and the `tokens` they refer to; also spaCy's, with `ents` or `entities`."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError
from afteraction.data.importers.annotators import Annotators
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.json_files import ToolModel, default_id, read_objects, write_lines
from afteraction.data.importers.raw import RawArticle, RawSpan
from afteraction.data.importers.record import RECORD_KEY, draft_record_of, record_of, scores_in_words, with_record
from afteraction.data.importers.span_forms import parse_spans
from afteraction.data.importers.tools.tokens import tokenize


class _Token(ToolModel):
    start: int
    end: int
    text: str | None = None


class _Task(ToolModel):
    text: str
    id: str | None = None
    spans: Any = None
    ents: Any = None
    entities: Any = None
    tokens: list[_Token] = Field(default=[])
    relations: list[Any] = Field(default=[])
    answer: str = "accept"
    meta: dict[str, Any] = Field(default={})
    input_hash: int | None = Field(default=None, alias="_input_hash")
    annotator: str | None = Field(default=None, validation_alias=AliasChoices("_annotator_id", "_session_id"))
    view: str | None = Field(default=None, alias="_view_id")
    afteraction: dict[str, Any] | str | None = None


def read_prodigy(
    path: Path, *, log: ImportLog, on_error: OnError, annotator: str | None = None
) -> Iterator[RawArticle]:
    """Streams the raw articles of the accepted tasks of a Prodigy data set. Offsets count code points, as in spaCy.

    A span's surface is its own `text`, or the text of its tokens. If a text was annotated several times, its first
    annotation is used. A text's id is its `_input_hash`, which is the same for every annotator. A task with a yes or no
    to a single span (`ner.teach`) is skipped, since the other spans are unknown. If `annotator` (the `_annotator_id`,
    in older releases `_session_id`) is given, only that person's tasks are read.

    Raises:
        InputError: there is no such annotator (raised at the end of the stream).
    """
    annotators = Annotators(annotator)
    seen_hashes: set[int] = set()

    def convert(task: _Task, where: str) -> RawArticle | None:
        if reason := _reason_passed_over(task, annotators):
            log.add(reason, where)
            return None
        if task.input_hash in seen_hashes:
            log.add("texts annotated again, of which the first counts", where)
            return None
        if task.input_hash is not None:
            seen_hashes.add(task.input_hash)
        if task.relations:
            log.add("texts whose relations are left out", where)
        marked = task.spans if isinstance(task.spans, list) else [task.spans]
        # An accepted draft keeps the model's score in the file, but that score says nothing about the annotation.
        spans = [replace(_checked(task, part, span), score=None) for part in marked for span in parse_spans(part)]
        raw = RawArticle(
            id=task.id or (default_id(where) if task.input_hash is None else str(task.input_hash)),
            text=task.text,
            spans=(*spans, *parse_spans(task.ents), *parse_spans(task.entities)),
            meta=task.meta,
            source=where,
        )
        return with_record(raw, task.afteraction)

    yield from read_objects(path, _Task, convert, log=log, on_error=on_error, prepare=_from_pair)
    annotators.check()


def write_prodigy(articles: Iterable[Article], path: Path, *, drafts: bool = False) -> int:
    """Writes articles as accepted Prodigy tasks; returns the number of articles.

    With `drafts`, the tasks have no answer, and their scores are on the spans and, where annotators can see them, in
    `meta`.

    Raises:
        DataError: the file cannot be written.
    """
    return write_lines(articles, path, partial(_task, drafts=drafts))


def _from_pair(item: Any) -> Any:
    """Converts spaCy's pair of a text and its annotation to a task. Anything after these two is left out."""
    if isinstance(item, list) and len(item) >= 2 and isinstance(item[0], str) and isinstance(item[1], dict):
        return {"text": item[0], **item[1]}
    return item


def _reason_passed_over(task: _Task, annotators: Annotators) -> str | None:
    """Returns why a task is skipped, or None if it is used."""
    if not annotators.accepts(task.annotator):
        return "texts of other annotators passed over"
    if task.answer != "accept":
        return "texts passed over that were not accepted"
    if task.view == "ner":
        return "texts passed over with a yes or no to one span"
    return None


def _checked(task: _Task, part: Any, span: RawSpan) -> RawSpan:
    """Returns a span with its surface: its own, or that of its tokens, including the last."""
    first, last = (part.get(f"token_{edge}") for edge in ("start", "end")) if isinstance(part, dict) else (None, None)
    if span.surface is not None or not (isinstance(first, int) and isinstance(last, int) and task.tokens):
        return span
    if not 0 <= first <= last < len(task.tokens):
        raise DataError(
            f"{span.label} [{span.start}, {span.end}): there are no tokens {first} to {last}, but {len(task.tokens)}"
        )
    surface, end = "", None
    for token in task.tokens[first : last + 1]:
        if token.text is None:
            return span
        surface += " " * (end is not None and token.start > end) + token.text
        end = token.end
    return replace(span, surface=surface)


def _task(article: Article, *, drafts: bool) -> dict[str, Any]:
    tokens = tokenize(article)
    first = {start: number for number, (start, _) in enumerate(tokens)}
    last = {end: number for number, (_, end) in enumerate(tokens)}
    task: dict[str, Any] = {
        "text": article.text,
        "tokens": [
            {
                "text": article.text[start:end],
                "start": start,
                "end": end,
                "id": number,
                "ws": article.text[end : end + 1] == " ",
            }
            for number, (start, end) in enumerate(tokens)
        ],
        "spans": [
            {
                "start": span.start,
                "end": span.end,
                "label": span.label,
                "token_start": first[span.start],
                "token_end": last[span.end],
                **({"score": span.score} if drafts and span.score is not None else {}),
            }
            for span in article.spans
        ],
        "meta": dict(article.meta),
    }
    if drafts:
        task["meta"]["scores"] = scores_in_words(article)
        return {**task, RECORD_KEY: draft_record_of(article)}
    return {**task, "answer": "accept", RECORD_KEY: record_of(article)}
