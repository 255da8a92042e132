"""Dicts in Python programs, and the articles that they become."""

import datetime
from collections import UserDict
from typing import Any

import numpy as np
import pytest

from afteraction.data import Article, DataError
from afteraction.data.articles.article_lines import record_of
from afteraction.data.inputs import article_of

TEXT = "Rebels attacked <b>a bus</b> in Gao&rsquo;s centre."


@pytest.mark.parametrize(
    ("values", "article"),
    [
        ({"text": TEXT}, Article("7", TEXT)),
        ({"text": ""}, Article("7", "")),
        ({"Content": TEXT, "doc_id": 12}, Article("12", TEXT, meta={"doc_id": 12})),
        ({"id": 3.0, "text": TEXT, "title": "Bus"}, Article("3", TEXT, meta={"title": "Bus"})),
        ({"id": float("nan"), "text": TEXT}, Article("7", TEXT)),
        (
            {"id": "a", "text": TEXT, "meta": {"source": "wire"}, "date": datetime.date(2024, 3, 2)},
            Article("a", TEXT, meta={"source": "wire", "date": "2024-03-02"}),
        ),
        (UserDict(id="a", text=TEXT), Article("a", TEXT)),
        (
            {"id": np.int64(3), "text": TEXT, "n": np.float32(1.5), "new": np.True_, "tags": np.arange(2000), 4: "x"},
            Article("3", TEXT, meta={"n": 1.5, "new": True, "tags": [*range(2000)], "4": "x"}),
        ),
    ],
)
def test_a_dict_is_an_article_whose_text_stays_as_it_is(values: Any, article: Article) -> None:
    assert article_of(values, number=7) == article


def test_what_is_missing_in_a_frame_is_none_in_its_articles() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "id": pandas.array([None, 5], "Int64"),
            "text": [TEXT, TEXT],
            "date": pandas.to_datetime([None, "2024-03-02"]),
            "place": pandas.array([None, "Gao"], "string"),
        }
    )
    assert [article_of(values, number=7) for values in frame.to_dict("records")] == [
        Article("7", TEXT, meta={"date": None, "place": None}),
        Article("5", TEXT, meta={"date": "2024-03-02T00:00:00", "place": "Gao"}),
    ]


def test_an_article_of_our_own_form_keeps_its_annotation(articles: list[Article]) -> None:
    assert [article_of(record_of(article), number=7) for article in articles] == articles


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "article 7: which key is the text? There is none; name it 'text'"),
        ({"note": TEXT}, "article 7: which key is the text? There is 'note'; name it 'text'"),
        (
            {"body": TEXT, "content": TEXT},
            "article 7: which key is the text? There is 'body', 'content'; name it 'text'",
        ),
        ({"text": None}, "article 7: 'text' is not a text but None"),
        ({"text": float("nan")}, "article 7: 'text' is not a text but nan"),
        ({"text": TEXT, "id": [1]}, "article 7: 'id' is not an id but [1]"),
        ({"id": "a", "text": "b", "spans": [], "meta": {"c": "\ud800"}}, "article 7: meta: holds half of a character"),
        ({"text": "a\ud800"}, "article 7: article '7': lone surrogate at 1 of the text: not Unicode"),
    ],
)
def test_what_is_no_article_is_refused_with_its_number(values: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        article_of(values, number=7)
    assert str(caught.value).startswith(message)
