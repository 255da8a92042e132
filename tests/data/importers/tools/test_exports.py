"""Tests of special cases in the exports of Prodigy and doccano, and of what the tools' exports have in common."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from afteraction.data import Article, DataError, InputError
from afteraction.data.importers import (
    ImportLog,
    LabelMap,
    RawArticle,
    import_articles,
    read_argilla,
    read_doccano,
    read_label_studio,
    read_prodigy,
)

TEXT = "Rebels hit Gao on Monday."
REBELS, GAO = (0, 6), (11, 14)

Read = Callable[..., Iterator[RawArticle]]


def refuse(error: Exception) -> None:
    raise error


def lines(path: Path, *items: Any) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    return path


def imported(read: Read, path: Path, log: ImportLog, **options: Any) -> list[Article]:
    raw = read(path, log=log, on_error=refuse, **options)
    return list(import_articles(raw, labels=LabelMap(), log=log, on_error=refuse))


def surfaces(article: Article) -> list[tuple[str, str]]:
    return [(span.label, article.surface(span)) for span in article.spans]


# Prodigy and spaCy


def task(offsets: tuple[int, int], label: str, **more: Any) -> dict[str, Any]:
    start, end = offsets
    hashes = {"_input_hash": -12, "_task_hash": 99, "_timestamp": 1700000000}
    return {"text": TEXT, "spans": [{"start": start, "end": end, "label": label}], "answer": "accept", **hashes, **more}


def test_prodigy_texts_annotated_again_count_once(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "x.jsonl",
        task(GAO, "L", answer="ignore"),
        task(REBELS, "P", _session_id="news-ann"),
        task(GAO, "L", _session_id="news-bob"),
        task(GAO, "L", _input_hash=13),
    )
    log = ImportLog()
    first, second = imported(read_prodigy, path, log)
    assert (surfaces(first), surfaces(second)) == ([("P", "Rebels")], [("L", "Gao")])
    assert (first.id, second.id) == ("-12", "13")
    assert log.count("texts annotated again, of which the first counts") == 1


def test_prodigys_yes_or_no_to_one_span_says_nothing_of_the_others(tmp_path: Path) -> None:
    log = ImportLog()
    path = lines(tmp_path / "x.jsonl", task(REBELS, "P", _view_id="ner"), task(GAO, "L", _view_id="ner_manual"))
    [article] = imported(read_prodigy, path, log)
    assert surfaces(article) == [("L", "Gao")]
    assert log.count("texts passed over with a yes or no to one span") == 1


@pytest.mark.parametrize(
    "item",
    [
        {"text": TEXT, "ents": [{"start": 0, "end": 6, "label": "P", "kb_id": ""}], "tokens": [{"start": 0, "end": 6}]},
        {"text": TEXT, "spans": {"sc": [{"start": 0, "end": 6, "label": "P"}]}, "ents": []},
        {"text": TEXT, "spans": {"start": [0], "end": [6], "label": ["P"]}},
        {"text": TEXT, "entities": [{"start": 0, "end": 6, "label": "P"}]},
        {"text": TEXT, "spans": [{"start": 0, "end": 6, "label": ["P"], "text": None}], "meta": None, "tokens": None},
        [TEXT, {"entities": [[0, 6, "P"]]}],
        [TEXT, {"entities": [[0, 6, "P"]]}, None],
        [TEXT, {"entities": [[0, 6, "P"]], "links": {}}],
        {"text": TEXT, "entities": [[0, 6, "P"]]},
    ],
)
def test_prodigys_and_spacys_spans_in_every_form(tmp_path: Path, item: Any) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([item]))
    assert surfaces(imported(read_prodigy, path, ImportLog())[0]) == [("P", "Rebels")]


# doccano


@pytest.mark.parametrize(
    "item",
    [
        {"text": TEXT, "label": [[0, 6, "P"]], "Comments": []},
        {"text": TEXT, "label": [{"start_offset": 0, "end_offset": 6, "label": "P"}]},
        {"text": TEXT, "entities": [{"id": 1, "label": "P", "start_offset": 0, "end_offset": 6}], "relations": []},
        {"text": TEXT, "annotations": [{"label": "P", "start_offset": 0, "end_offset": 6, "user": 1}], "meta": None},
    ],
)
def test_doccanos_spans_in_every_form(tmp_path: Path, item: Any) -> None:
    assert surfaces(imported(read_doccano, lines(tmp_path / "x.jsonl", item), ImportLog())[0]) == [("P", "Rebels")]


def test_doccanos_first_releases_number_their_labels(tmp_path: Path) -> None:
    spans = [{"id": 4, "user": 1, "label": 7, "start_offset": 0, "end_offset": 6}]
    item = {"id": 3, "text": TEXT, "annotations": spans, "meta": {"source": "Post"}, "annotation_approver": None}
    log = ImportLog()
    [article] = imported(read_doccano, lines(tmp_path / "x.json", item), log)
    assert (surfaces(article), article.meta) == ([("7", "Rebels")], {"source": "Post"})
    assert log.count("texts whose labels are doccano's numbers, to be named with --map") == 1


def test_doccanos_empty_columns_are_null_and_its_unread_texts_without_labels(tmp_path: Path) -> None:
    item = {"id": 1, "text": TEXT, "label": [], "entities": None, "relations": None, "url": None, "Comments": []}
    log = ImportLog()
    [article] = imported(read_doccano, lines(tmp_path / "x.jsonl", item), log)
    assert (article.spans, article.meta) == ((), {})
    assert log.count("texts without a label, which may be unread") == 1


def test_a_class_of_a_text_is_no_span(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 1: 'attack' is not a span"):
        imported(read_doccano, lines(tmp_path / "x.jsonl", {"text": TEXT, "label": ["attack"]}), ImportLog())


# Any tool


def test_a_file_of_another_format_is_suspected(tmp_path: Path) -> None:
    log = ImportLog()
    imported(read_doccano, lines(tmp_path / "x.jsonl", task(REBELS, "P")), log)
    assert list(log.lines())[1] == "no article has a span: is the file of this format, and annotated?"


def test_what_is_no_object_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 1: input should be an object$"):
        imported(read_prodigy, lines(tmp_path / "x.jsonl", 3), ImportLog())


def test_an_archive_is_to_be_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("all.jsonl", json.dumps({"text": TEXT}))
    with pytest.raises(DataError, match=r"export\.zip: a ZIP archive: unpack it, and import what is in it"):
        imported(read_doccano, path, ImportLog())


# One annotator of several


def annotation(offsets: tuple[int, int], label: str, annotator: Any) -> dict[str, Any]:
    value = {"start": offsets[0], "end": offsets[1], "labels": [label]}
    return {"result": [{"type": "labels", "value": value}], "completed_by": annotator}


def record(**users: tuple[tuple[int, int], str]) -> dict[str, Any]:
    answers = [
        {"user_id": user, "value": [{"start": offsets[0], "end": offsets[1], "label": label}]}
        for user, (offsets, label) in users.items()
    ]
    return {"id": "1", "fields": {"text": TEXT}, "responses": {"spans": answers}}


@pytest.mark.parametrize(
    ("read", "item"),
    [
        (read_argilla, [record(ann=(REBELS, "P"), bob=(GAO, "L"))]),
        (
            read_label_studio,
            [
                {
                    "data": {"text": TEXT},
                    "annotations": [
                        annotation(REBELS, "P", {"id": 1, "email": "ann", "first_name": "Ann"}),
                        annotation(GAO, "L", "bob"),
                    ],
                }
            ],
        ),
        (read_prodigy, [task(REBELS, "P", _annotator_id="ann", _session_id="x"), task(GAO, "L", _session_id="bob")]),
    ],
)
def test_one_annotators_work_is_read_alone(tmp_path: Path, read: Read, item: list[Any]) -> None:
    path = lines(tmp_path / "x.jsonl", *item)
    for annotator, expected in (("ann", [("P", "Rebels")]), ("bob", [("L", "Gao")])):
        [article] = imported(read, path, ImportLog(), annotator=annotator)
        assert surfaces(article) == expected
    with pytest.raises(InputError, match=r"--annotator bbo: the file has no such annotator; did you mean 'bob'\?"):
        imported(read, path, ImportLog(), annotator="bbo")


def test_a_suggestion_is_no_annotators_work(tmp_path: Path) -> None:
    suggested = {"id": "2", "fields": {"text": TEXT}, "suggestions": {"spans": {"value": []}}}
    path = lines(tmp_path / "x.jsonl", record(ann=(REBELS, "P")), suggested)
    assert [article.id for article in imported(read_argilla, path, ImportLog(), annotator="ann")] == ["1"]
    path = lines(tmp_path / "y.jsonl", suggested)
    with pytest.raises(InputError, match=r"--annotator ann: .*; it names none"):
        imported(read_argilla, path, ImportLog(), annotator="ann")
