"""Label Studio's JSON export: a list of tasks, whose annotations label stretches of a text."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import Field

from afteraction.data.article import Article
from afteraction.data.formats import OnError
from afteraction.data.importers.common import ImportLog
from afteraction.data.importers.raw import RawArticle, RawSpan, Units
from afteraction.data.importers.record import RECORD_KEY, record_of, with_record
from afteraction.data.importers.sources import ToolModel, default_id, find_text_key, read_objects, write_list


class _Value(ToolModel):
    start: int
    end: int
    text: str | None = None
    labels: list[str]


class _Region(ToolModel):
    value: _Value
    score: float | None = None


class _Annotation(ToolModel):
    result: list[dict[str, Any]]
    was_cancelled: bool = False
    ground_truth: bool = False


class _Task(ToolModel):
    id: str | None = None
    data: dict[str, Any]
    annotations: list[_Annotation] = Field(default=[])


def read_label_studio(
    path: Path, *, log: ImportLog, on_error: OnError, units: Units | None = None, text_key: str | None = None
) -> Iterator[RawArticle]:
    """The raw articles of a Label Studio export, read whole; the other keys of a task's data become `meta`.

    Label Studio has counted UTF-16 units and, later, code points: each task's own are told by the `text` of its
    regions. Of several annotations, the one marked as ground truth counts, else the first that was not cancelled; a
    task without any is passed over.
    """

    def convert(task: _Task, where: str) -> RawArticle | None:
        done = [annotation for annotation in task.annotations if not annotation.was_cancelled]
        if not done:
            log.add("tasks passed over without an annotation", where)
            return None
        if len(done) > 1:
            log.add("tasks with several annotations, of which one counts", where)
        chosen = next((annotation for annotation in done if annotation.ground_truth), done[0])
        key = find_text_key(task.data, given=text_key)
        text = task.data[key]
        raw = RawArticle(
            id=task.id or default_id(where),
            text=text,
            spans=tuple(chain.from_iterable(_spans(result, text, where, log) for result in chosen.result)),
            meta={other: value for other, value in task.data.items() if other not in (key, RECORD_KEY)},
            units=units,
            source=where,
        )
        return with_record(raw, task.data.get(RECORD_KEY))

    return read_objects(path, _Task, convert, on_error=on_error)


def write_label_studio(articles: Iterable[Article], path: Path) -> int:
    """Writes articles as annotated tasks, for tags named `label` and `text`; returns how many.

    Raises:
        DataError: the file cannot be written.
    """
    return write_list(articles, path, _task)


def _spans(result: dict[str, Any], text: str, where: str, log: ImportLog) -> Iterator[RawSpan]:
    if result.get("type") != "labels":
        log.add("results left out that label no stretch of text", f"{where}: {result.get('type')}")
        return
    region = _Region.model_validate(result)
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
