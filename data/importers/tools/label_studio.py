"""Label Studio's exports: tasks whose annotations label text; JSON-MIN, CSV and TSV have one item per annotation."""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, AliasPath, Field

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError, clip
from afteraction.data.importers.annotators import Annotators
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.json_files import ToolModel, default_id, find_text_key, read_objects, write_list
from afteraction.data.importers.raw import RawArticle, RawSpan, Units
from afteraction.data.importers.record import RECORD_KEY, draft_record_of, record_of, with_record

_MINIMAL_KEYS = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"}
"""The keys of JSON-MIN that describe an annotation. Other keys are the task's data, or labelling tags and results."""

_LABELLING = ("labels", "hypertextlabels")
"""The tags that label text. HyperText counts offsets in the rendered text: in HTML source, surfaces do not match."""

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|/?(?:data|tasks|upload|storage-data)/|/)\S+|\S+\.(?:txt|html?|pdf|csv|json)"
)
"""What a task has instead of its text if Label Studio was given the addresses of files: an upload's path, or a URL."""


class _Value(ToolModel):
    start: int = Field(validation_alias=AliasChoices(AliasPath("globalOffsets", "start"), "start"))
    end: int = Field(validation_alias=AliasChoices(AliasPath("globalOffsets", "end"), "end"))
    text: str | None = None
    labels: list[str] = Field(default=[], validation_alias=AliasChoices(*_LABELLING))


class _Region(ToolModel):
    value: _Value


class _Annotation(ToolModel):
    result: list[dict[str, Any]] = Field(default=[])
    was_cancelled: bool = Field(default=False, validation_alias=AliasChoices("was_cancelled", "skipped"))
    ground_truth: bool = False
    completed_by: Any = None
    """A number, an email address, or an object with both."""

    @property
    def annotator(self) -> Any:
        """Returns the annotator's email address, or the number if there is no address."""
        by = self.completed_by
        return by.get("email", by.get("id")) if isinstance(by, dict) else by


class _Task(ToolModel):
    id: str | None = None
    data: dict[str, Any]
    annotations: list[_Annotation] = Field(default=[], validation_alias=AliasChoices("annotations", "completions"))
    minimal: bool = False


def read_label_studio(
    path: Path,
    *,
    log: ImportLog,
    on_error: OnError,
    units: Units | None = None,
    text_key: str | None = None,
    annotator: str | None = None,
) -> Iterator[RawArticle]:
    """Streams the raw articles of a Label Studio export; the other keys of a task's data become `meta`.

    Label Studio used to count UTF-16 units and now counts code points: the units of each task are inferred from the
    `text` of its regions.
    Of several annotations, the one marked as ground truth is used, or the first that was not cancelled. (JSON-MIN has
    neither mark, and lists the newest annotation first.) A task without annotations is skipped. If `annotator` (the
    email address or number in the export) is given, only that person's annotations are read.

    Raises:
        InputError: there is no such annotator (raised at the end of the stream).
    """
    annotators = Annotators(annotator)
    minimal_ids: set[str] = set()

    def convert(task: _Task, where: str) -> RawArticle | None:
        wanted = [annotation for annotation in task.annotations if annotators.accepts(annotation.annotator)]
        done = [annotation for annotation in wanted if not annotation.was_cancelled]
        if not done:
            log.add("tasks passed over without an annotation", where)
            return None
        if len(done) > 1 or (task.minimal and task.id in minimal_ids):
            log.add("tasks with several annotations, of which one counts", where)
        if task.minimal and task.id is not None:
            if task.id in minimal_ids:
                return None
            minimal_ids.add(task.id)
        chosen = next((annotation for annotation in done if annotation.ground_truth), done[0])
        key = find_text_key(task.data, given=text_key)
        text = task.data[key]
        if RECORD_KEY not in task.data and _ADDRESS.fullmatch(text.strip()):
            raise DataError(
                f"{key!r} is the address {clip(text)!r}, not the text: put the texts in its place (the file's offsets "
                "count them), and import that"
            )
        raw = RawArticle(
            id=task.id or default_id(where),
            text=text,
            spans=tuple(chain.from_iterable(_spans(result, text, where, log) for result in chosen.result)),
            meta={other: value for other, value in task.data.items() if other not in (key, RECORD_KEY)},
            units=units,
            partial_surfaces=True,
            source=where,
        )
        return with_record(raw, task.data.get(RECORD_KEY))

    yield from read_objects(path, _Task, convert, log=log, on_error=on_error, prepare=_from_minimal)
    annotators.check()


