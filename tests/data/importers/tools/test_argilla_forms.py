"""Tests of Argilla's records in the forms of data set exports and earlier versions."""

import json
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import Article, DataError
from afteraction.data.importers import ImportLog, LabelMap, import_articles, read_argilla

TEXT = "Rebels hit Gao"
SPANS = [{"start": 0, "end": 6, "label": "P"}, {"start": 11, "end": 14, "label": "L"}]
COLUMNS = {"start": [0, 11], "end": [6, 14], "label": ["P", "L"]}
FLAT = {"id": "r1", "status": "completed", "_server_id": "s", "text": TEXT, "source": "Post"}
RESPONSES = {"spans.responses": [SPANS], "spans.responses.users": ["u1"], "spans.responses.status": ["submitted"]}
ANSWER = {"user_id": "u1", "value": SPANS, "status": "submitted"}
OLD = {"external_id": "r1", "metadata": '{"source": "Post"}', "text": TEXT}


def refuse(error: Exception) -> None:
    raise error


def imported(path: Path, item: Any, log: ImportLog | None = None, **options: Any) -> list[Article]:
    path.write_text(json.dumps(item) + "\n")
    log = log or ImportLog()
    raw = read_argilla(path, log=log, on_error=refuse, **options)
    return list(import_articles(raw, labels=LabelMap(), log=log, on_error=refuse))


def surfaces(article: Article) -> list[tuple[str, str]]:
    return [(span.label, article.surface(span)) for span in article.spans]


@pytest.mark.parametrize(
    "item",
    [
        FLAT | RESPONSES | {"spans.suggestion": None, "spans.suggestion.score": None},
        FLAT | RESPONSES | {"spans.responses": [COLUMNS]},
        OLD | {"spans": [ANSWER], "spans-suggestion": [], "spans-suggestion-metadata": {"type": None}},
        OLD | {"spans": {"user_id": ["u1"], "value": [COLUMNS], "status": ["submitted"]}},
        {
            "external_id": "r1",
            "fields": {"text": TEXT},
            "metadata": {"source": "Post"},
            "responses": [{"user_id": "u1", "status": "submitted", "values": {"spans": {"value": SPANS}}}],
            "suggestions": [],
        },
        {
            "id": "r1",
            "text": TEXT,
            "tokens": ["Rebels", "hit", "Gao"],
            "prediction": None,
            "annotation": SPANS,
            "annotation_agent": "u1",
            "metadata": {"source": "Post"},
            "status": "Validated",
        },
    ],
)
def test_a_submitted_answer_is_the_same_in_every_form(tmp_path: Path, item: dict[str, Any]) -> None:
    log = ImportLog()
    [article] = imported(tmp_path / "x.jsonl", item, log, annotator="u1")
    assert (article.id, article.text, surfaces(article)) == ("r1", TEXT, [("P", "Rebels"), ("L", "Gao")])
    assert article.meta == {"source": "Post"}
    assert log.count("keys left out that look like annotation") == 0


@pytest.mark.parametrize(
    "item",
    [
        FLAT | {"spans.suggestion": COLUMNS, "spans.suggestion.score": [0.5, 0.5]},
        OLD | {"spans": [], "spans-suggestion": SPANS},
        {"text": TEXT, "prediction": SPANS, "annotation": None},
        {"fields": {"text": TEXT}, "responses": [], "suggestions": [{"question_name": "spans", "value": SPANS}]},
    ],
)
def test_a_suggestion_is_the_same_in_every_form_and_told(tmp_path: Path, item: dict[str, Any]) -> None:
    log = ImportLog()
    [article] = imported(tmp_path / "x.jsonl", item, log)
    assert surfaces(article) == [("P", "Rebels"), ("L", "Gao")]
    assert log.count("records whose spans are suggestions without a response") == 1


def test_discarded_answers_are_none_and_other_annotation_is_told(tmp_path: Path) -> None:
    log = ImportLog()
    discarded = FLAT | RESPONSES | {"spans.responses.status": ["discarded"], "mine": SPANS}
    assert imported(tmp_path / "x.jsonl", discarded, log) == []
    assert log.count("records passed over without a submitted response or a suggestion") == 1
    assert log.count("keys left out that look like annotation") == 1


@pytest.mark.parametrize(
    "item",
    [
        FLAT | {"spans.responses": None, "spans.responses.users": None, "spans.suggestion": None},
        OLD | {"spans": [], "spans-suggestion": None},
        OLD | {"spans": None, "spans-suggestion": None},
        {"text": TEXT, "prediction": None, "annotation": None, "status": "Default"},
        {"text": TEXT, "prediction": SPANS, "annotation": SPANS, "status": "Discarded"},
        {"text": TEXT, "prediction": SPANS, "annotation": None, "status": "Discarded"},
    ],
)
def test_a_record_that_is_discarded_or_that_nobody_has_answered_is_passed_over(
    tmp_path: Path, item: dict[str, Any]
) -> None:
    log = ImportLog()
    assert imported(tmp_path / "x.jsonl", item, log) == []
    assert log.count("records passed over without a submitted response or a suggestion") == 1


@pytest.mark.parametrize(
    "item",
    [
        FLAT | RESPONSES | {"spans.responses.users": 3},
        OLD | {"spans": {"user_id": 5, "value": 3}},
        OLD | {"spans": [ANSWER], "metadata": "{"},
        {"fields": {"text": TEXT}, "responses": ["x"]},
    ],
)
def test_a_record_that_is_not_as_it_should_be_is_named(tmp_path: Path, item: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="line 1: not a valid record of Argilla"):
        imported(tmp_path / "x.jsonl", item)
