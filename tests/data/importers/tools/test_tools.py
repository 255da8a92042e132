"""Tests of the JSON exports of annotation tools in their usual forms."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import Article, DataError
from afteraction.data.importers import (
    ImportLog,
    LabelMap,
    RawArticle,
    Units,
    export_articles,
    import_articles,
    read_argilla,
    read_doccano,
    read_label_studio,
    read_prodigy,
)

TEXT = "👍🏽 Rebels hit the Cafe\u0301 in Gao.\r\nTwo died in 𝔸den."


def code_points(surface: str) -> tuple[int, int]:
    start = TEXT.index(surface)
    return start, start + len(surface)


def utf16(surface: str) -> tuple[int, int]:
    start = len(TEXT[: TEXT.index(surface)].encode("utf-16-le")) // 2
    return start, start + len(surface.encode("utf-16-le")) // 2


def refuse(error: Exception) -> None:
    raise error


def lines(path: Path, *items: Any) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    return path


def imported(raw: Iterator[RawArticle]) -> list[Article]:
    return list(import_articles(raw, labels=LabelMap(), log=ImportLog(), on_error=refuse))


def surfaces(article: Article) -> list[tuple[str, str]]:
    return [(span.label, article.surface(span)) for span in article.spans]


EXPECTED = [("P", "Rebels"), ("T", "the Cafe\u0301"), ("L", "𝔸den")]

# Label Studio


def task(text: str = TEXT, *, offsets: Any = utf16, **more: Any) -> dict[str, Any]:
    result = [
        {
            "id": f"r{start}",
            "type": "labels",
            "from_name": "ner",
            "to_name": "body",
            "value": {"start": offsets(surface)[0], "end": offsets(surface)[1], "text": surface, "labels": [label]},
        }
        for start, (label, surface) in enumerate(EXPECTED)
    ]
    return {"id": 7, "data": {"body": text}, "annotations": [{"result": result, "was_cancelled": False}], **more}


@pytest.mark.parametrize("offsets", [utf16, code_points])
def test_label_studio_counts_in_either_unit(tmp_path: Path, offsets: Any) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps([task(offsets=offsets)], indent=2))
    [article] = imported(read_label_studio(path, log=ImportLog(), on_error=refuse))
    assert (article.id, article.text) == ("7", TEXT)
    assert surfaces(article) == EXPECTED


def test_label_studio_surfaces_that_are_elsewhere_are_refused_with_both_strings(tmp_path: Path) -> None:
    wrong = task()
    wrong["annotations"][0]["result"][0]["value"]["start"] += 1
    path = lines(tmp_path / "export.jsonl", wrong)
    raw = read_label_studio(path, log=ImportLog(), on_error=refuse)
    with pytest.raises(DataError, match=r"export.jsonl: line 1: article '7': P \[6, 11\) is 'Rebels' in the file, but"):
        imported(raw)


def test_label_studio_chooses_one_annotation_and_counts_the_rest(tmp_path: Path) -> None:
    chosen = task()["annotations"][0] | {"ground_truth": True}
    chosen["result"] += [{"type": "choices", "value": {"choices": ["yes"]}}, {"type": "relation", "from_id": "r0"}]
    several = task(annotations=[{"result": [], "was_cancelled": True}, {"result": []}, chosen])
    unread = task(id=8, annotations=[{"result": [], "was_cancelled": True}], predictions=[chosen])
    log = ImportLog()
    [article] = imported(read_label_studio(lines(tmp_path / "x.jsonl", several, unread), log=log, on_error=refuse))
    assert surfaces(article) == EXPECTED
    assert log.count("tasks with several annotations, of which one counts") == 1
    assert log.count("tasks passed over without an annotation") == 1
    assert log.count("results left out that do not label text") == 2


def test_label_studio_surfaces_may_have_their_line_breaks_escaped(tmp_path: Path) -> None:
    value = {"start": 0, "end": 7, "text": "a\\nbus!", "labels": ["T"]}
    item = {
        "data": {"text": "a\nbus!!"},
        "annotations": [{"result": [{"type": "labels", "value": value | {"end": 6}}]}],
    }
    [article] = imported(read_label_studio(lines(tmp_path / "x.jsonl", item), log=ImportLog(), on_error=refuse))
    assert surfaces(article) == [("T", "a\nbus!")]
    assert article.id == "x-1"


def test_the_key_of_the_text_is_named_where_it_is_not_clear(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.jsonl", task(data={"title": "Gao", "body": TEXT, "year": 2024}))
    with pytest.raises(DataError, match="no text under 'text'; name its key with --text-key: 'body', 'title'"):
        list(read_label_studio(path, log=ImportLog(), on_error=refuse))
    [article] = imported(read_label_studio(path, log=ImportLog(), on_error=refuse, text_key="body"))
    assert surfaces(article) == EXPECTED
    assert article.meta == {"title": "Gao", "year": 2024}


# doccano


@pytest.mark.parametrize("key", ["label", "labels"])
@pytest.mark.parametrize("units", [Units.UTF16, Units.CODE_POINTS])
def test_doccano_triples_in_units_that_are_named(tmp_path: Path, key: str, units: Units) -> None:
    offsets = utf16 if units is Units.UTF16 else code_points
    labels = [[*offsets(surface), label] for label, surface in EXPECTED]
    path = lines(tmp_path / "all.jsonl", {"id": 3, "text": TEXT, key: labels, "source": "Post", "Comments": []})
    [article] = imported(read_doccano(path, log=ImportLog(), on_error=refuse, units=units))
    assert surfaces(article) == EXPECTED
    assert (article.id, article.meta) == ("3", {"source": "Post"})


def test_doccano_offsets_that_could_be_either_are_refused(tmp_path: Path) -> None:
    path = lines(tmp_path / "all.jsonl", {"text": TEXT, "label": [[*code_points("Gao"), "L"]]})
    with pytest.raises(DataError, match="say which with --units"):
        imported(read_doccano(path, log=ImportLog(), on_error=refuse))


def test_doccano_entities_with_relations(tmp_path: Path) -> None:
    entities = [
        {"id": 1, "label": "P", "start_offset": 0, "end_offset": 6},
        {"id": 2, "label": "L", "start_offset": 11, "end_offset": 14},
    ]
    relations = [{"id": 1, "from_id": 1, "to_id": 2, "type": "in"}]
    item = {"id": 1, "text": "Rebels hit Gao", "Comments": [], "entities": entities, "relations": relations}
    intents = {"text": "Rebels hit Gao", "entities": [[0, 6, "P"], [11, 14, "L"]], "cats": ["attack"], "source": None}
    log = ImportLog()
    first, second = imported(read_doccano(lines(tmp_path / "all.jsonl", item, intents), log=log, on_error=refuse))
    assert surfaces(first) == surfaces(second) == [("P", "Rebels"), ("L", "Gao")]
    assert (first.meta, second.meta) == ({}, {"cats": ["attack"]})
    assert log.count("texts whose relations are left out") == 1


# Prodigy


def prodigy_tokens() -> list[dict[str, Any]]:
    found = []
    position = 0
    for number, word in enumerate(TEXT.replace(".", " .").split()):
        position = TEXT.index(word, position)
        found.append({"text": word, "start": position, "end": position + len(word), "id": number, "ws": True})
        position += len(word)
    return found


def test_prodigy_spans_are_checked_against_their_tokens(tmp_path: Path) -> None:
    tokens = prodigy_tokens()
    spans = []
    for label, surface in EXPECTED:
        start, end = code_points(surface)
        first = next(token["id"] for token in tokens if token["start"] == start)
        last = next(token["id"] for token in tokens if token["end"] == end)
        spans.append({"start": start, "end": end, "label": label, "token_start": first, "token_end": last})
    good = {"text": TEXT, "tokens": tokens, "spans": spans, "meta": {"source": "Post"}, "answer": "accept"}
    bare_task = {"text": TEXT, "relations": [{"head": 0, "child": 1, "label": "in"}]}
    path = lines(tmp_path / "ner.jsonl", good, good | {"answer": "reject"}, bare_task)
    log = ImportLog()
    article, bare = imported(read_prodigy(path, log=log, on_error=refuse))
    assert surfaces(article) == EXPECTED
    assert (article.id, article.meta, bare.spans) == ("ner-1", {"source": "Post"}, ())
    assert log.count("texts passed over that were not accepted") == 1
    assert log.count("texts whose relations are left out") == 1

    spans[0]["start"] += 1
    with pytest.raises(DataError, match=r"line 1: article 'ner-1': P \[4, 9\) is 'Rebels' in the file"):
        imported(read_prodigy(lines(path, good), log=ImportLog(), on_error=refuse))
    spans[0]["token_end"] = 99
    with pytest.raises(DataError, match="there are no tokens 1 to 99, but 13"):
        imported(read_prodigy(lines(path, good), log=ImportLog(), on_error=refuse))


# Argilla


def argilla(**more: Any) -> dict[str, Any]:
    return {"id": "r1", "fields": {"text": "Rebels hit Gao"}, "metadata": {"source": "Post"}, **more}


def value(start: int, end: int, label: str) -> list[dict[str, Any]]:
    return [{"start": start, "end": end, "label": label}]


def test_argilla_takes_the_first_submitted_response(tmp_path: Path) -> None:
    responses = {
        "attack": [{"value": "yes", "status": "submitted"}],
        "spans": [
            {"value": value(0, 6, "WRONG"), "status": "draft"},
            {"value": value(0, 6, "P"), "status": "submitted"},
            {"value": value(11, 14, "L"), "status": "submitted"},
        ],
    }
    suggestions = {"spans": {"value": value(7, 10, "S"), "score": None, "agent": "model"}}
    log = ImportLog()
    path = lines(
        tmp_path / "x.jsonl",
        argilla(responses=responses, suggestions=suggestions),
        argilla(id="r2", responses={}, suggestions=suggestions),
        argilla(id="r3", responses={"spans": [{"value": value(0, 6, "P"), "status": "discarded"}]}),
        argilla(id="r4"),
    )
    first, second = imported(read_argilla(path, log=log, on_error=refuse))
    assert (surfaces(first), first.meta) == ([("P", "Rebels")], {"source": "Post"})
    assert surfaces(second) == [("S", "hit")]
    assert log.count("records with several responses, of which the first counts") == 1
    assert log.count("records whose spans are suggestions without a response") == 1
    assert log.count("records passed over without a submitted response or a suggestion") == 2


def test_argilla_responses_without_a_status_may_be_drafts_where_the_record_is_pending(tmp_path: Path) -> None:
    responses = {"spans": [{"value": value(0, 6, "P"), "user_id": "u1"}]}
    path = tmp_path / "x.json"
    path.write_text(
        json.dumps([argilla(id=str(k), responses=responses, status=s) for k, s in enumerate(("pending", "completed"))])
    )
    log = ImportLog()
    articles = imported(read_argilla(path, log=log, on_error=refuse))
    assert [surfaces(article) for article in articles] == [[("P", "Rebels")]] * 2
    assert log.count("records pending, whose responses may be drafts") == 1


def test_argilla_spans_of_two_questions_are_refused(tmp_path: Path) -> None:
    responses = {name: [{"value": value(0, 6, "P")}] for name in ("who", "whom")}
    with pytest.raises(DataError, match="several questions have spans, who, whom"):
        list(read_argilla(lines(tmp_path / "x.jsonl", argilla(responses=responses)), log=ImportLog(), on_error=refuse))


# All formats


def test_a_faulty_line_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    good = json.dumps({"text": "Gao"})
    path.write_bytes(
        gzip.compress(
            f'\ufeff{good}\n\n{{"text": 3\n{{"txt": "a"}}\n[{good}]\n'
            f'{{"text": "a", "meta": {{"x": "\\ud83d"}}}}\n{{"text": "a", "meta": {{"x": NaN}}}}\n{good}'.encode()
        )
    )
    errors: list[DataError] = []
    raw = list(read_prodigy(path, log=ImportLog(), on_error=errors.append))
    assert [article.id for article in raw] == ["x-1", "x-8"]
    assert [str(error).removeprefix(f"{path}: ")[:30] for error in errors] == [
        "line 3: not JSON, neither a li",
        "line 4: the key 'text' is miss",
        "line 5: input should be an obj",
        "line 6: not JSON, neither a li",
        "line 7: not JSON, neither a li",
    ]


def test_a_list_is_read_as_lines_are(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{"text": "Gao"}, {"text": "Mali"}], indent=1))
    assert [raw.id for raw in read_prodigy(path, log=ImportLog(), on_error=refuse)] == ["x-1", "x-2"]
    path.write_text('[{"text": "Gao"},\n')
    with pytest.raises(DataError, match=r"x\.json: begins as a list, but is not JSON"):
        list(read_prodigy(path, log=ImportLog(), on_error=refuse))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: no such file"):
        list(read_prodigy(tmp_path / "none.jsonl", log=ImportLog(), on_error=refuse))
    with pytest.raises(DataError, match=r": a folder, not a file; it has no Parquet or Arrow file$"):
        list(read_prodigy(tmp_path, log=ImportLog(), on_error=refuse))
    broken = tmp_path / "x.jsonl.gz"
    broken.write_bytes(gzip.compress(b'{"text": "Gao"}\n' * 9)[:-9])
    with pytest.raises(DataError, match=r"x\.jsonl\.gz: cannot be read"):
        list(read_prodigy(broken, log=ImportLog(), on_error=refuse))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"id": "a", "tole": 3}, "unknown key 'tole'"),
        ({"id": "a", "spans": [{"start": 0}]}, "the key 'spans.0.end' is missing"),
        ({"text": "x"}, "the key 'id' is missing"),
    ],
)
def test_an_invalid_record_of_ours_is_named(tmp_path: Path, record: Any, message: str) -> None:
    path = lines(tmp_path / "x.jsonl", {"text": "Gao", "afteraction": record})
    with pytest.raises(DataError, match=f"line 1: afteraction: {message}"):
        list(read_prodigy(path, log=ImportLog(), on_error=refuse))


def test_a_span_that_was_moved_in_the_tool_loses_only_its_entity(tmp_path: Path) -> None:
    record = {"id": "a", "spans": [{"start": 0, "end": 6, "entity": "e1"}, {"start": 11, "end": 14, "entity": "e2"}]}
    item = {"text": "Rebels hit Gao", "label": [[0, 6, "P"], [7, 14, "L"]], "afteraction": record}
    [article] = imported(read_doccano(lines(tmp_path / "x.jsonl", item), log=ImportLog(), on_error=refuse))
    assert [span.entity for span in article.spans] == ["e1", None]


@pytest.mark.parametrize("name", ["argilla", "label-studio"])
def test_tools_that_import_a_list_get_one(tmp_path: Path, name: str) -> None:
    for count in range(3):
        path = tmp_path / f"{count}.json"
        assert export_articles([Article(str(k), "Gao") for k in range(count)], path, to=name) == count
        assert len(json.loads(path.read_text())) == count
