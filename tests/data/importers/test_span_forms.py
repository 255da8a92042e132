from typing import Any

import pytest

from afteraction.data import DataError
from afteraction.data.importers import RawSpan
from afteraction.data.importers.span_forms import parse_spans
from afteraction.data.importers.unread import looks_like_annotation, unread_annotation

A, B = RawSpan(0, 9, "A"), RawSpan(17, 21, "B")


@pytest.mark.parametrize(
    "value",
    [
        [{"start": 0, "end": 9, "label": "A"}, {"start": 17, "end": 21, "label": "B"}],
        [{"start_offset": 0, "end_offset": 9, "label": "A"}, {"start_offset": 17, "end_offset": 21, "label": "B"}],
        [{"begin": 0, "end": 9, "type": "A"}, {"BeginOffset": 17, "EndOffset": 21, "Type": "B"}],
        [{"offset": 0, "length": 9, "category": "A"}, {"offset": 17, "length": 4, "category": "B"}],
        [{"start": 0.0, "end": 9.0, "label": "A"}, {"start": "17", "end": "21", "label": "B"}],
        [[0.0, 9.0, "A"], [17.0, 21.0, "B"]],
        [{"start": 0, "end": 9, "label": ["A"]}, {"start": 17, "end": 21, "labels": ["B"], "kb_id": None}],
        [{"label": ["A"], "points": [{"start": 0, "end": 8}]}, {"label": ["B"], "points": [{"start": 17, "end": 20}]}],
        [[0, 9, "A"], [17, 21, "B", "", 0.5]],
        [("A", 0, 9), ("B", 17, 21)],
        {"start": [0, 17], "end": [9, 21], "label": ["A", "B"]},
        {"start": [0, 17], "end": [9, 21], "label": ["A", "B"], "text": None},
        {"sc": [{"start": 0, "end": 9, "label": "A"}], "other": [{"start": 17, "end": 21, "label": "B"}]},
        {"A": [[0, 9]], "B": [{"start": 17, "end": 21}]},
        [[[0, 9, "A"]], [[17, 21, "B"]]],
    ],
)
def test_spans_are_the_same_in_every_form(value: Any) -> None:
    assert parse_spans(value) == [A, B]


def test_a_spans_text_score_and_several_labels_are_read() -> None:
    [first, second] = parse_spans([{"start": 0, "end": 2, "labels": ["A", "B"], "text": "Ab", "score": 1}])
    assert (first.surface, first.score, first.label, second.label) == ("Ab", 1.0, "A", "B")
    assert parse_spans(None) == parse_spans([]) == parse_spans({}) == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["positive"], "'positive' is not a span"),
        ([[0, 9]], "0 is not a span"),
        ([{"start": 0, "end": 9}], "has no label"),
        ([{"start": 0, "label": "A"}], "no start and end in whole numbers"),
        ([{"start": "0", "end": "nine", "label": "A"}], "no start and end in whole numbers"),
        ([{"start": 0, "end": 9.5, "label": "A"}], "no start and end in whole numbers"),
        ([{"label": ["A"], "points": [3]}], "has points that are not objects"),
        ({"start": [0], "end": [9, 2], "label": ["A"]}, "the columns of spans differ in length"),
    ],
)
def test_what_is_no_span_is_refused(value: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse_spans(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"start": 0, "end": 9, "label": "A"}], True),
        ({"layer": [{"begin": 0, "end": 9, "type": "A"}]}, True),
        ([[0, 9, "A"]], True),
        ([["A", 0, 9]], True),
        (["O", "B-PER", "I-PER"], True),
        (["O", "O"], False),
        ([{"start": 0, "end": 9, "id": 1}], False),
        (["Gao", "Mali"], False),
        ([1, 2, 3], False),
        ({"source": "Post", "score": 0.5}, False),
        ("A", False),
    ],
)
def test_what_looks_like_annotation(value: Any, expected: bool) -> None:
    assert looks_like_annotation(value) is expected


def test_keys_that_were_read_or_are_empty_are_not_told() -> None:
    item = {"text": "x", "spans": [[0, 1, "A"]], "relations": [], "cats": {"x": 1}, "mine": [[0, 1, "A"]], "meta": {}}
    assert list(unread_annotation(item, {"text", "spans"})) == ["cats", "mine"]
    assert list(unread_annotation([item], set())) == []
