"""Tests of special cases in Label Studio's exports: older forms, JSON_MIN, tables, labels on other than plain text."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import Article, DataError
from afteraction.data.importers import ImportLog, LabelMap, import_articles, read_label_studio

TEXT = "Rebels hit Gao on Monday."
REBELS, GAO = (0, 6), (11, 14)


def refuse(error: Exception) -> None:
    raise error


def lines(path: Path, *items: Any) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    return path


def imported(path: Path, log: ImportLog, **options: Any) -> list[Article]:
    raw = read_label_studio(path, log=log, on_error=refuse, **options)
    return list(import_articles(raw, labels=LabelMap(), log=log, on_error=refuse))


def surfaces(article: Article) -> list[tuple[str, str]]:
    return [(span.label, article.surface(span)) for span in article.spans]


def region(offsets: tuple[int, int], *labels: str) -> dict[str, Any]:
    start, end = offsets
    return {"start": start, "end": end, "text": TEXT[start:end], "labels": list(labels)}


def annotation(offsets: tuple[int, int], label: str, **more: Any) -> dict[str, Any]:
    value = region(offsets, label)
    return {"result": [{"id": "r", "type": "labels", "from_name": "l", "to_name": "t", "value": value}], **more}


def test_label_studios_completions_are_annotations_of_old(tmp_path: Path) -> None:
    skipped = annotation(GAO, "L", skipped=True)
    path = lines(
        tmp_path / "x.json", {"id": 1, "data": {"text": TEXT}, "completions": [skipped, annotation(REBELS, "P")]}
    )
    [article] = imported(path, ImportLog())
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
    first, second = imported(path, log, text_key="body")
    assert (first.id, second.id, second.spans) == ("7", "8", ())
    assert surfaces(first) == [("P", "Rebels"), ("L", "Gao")]
    assert first.meta == {"source": "Post", "tags": ["old"]}
    assert log.count("tasks with several annotations, of which one counts") == 1
    assert log.count("tasks passed over without an annotation") == 1
    assert log.count("results left out that do not label text") == 1


def test_items_of_json_min_without_ids_are_articles_of_their_own(tmp_path: Path) -> None:
    item = {"text": TEXT, "label": [region(REBELS, "P")], "annotator": 1, "annotation_id": 3}
    log = ImportLog()
    articles = imported(lines(tmp_path / "x.json", item, item | {"annotation_id": 4}), log)
    assert [article.id for article in articles] == ["x-1", "x-2"]
    assert log.count("tasks with several annotations, of which one counts") == 0


def test_a_region_without_a_label_is_counted(tmp_path: Path) -> None:
    result = annotation(REBELS, "P")["result"] + [{"type": "labels", "value": region(GAO)}]
    path = lines(tmp_path / "x.json", {"data": {"text": TEXT}, "annotations": [{"result": result}]})
    log = ImportLog()
    [article] = imported(path, log)
    assert surfaces(article) == [("P", "Rebels")]
    assert log.count("regions left out that have no label") == 1


def test_a_region_whose_text_is_cut_short_counts_by_its_offsets_and_is_told(tmp_path: Path) -> None:
    short = region(REBELS, "P") | {"text": "ebel"}
    other = region(GAO, "L") | {"text": "Mali"}
    item = {"id": 1, "data": {"text": TEXT}, "annotations": [{"result": [{"type": "labels", "value": short}]}]}
    log = ImportLog()
    [article] = imported(lines(tmp_path / "x.json", item), log)
    assert surfaces(article) == [("P", "Rebels")]
    assert log.count("spans whose text in the file is a part of the text at their offsets, which count") == 1
    item["annotations"] = [{"result": [{"type": "labels", "value": value} for value in (short, other)]}]
    with pytest.raises(DataError, match="is 'ebel' in the file"):
        imported(lines(tmp_path / "x.json", item), log)


def hypertext(offsets: tuple[int, int]) -> dict[str, Any]:
    """Returns the result of a HyperText tag: paths into the page, and offsets in the rendered text."""
    start, end = offsets
    value = {"start": "/div[1]/p[1]/text()[1]", "end": "/div[1]/p[1]/text()[1]", "startOffset": 0, "endOffset": 6}
    value |= {"globalOffsets": {"start": start, "end": end}, "text": "Rebels", "hypertextlabels": ["P"]}
    return {"type": "hypertextlabels", "value": value}


def test_labels_on_hypertext_are_read_where_it_is_plain_text(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.json", {"data": {"text": TEXT}, "annotations": [{"result": [hypertext(REBELS)]}]})
    [article] = imported(path, ImportLog())
    assert surfaces(article) == [("P", "Rebels")]
    page = {"data": {"html": f"<p>{TEXT}</p>"}, "annotations": [{"result": [hypertext(REBELS)]}]}
    with pytest.raises(DataError, match=r"P \[0, 6\) is 'Rebels' in the file, but the text there is '<p>Reb'"):
        imported(lines(path, page), ImportLog())


def test_labels_that_are_no_offsets_are_refused(tmp_path: Path) -> None:
    turn = {"type": "paragraphlabels", "value": {"start": "0", "end": "1", "paragraphlabels": ["P"]}}
    path = lines(tmp_path / "x.json", {"data": {"text": TEXT}, "annotations": [{"result": [turn]}]})
    with pytest.raises(DataError, match=r"line 1: its labels are on turns of a dialogue"):
        imported(path, ImportLog())


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
        imported(lines(tmp_path / "x.json", item), ImportLog())


@pytest.mark.parametrize("name", ["x.csv", "x.tsv"])
def test_label_studios_tables_have_regions_in_a_cell(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    head = {"text": TEXT, "id": 7, "label": json.dumps([region(REBELS, "P")]), "annotator": 1, "annotation_id": 3}
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(head), delimiter="," if name.endswith("csv") else "\t")
        writer.writeheader()
        writer.writerows([head, head | {"id": 8, "label": ""}, head | {"id": 9, "label": "", "annotation_id": ""}])
    log = ImportLog()
    first, second = imported(path, log)
    assert (first.id, surfaces(first), second.id, second.spans) == ("7", [("P", "Rebels")], "8", ())
    assert log.count("tasks passed over without an annotation") == 1


def test_predictions_and_drafts_are_told(tmp_path: Path) -> None:
    item = {"id": 1, "data": {"text": TEXT}, "annotations": [annotation(REBELS, "P")], "drafts": [], "predictions": [1]}
    log = ImportLog()
    imported(lines(tmp_path / "x.json", item), log)
    assert log.count("keys left out that look like annotation") == 1