def write_label_studio(articles: Iterable[Article], path: Path, *, drafts: bool = False) -> int:
    """Writes articles as annotated tasks, for tags named `label` and `text`; returns the number.

    With `drafts`, the spans are predictions with their scores, and the tasks are not annotated.

    Raises:
        DataError: the file cannot be written.
    """
    return write_list(articles, path, partial(_task, drafts=drafts))


def _from_minimal(item: Any) -> Any:
    """Converts an item of JSON-MIN, or a row of CSV or TSV, to a task."""
    if not isinstance(item, dict) or "data" in item:
        return item
    if not _MINIMAL_KEYS & item.keys() - {"id"} and not _is_bare_row(item):
        return item
    tags = {key: values for key, values in item.items() if isinstance(values, list) and _are_regions(values)}
    result = [
        {"type": next((kind for kind in _LABELLING if kind in value), tag), "value": value}
        for tag, values in tags.items()
        for value in values
    ]
    annotation = {"result": result, "completed_by": item.get("annotator")}
    return {
        "id": item.get("id"),
        "data": {key: value for key, value in item.items() if key not in (*tags, *_MINIMAL_KEYS)},
        "annotations": [] if item.get("annotation_id") is None else [annotation],
        "minimal": True,
    }


def _is_bare_row(item: dict[str, Any]) -> bool:
    """Returns whether an item is a table row of an unannotated task: an id and data, but nothing like regions."""
    lists = [value for value in item.values() if isinstance(value, list)]
    regions = any(isinstance(part, dict | list) for value in lists for part in value)
    return "id" in item and not regions and any(isinstance(value, str) for value in item.values())


def _are_regions(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(value, dict) and {"start", "end"} <= value.keys() for value in values)


def _spans(result: dict[str, Any], text: str, where: str, log: ImportLog) -> Iterator[RawSpan]:
    """Yields the spans of one result, one per label.

    Label Studio keeps the score of a prediction that became an annotation; this score says nothing about the
    annotation.
    """
    if result.get("type") == "paragraphlabels":
        raise DataError("its labels are on turns of a dialogue (paragraphlabels), which are not offsets in one text")
    if result.get("type") not in _LABELLING:
        log.add("results left out that do not label text", f"{where}: {result.get('type')}")
        return
    region = _Region.model_validate(result)
    if not region.value.labels:
        log.add("regions left out that have no label", where)
    surface = region.value.text
    if surface is not None and "\\n" not in text:
        surface = surface.replace("\\n", "\n")  # some releases escape line breaks
    for label in region.value.labels:
        yield RawSpan(region.value.start, region.value.end, label, surface)


def _task(article: Article, *, drafts: bool) -> dict[str, Any]:
    result: list[dict[str, Any]] = [
        {
            "id": f"s{number}",
            "type": "labels",
            "from_name": "label",
            "to_name": "text",
            "value": {
                "start": span.start,
                "end": span.end,
                "text": article.surface(span),
                "labels": [span.label],
            },
        }
        for number, span in enumerate(article.spans, start=1)
    ]
    if not drafts:
        return {
            "data": {"text": article.text, RECORD_KEY: record_of(article)},
            "annotations": [{"result": result}],
        }
    scores = [span.score for span in article.spans]
    prediction: dict[str, Any] = {
        "model_version": RECORD_KEY,
        "result": [
            region if score is None else {**region, "score": score}
            for region, score in zip(result, scores, strict=True)
        ],
    }
    if known := [score for score in scores if score is not None]:
        prediction["score"] = min(known)
    return {"data": {"text": article.text, RECORD_KEY: draft_record_of(article)}, "predictions": [prediction]}
