"""Tests of special cases in the tools' exports: several annotators, older forms, parts that are not spans."""

import csv
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


def region(offsets: tuple[int, int], *labels: str) -> dict[str, Any]:
    start, end = offsets
    return {"start": start, "end": end, "text": TEXT[start:end], "labels": list(labels)}


def annotation(offsets: tuple[int, int], label: str, **more: Any) -> dict[str, Any]:
    value = region(offsets, label)
    return {"result": [{"id": "r", "type": "labels", "from_name": "l", "to_name": "t", "value": value}], **more}


# Label Studio


def test_label_studios_completions_are_annotations_of_old(tmp_path: Path) -> None:
    skipped = annotation(GAO, "L", skipped=True)
    path = lines(
        tmp_path / "x.json", {"id": 1, "data": {"text": TEXT}, "completions": [skipped, annotation(REBELS, "P")]}
    )
    [article] = imported(read_label_studio, path, ImportLog())
    assert surfaces(article) == [("P", "Rebels")]


def test_json_min_has_an_item_for_each_annotation(tmp_path: Path) -> None:
    item = {
        "id": 7,
        "body": TEXT,
        "source": "Post",
        "tags": ["old"],
        "ner": [region(REBELS, "P"), region(GAO, "L")],
        "sure": [{"start": 0, "end": 6, "text": "Rebels", "choices": ["yes"]}],
        "annotator": 1,
        "annotation_id": 3,
        "created_at": "2024-05-01T10:00:00Z",
        "lead_time": 3.5,
    }
    bare = {"id": 8, "body": TEXT, "source": "Post", "annotator": 2, "annotation_id": 5}
    path = tmp_path / "x.json"
    unread = {"id": 9, "body": TEXT, "source": "Post", "annotator": None, "annotation_id": None}
    path.write_text(json.dumps([item, item | {"annotator": 2, "annotation_id": 4, "ner": []}, bare, unread]))
    log = ImportLog()
    first, second = imported(read_label_studio, path, log, text_key="body")
    assert (first.id, second.id, second.spans) == ("7", "8", ())
    assert surfaces(first) == [("P", "Rebels"), ("L", "Gao")]
    assert first.meta == {"source": "Post", "tags": ["old"]}
    assert log.count("tasks with several annotations, of which one counts") == 1
    assert log.count("tasks passed over without an annotation") == 1
    assert log.count("results left out that do not label text") == 1


def test_items_of_json_min_without_ids_are_articles_of_their_own(tmp_path: Path) -> None:
    item = {"text": TEXT, "label": [region(REBELS, "P")], "annotator": 1, "annotation_id": 3}
    log = ImportLog()
    articles = imported(read_label_studio, lines(tmp_path / "x.json", item, item | {"annotation_id": 4}), log)
    assert [article.id for article in articles] == ["x-1", "x-2"]
    assert log.count("tasks with several annotations, of which one counts") == 0


def test_a_region_without_a_label_is_counted(tmp_path: Path) -> None:
    result = annotation(REBELS, "P")["result"] + [{"type": "labels", "value": region(GAO)}]
    path = lines(tmp_path / "x.json", {"data": {"text": TEXT}, "annotations": [{"result": result}]})
    log = ImportLog()
    [article] = imported(read_label_studio, path, log)
    assert surfaces(article) == [("P", "Rebels")]
    assert log.count("regions left out that have no label") == 1


def hypertext(offsets: tuple[int, int]) -> dict[str, Any]:
    """Returns the result of a HyperText tag: paths into the page, and offsets in the rendered text."""
    start, end = offsets
    value = {"start": "/div[1]/p[1]/text()[1]", "end": "/div[1]/p[1]/text()[1]", "startOffset": 0, "endOffset": 6}
    value |= {"globalOffsets": {"start": start, "end": end}, "text": "Rebels", "hypertextlabels": ["P"]}
    return {"type": "hypertextlabels", "value": value}


