"""Label Studio's JSON exports: tasks, whose annotations label stretches of a text; in JSON-MIN, an annotation each."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, AliasPath, Field, model_validator

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError
from afteraction.data.importers.annotators import Annotators
from afteraction.data.importers.json_files import ToolModel, default_id, find_text_key, read_objects, write_list
from afteraction.data.importers.raw import RawArticle, RawSpan, Units
from afteraction.data.importers.record import RECORD_KEY, record_of, with_record
from afteraction.data.importers.to_articles import ImportLog

_MINIMAL_KEYS = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"}
"""What JSON-MIN says of an annotation; its other keys are the task's data, or tags with what they hold."""


_LABELLING = ("labels", "hypertextlabels")
"""The tags that label text. HyperText's offsets are in the text that one sees: in HTML, the surface is elsewhere."""


class _Value(ToolModel):
    start: int = Field(validation_alias=AliasChoices(AliasPath("globalOffsets", "start"), "start"))
    end: int = Field(validation_alias=AliasChoices(AliasPath("globalOffsets", "end"), "end"))
    text: str | None = None
    labels: list[str] = Field(validation_alias=AliasChoices(*_LABELLING))


class _Region(ToolModel):
    value: _Value
    score: float | None = None


class _Annotation(ToolModel):
    result: list[dict[str, Any]] | None
    was_cancelled: bool = Field(default=False, validation_alias=AliasChoices("was_cancelled", "skipped"))
    ground_truth: bool = False
    completed_by: Any = None
    """A number, a mail address, or an object with both."""

    @property
    def annotator(self) -> Any:
        """Who made it: the mail address where there is one, else the number."""
        by = self.completed_by
        return by.get("email", by.get("id")) if isinstance(by, dict) else by


class _Task(ToolModel):
    id: str | None = None
    data: dict[str, Any]
    annotations: list[_Annotation] = Field(default=[], validation_alias=AliasChoices("annotations", "completions"))
    minimal: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_minimal(cls, item: Any) -> Any:
        """Gives an object of JSON-MIN the form of a task."""
        if not isinstance(item, dict) or "data" in item or "annotation_id" not in item:
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
            "annotations": [] if item["annotation_id"] is None else [annotation],
            "minimal": True,
        }


def read_label_studio(
    path: Path,
    *,
    log: ImportLog,
    on_error: OnError,
    units: Units | None = None,
    text_key: str | None = None,
    annotator: str | None = None,
) -> Iterator[RawArticle]:
    """The raw articles of a Label Studio export, read whole; the other keys of a task's data become `meta`.

    Label Studio has counted UTF-16 units and, later, code points: each task's own are told by the `text` of its
    regions. Of several annotations, the one marked as ground truth counts, else the first that was not cancelled
    (JSON-MIN has neither mark, and the newest first); a task without any is passed over. Only the annotations of
    `annotator` are read, if it is given: the mail address or number by which the export names someone.

    Raises:
        InputError: at the end, if there is no such annotator.
    """
    annotators = Annotators(annotator)
    minimal_ids: set[str | None] = set()

    def convert(task: _Task, where: str) -> RawArticle | None:
        wanted = [annotation for annotation in task.annotations if annotators.want(annotation.annotator)]
        done = [annotation for annotation in wanted if not annotation.was_cancelled]
        if not done:
            log.add("tasks passed over without an annotation", where)
            return None
        if len(done) > 1 or (task.minimal and task.id in minimal_ids):
            log.add("tasks with several annotations, of which one counts", where)
        if task.minimal:
            if task.id in minimal_ids:
                return None
            minimal_ids.add(task.id)
        chosen = next((annotation for annotation in done if annotation.ground_truth), done[0])
        key = find_text_key(task.data, given=text_key)
        text = task.data[key]
        raw = RawArticle(
            id=task.id or default_id(where),
            text=text,
            spans=tuple(chain.from_iterable(_spans(result, text, where, log) for result in chosen.result or [])),
            meta={other: value for other, value in task.data.items() if other not in (key, RECORD_KEY)},
            units=units,
            source=where,
        )
        return with_record(raw, task.data.get(RECORD_KEY))

    yield from read_objects(path, _Task, convert, on_error=on_error)
    annotators.check()


def write_label_studio(articles: Iterable[Article], path: Path) -> int:
    """Writes articles as annotated tasks, for tags named `label` and `text`; returns how many.

    Raises:
        DataError: the file cannot be written.
    """
    return write_list(articles, path, _task)


def _are_regions(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(value, dict) and {"start", "end"} <= value.keys() for value in values)


def _spans(result: dict[str, Any], text: str, where: str, log: ImportLog) -> Iterator[RawSpan]:
    if result.get("type") == "paragraphlabels":
        raise DataError("its labels are on turns of a dialogue (paragraphlabels), which are no offsets of one text")
    if result.get("type") not in _LABELLING:
        log.add("results left out that label no stretch of text", f"{where}: {result.get('type')}")
        return
    region = _Region.model_validate(result)
    if not region.value.labels:
        log.add("regions left out that have no label", where)
    surface = region.value.text
    if surface is not None and "\\n" not in text:
        surface = surface.replace("\\n", "\n")  # as some releases write a line break
    for label in region.value.labels:
        yield RawSpan(region.value.start, region.value.end, label, surface, score=region.score)


def _task(article: Article) -> dict[str, Any]:
    result = [
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
    return {
        "data": {"text": article.text, RECORD_KEY: record_of(article)},
        "annotations": [{"result": result}],
    }
