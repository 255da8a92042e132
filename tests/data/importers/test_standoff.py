"""Tests that annotation can be separated from its texts and joined again, and contains nothing of the texts."""

import hashlib
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import LABELS, Article, DataError, Entity, InputError, Span, Toll, read_articles, write_articles
from afteraction.data.importers import ImportLog, import_standoff, write_standoff
from afteraction.data.importers.standoff import NOT_FOUND

TEXT = "Rebels hit Kéré 👍 twice. Rebels fled."
ARTICLE = Article(
    "a1",
    TEXT,
    (Span(0, 6, "PERPETRATOR", "e1"), Span(11, 15, "LOCATION"), Span(25, 31, "PERPETRATOR", "e1")),
    Toll(3, None),
    meta={"source": "Aden Post"},
    unknown_labels=("DEATH_TOLL",),
)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def joined(annotations: Path, *texts: Path) -> tuple[list[Article], list[str], ImportLog]:
    """Imports a stand-off file, and returns the articles, the error messages and the log."""
    errors: list[str] = []
    log = ImportLog()
    output = annotations.parent / "joined.jsonl"
    count = import_standoff(
        annotations, texts, output=output, log=log, on_error=lambda error: errors.append(str(error))
    )
    found = list(read_articles(output))
    assert count == len(found) == log.articles
    return found, errors, log


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Returns an article file with the text of ARTICLE under another id, after another text."""
    path = tmp_path / "texts.parquet"
    write_articles([Article("x", "Nothing happened."), Article("y", TEXT)], path)
    return path


def write_line(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "annotations.jsonl"
    content = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(content) + "\n", encoding="utf-8")
    return path


pieces = st.text(st.sampled_from("aé 👍\n漢\r𝔸"), max_size=8)
tolls = st.builds(lambda low, more: Toll(low, low + more if more else None), st.integers(0, 99), st.integers(0, 9))


@st.composite
def annotated(draw: st.DrawFn) -> Article:
    text, spans = "", []
    for surface, label in draw(st.lists(st.tuples(pieces, st.none() | st.sampled_from(LABELS)), max_size=5)):
        if label and surface.strip() == surface != "" and "\n" not in surface:
            entity = draw(st.none() | st.sampled_from(["e1", "Kéré", "漢"]))
            spans.append(Span(len(text), len(text) + len(surface), label, entity))
        text += surface
    return Article(
        id=draw(st.text(max_size=3).filter(str.strip)),
        text=text,
        spans=tuple(spans),
        death_toll=draw(st.none() | tolls),
        meta=draw(st.dictionaries(pieces, pieces | st.integers() | st.lists(pieces), max_size=2)),
        unknown_labels=tuple(draw(st.sets(st.sampled_from(LABELS), max_size=2))),
    )


def renumbered(article: Article) -> Article:
    """Returns an article with its entities named e1, e2, ... in the order of their first span."""
    names = list(dict.fromkeys(span.entity for span in article.spans if span.entity is not None))
    spans = [
        Span(span.start, span.end, span.label, span.entity and f"e{names.index(span.entity) + 1}")
        for span in article.spans
    ]
    return article.with_fields(spans=tuple(spans))


@given(data=st.data(), articles=st.lists(annotated(), max_size=4, unique_by=lambda article: article.id))
def test_annotation_comes_back_with_the_same_texts_in_any_order(data: st.DataObject, articles: list[Article]) -> None:
    shuffled = data.draw(st.permutations(articles))
    cut = data.draw(st.integers(0, len(articles)))
    ids = data.draw(st.permutations([article.id for article in articles]))
    texts = [Article(name, article.text) for name, article in zip(ids, shuffled, strict=True)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = folder / "one.jsonl", folder / "two.parquet"
        write_articles(texts[:cut], files[0])
        write_articles(texts[cut:], files[1])
        assert write_standoff(articles, folder / "annotations.jsonl") == len(articles)
        found, errors, _ = joined(folder / "annotations.jsonl", *files)
    assert errors == []
    by_id = {article.id: article for article in found}
    assert len(by_id) == len(found)
    assert by_id == {article.id: renumbered(article) for article in articles}


def test_a_stand_off_line_has_the_annotation_and_nothing_of_the_text(tmp_path: Path) -> None:
    article = ARTICLE.with_fields(
        spans=(Span(0, 6, "PERPETRATOR", "Rebels", 0.5), Span(25, 31, "PERPETRATOR", "Rebels", 0.25)),
        entities=(Entity("Rebels", "PERPETRATOR", "Rebels", ("Rebels", "Rebels"), 0.5),),
    )
    keys: Counter[str] = Counter()
    assert write_standoff([article, Article("a2", "")], tmp_path / "out.jsonl", meta_keys=keys) == 2
    content = (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert "Rebels" not in content
    assert keys == {"source": 1}
    assert [json.loads(line) for line in content.splitlines()] == [
        {
            "id": "a1",
            "sha256": sha256(TEXT),
            "spans": [
                {"start": 0, "end": 6, "label": "PERPETRATOR", "entity": "e1"},
                {"start": 25, "end": 31, "label": "PERPETRATOR", "entity": "e1"},
            ],
            "death_toll": {"low": 3, "high": None},
            "unknown_labels": ["DEATH_TOLL"],
            "meta": {"source": "Aden Post"},
        },
        {"id": "a2", "sha256": sha256(""), "spans": []},
    ]


def test_a_key_of_meta_can_be_left_out_but_not_misspelt(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write_standoff([ARTICLE], path, drop_meta=["source"])
    content = path.read_text(encoding="utf-8")
    assert "meta" not in json.loads(content)
    with pytest.raises(InputError, match=r"--drop-meta sorce: .*did you mean 'source'"):
        write_standoff([ARTICLE], path, drop_meta=["sorce"])
    assert path.read_text(encoding="utf-8") == content


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".jsonl.zst"])
def test_a_text_is_found_under_another_id_and_the_annotations_id_is_kept(
    tmp_path: Path, texts: Path, suffix: str
) -> None:
    path = tmp_path / f"annotations{suffix}"
    write_standoff([ARTICLE], path)
    found, errors, log = joined(path, texts)
    assert (found, errors) == ([ARTICLE], [])
    assert (log.articles, log.spans, log.count(NOT_FOUND)) == (1, 3, 0)


def test_two_annotations_of_one_text_both_get_it(tmp_path: Path, texts: Path) -> None:
    lines = [{"id": name, "sha256": sha256(TEXT), "spans": []} for name in ("ana", "bob")]
    found, errors, _ = joined(write_line(tmp_path, *lines), texts)
    assert (found, errors) == ([Article("ana", TEXT), Article("bob", TEXT)], [])


def test_a_text_given_twice_makes_one_article(tmp_path: Path, texts: Path) -> None:
    path = tmp_path / "annotations.jsonl"
    write_standoff([ARTICLE], path)
    assert joined(path, texts, texts)[:2] == ([ARTICLE], [])


def test_annotations_without_their_text_are_named_and_the_rest_is_written(tmp_path: Path, texts: Path) -> None:
    path = tmp_path / "annotations.jsonl"
    write_standoff([Article("gone", "Not here."), Article("x", "Changed."), ARTICLE], path)
    found, errors, log = joined(path, texts)
    assert found == [ARTICLE]
    assert errors == [
        f"{path}: line 1: article 'gone': no file has its text",
        f"{path}: line 2: article 'x': the text of this id is another",
    ]
    assert log.count(NOT_FOUND) == 2


GOOD = {"id": "a1", "sha256": sha256(TEXT), "spans": []}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("3", "object"),
        ('{"id": "a1", "meta": {"a": NaN}}', "not JSON"),
        ({"id": "a1", "spans": []}, "the key 'sha256' is missing"),
        (GOOD | {"sha256": "abc"}, "sha256: "),
        (GOOD | {"text": TEXT}, "unknown key 'text'"),
        (GOOD | {"spans": [{"start": 0, "end": 6, "label": "X", "text": "Rebels"}]}, "unknown key 'spans.0.text'"),
        (GOOD | {"spans": [{"start": "0", "end": 6, "label": "X"}]}, "spans.0.start: "),
        (GOOD | {"spans": [{"start": 30, "end": 99, "label": "X"}]}, "article 'a1': .*outside the text"),
        (GOOD | {"spans": [{"start": 0, "end": 7, "label": "X"}]}, "article 'a1': .*white space"),
        (GOOD | {"death_toll": {"low": 3, "high": 1}}, "death toll: "),
        (GOOD | {"unknown_labels": ["X", "X"]}, "unknown labels"),
        (GOOD | {"id": " "}, "id"),
        (GOOD | {"id": "good"}, "article 'good': an earlier line has the same id"),
    ],
)
def test_a_faulty_line_is_named_with_its_file_and_the_others_are_joined(
    tmp_path: Path, texts: Path, line: dict[str, Any] | str, message: str
) -> None:
    path = write_line(tmp_path, GOOD | {"id": "good"}, "", line)
    found, [error], log = joined(path, texts)
    assert found == [Article("good", TEXT)]
    assert error.startswith(f"{path}: line 3: ")
    with pytest.raises(DataError, match=message):
        raise DataError(error)
    assert log.count(NOT_FOUND) == 0


def test_a_faulty_line_of_the_texts_is_named_too(tmp_path: Path) -> None:
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"id": "x"}\n' + json.dumps({"id": "y", "text": TEXT}) + "\n", encoding="utf-8")
    found, errors, _ = joined(write_line(tmp_path, GOOD), texts)
    assert found == [Article("a1", TEXT)]
    assert errors == [f"{texts}: line 1: the key 'text' is missing"]


def test_a_missing_file_is_an_error_and_nothing_is_written(tmp_path: Path, texts: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: no such file"):
        joined(tmp_path / "none.jsonl", texts)
    with pytest.raises(DataError, match=r"none\.jsonl: no such file"):
        joined(write_line(tmp_path, GOOD), texts, tmp_path / "none.jsonl")
    assert not (tmp_path / "joined.jsonl").exists()
