import json
from pathlib import Path

import pytest

from afteraction.data import Article, DataError, Entity, Span, Toll, format_article, parse_article

LONG = "b" * 10_000


def test_a_json_line_is_what_the_design_says() -> None:
    gold = Article("a1", "A 👍 post", (Span(4, 8, "TARGET", "e1"),), Toll(50, None), meta={"source": "x"})
    assert json.loads(format_article(gold)) == {
        "id": "a1",
        "text": "A 👍 post",
        "spans": [{"start": 4, "end": 8, "label": "TARGET", "entity": "e1"}],
        "death_toll": {"low": 50, "high": None},
        "meta": {"source": "x"},
    }
    assert "👍" in format_article(gold)
    predicted = Article(
        "a1",
        "A 👍 post",
        (Span(4, 8, "TARGET", "e1", 0.5),),
        death_toll_score=0.75,
        entities=(Entity("e1", "TARGET", "post", ("post",), 0.5),),
    )
    assert json.loads(format_article(predicted)) == {
        "id": "a1",
        "text": "A 👍 post",
        "spans": [{"start": 4, "end": 8, "label": "TARGET", "entity": "e1", "score": 0.5, "text": "post"}],
        "death_toll": None,
        "death_toll_score": 0.75,
        "entities": [{"id": "e1", "label": "TARGET", "name": "post", "mentions": ["post"], "score": 0.5}],
    }


def test_unknown_labels_are_written_only_if_there_are_any(tmp_path: Path) -> None:
    assert "unknown_labels" not in json.loads(format_article(Article("a", "text")))
    partial = Article("a", "text", unknown_labels=("TARGET", "LOCATION"))
    assert json.loads(format_article(partial))["unknown_labels"] == ["TARGET", "LOCATION"]


def test_only_the_id_and_the_text_must_be_given() -> None:
    assert parse_article('{"text": "", "id": "a"}') == Article("a", "")


def test_the_text_given_for_a_span_must_be_the_articles_text() -> None:
    line = '{"id": "a", "text": "😀😀 Gunmen", "spans": [{"start": %d, "end": %d, "label": "T", "text": "Gunmen"}]}'
    assert parse_article(line % (3, 9)).spans == (Span(3, 9, "T"),)
    with pytest.raises(
        DataError, match=r"^article 'a': T \[5, 9\) 'nmen' should be 'Gunmen': offsets count Unicode code points$"
    ):
        parse_article(line % (5, 9))
    with pytest.raises(DataError) as caught:
        parse_article(
            json.dumps({"id": "a", "text": "b", "spans": [{"start": 0, "end": 1, "label": "T", "text": LONG}]})
        )
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("line", ["hello", "[]", '"x"', "{", "null"])
def test_the_error_for_a_line_that_is_not_an_object_says_what_a_line_is(line: str) -> None:
    with pytest.raises(DataError, match=r"; each line is an article, one JSON object$"):
        parse_article(line)