def test_labels_on_hypertext_are_read_where_it_is_plain_text(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.json", {"data": {"text": TEXT}, "annotations": [{"result": [hypertext(REBELS)]}]})
    [article] = imported(read_label_studio, path, ImportLog())
    assert surfaces(article) == [("P", "Rebels")]
    page = {"data": {"html": f"<p>{TEXT}</p>"}, "annotations": [{"result": [hypertext(REBELS)]}]}
    with pytest.raises(DataError, match=r"P \[0, 6\) is 'Rebels' in the file, but the text there is '<p>Reb'"):
        imported(read_label_studio, lines(path, page), ImportLog())


def test_labels_that_are_no_offsets_are_refused(tmp_path: Path) -> None:
    turn = {"type": "paragraphlabels", "value": {"start": "0", "end": "1", "paragraphlabels": ["P"]}}
    path = lines(tmp_path / "x.json", {"data": {"text": TEXT}, "annotations": [{"result": [turn]}]})
    with pytest.raises(DataError, match=r"line 1: its labels are on turns of a dialogue"):
        imported(read_label_studio, path, ImportLog())


# Prodigy


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
    "item", [{"text": TEXT, "entities": [[0, 6, "P"]]}, [TEXT, {"entities": [[0, 6, "P"]], "links": {}}]]
)
def test_spacys_entities_are_spans(tmp_path: Path, item: Any) -> None:
    path = tmp_path / "train.json"
    path.write_text(json.dumps([item]))
    [article] = imported(read_prodigy, path, ImportLog())
    assert surfaces(article) == [("P", "Rebels")]


def test_a_file_of_another_format_is_suspected(tmp_path: Path) -> None:
    log = ImportLog()
    imported(read_doccano, lines(tmp_path / "x.jsonl", task(REBELS, "P")), log)
    assert list(log.lines())[1] == "no article has a span: is the file of this format, and annotated?"


def test_what_is_no_object_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 1: input should be an object$"):
        imported(read_prodigy, lines(tmp_path / "x.jsonl", 3), ImportLog())


# One annotator of several


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
                        annotation(REBELS, "P", completed_by={"id": 1, "email": "ann", "first_name": "Ann"}),
                        annotation(GAO, "L", completed_by="bob"),
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


# doccano


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


def test_an_archive_is_to_be_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("all.jsonl", json.dumps({"text": TEXT}))
    with pytest.raises(DataError, match=r"export\.zip: a ZIP archive: unpack it, and import what is in it"):
        imported(read_doccano, path, ImportLog())


def test_a_region_whose_text_is_cut_short_counts_by_its_offsets_and_is_told(tmp_path: Path) -> None:
    short = region(REBELS, "P") | {"text": "ebel"}
    other = region(GAO, "L") | {"text": "Mali"}
    item = {"id": 1, "data": {"text": TEXT}, "annotations": [{"result": [{"type": "labels", "value": short}]}]}
    log = ImportLog()
    [article] = imported(read_label_studio, lines(tmp_path / "x.json", item), log)
    assert surfaces(article) == [("P", "Rebels")]
    assert log.count("spans whose text in the file is a part of the text at their offsets, which count") == 1
    item["annotations"] = [{"result": [{"type": "labels", "value": value} for value in (short, other)]}]
    with pytest.raises(DataError, match="is 'ebel' in the file"):
        imported(read_label_studio, lines(tmp_path / "x.json", item), log)


@pytest.mark.parametrize(
    "address",
    [
        "/data/upload/3/ab12-story.txt",
        "/data/local-files/?d=news/a.txt",
        "https://example.org/a",
        "s3://bucket/a.txt",
        "story.txt",
    ],
)
def test_an_address_is_no_text(tmp_path: Path, address: str) -> None:
    item = {"id": 1, "data": {"text": address}, "annotations": [annotation(REBELS, "P")]}
    with pytest.raises(DataError, match=r"'text' is the address .*, not the text"):
        imported(read_label_studio, lines(tmp_path / "x.json", item), ImportLog())


@pytest.mark.parametrize("name", ["x.csv", "x.tsv"])
def test_label_studios_tables_have_regions_in_a_cell(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    head = {"text": TEXT, "id": 7, "label": json.dumps([region(REBELS, "P")]), "annotator": 1, "annotation_id": 3}
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(head), delimiter="," if name.endswith("csv") else "\t")
        writer.writeheader()
        writer.writerows([head, head | {"id": 8, "label": ""}, head | {"id": 9, "label": "", "annotation_id": ""}])
    log = ImportLog()
    first, second = imported(read_label_studio, path, log)
    assert (first.id, surfaces(first), second.id, second.spans) == ("7", [("P", "Rebels")], "8", ())
    assert log.count("tasks passed over without an annotation") == 1


def test_predictions_and_drafts_are_told(tmp_path: Path) -> None:
    item = {"id": 1, "data": {"text": TEXT}, "annotations": [annotation(REBELS, "P")], "drafts": [], "predictions": [1]}
    log = ImportLog()
    imported(read_label_studio, lines(tmp_path / "x.json", item), log)
    assert log.count("keys left out that look like annotation") == 1


# Prodigy and spaCy


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


def test_a_class_of_a_text_is_no_span(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 1: 'attack' is not a span"):
        imported(read_doccano, lines(tmp_path / "x.jsonl", {"text": TEXT, "label": ["attack"]}), ImportLog())
