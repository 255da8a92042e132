import io
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, Toll
from afteraction.data.inputs import records

Read = Callable[..., list[Article]]


# Keys


def test_other_keys_go_to_meta_with_their_types(read: Read, errors: list[str]) -> None:
    values = {"url": "u", "n": 7, "share": 0.5, "new": True, "none": None, "tags": ["a", {"b": 1}], "big": 10**30}
    line = json.dumps({"id": 3, "text": "Gao", "nan": float("nan"), "inf": [float("inf")], **values})
    assert read("a.jsonl", line) == [Article("3", "Gao", meta={"nan": None, "inf": [None], **values})]
    assert read("a.json", f"[{line}]") == [Article("3", "Gao", meta={"nan": None, "inf": [None], **values})]
    assert errors == []


@pytest.mark.parametrize("key", ["text", "content", "Body", "article", "Full Text", "article_body", "maintext"])
def test_the_text_is_found_by_common_names(key: str, read: Read) -> None:
    assert read("a.jsonl", json.dumps({"id": "a", "headline": "h", key: "Gao"})) == [
        Article("a", "Gao", meta={"headline": "h"})
    ]


def test_an_unclear_text_key_is_one_line_that_names_the_keys_and_the_option(read: Read, errors: list[str]) -> None:
    line = json.dumps({"id": 1, "content": "Gao", "body": "Jos"})
    assert read("a.jsonl", f"{line}\n" * 3) == []
    assert errors == [
        "a.jsonl: line 1: which is the text, 'content' or 'body'? Give its key: --text-key content (and 2 more like it)"
    ]
    assert read("b.jsonl", line, text="body") == [Article("1", "Jos", meta={"content": "Gao"})]


@pytest.mark.parametrize("count", [1, 99, 100, 5000])
def test_a_file_without_a_known_text_key_is_one_error(count: int, read: Read, errors: list[str]) -> None:
    assert read("a.jsonl", '{"id": 1, "words": "Gao"}\n' * count) == []
    [error] = errors
    assert error.startswith(
        "a.jsonl: line 1: no 'text' among the keys 'id', 'words'; give the text's key with --text-key"
    )


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ({"status": "ok", "articles": [{"title": "h", "content": "Gao"}]}, "articles"),
        ({"response": {"status": "ok", "results": [{"id": 1, "bodyText": "Gao"}]}}, "response.results"),
    ],
)
def test_the_list_in_an_answer_of_an_api_is_named(answer: object, path: str, read: Read, errors: list[str]) -> None:
    assert read("a.json", json.dumps(answer, indent=1)) == []
    assert errors == [
        f"a.json: item 1: an object around a list of articles, {path!r}; take the list out, for example with jq"
    ]


def test_one_record_without_a_text_is_named_and_the_others_are_read(read: Read, errors: list[str]) -> None:
    lines = (
        '{"version": 2}\n{"text": "Gao"}\n{"text": null}\n{"text": " "}\n{"text": 3}\n[1]\n{"x": 1}\n{"text": "Jos"}'
    )
    assert [article.text for article in read("a.jsonl", lines)] == ["Gao", "Jos"]
    assert [error.split(": ")[1] for error in errors] == [f"line {line}" for line in (1, 3, 4, 5, 6, 7)]
    assert "'text' is missing or null" in errors[1]


def test_a_title_stands_above_the_text_if_its_key_is_given(read: Read) -> None:
    line = json.dumps({"id": "a", "title": "Attack in Gao", "text": "Gunmen came."})
    assert read("a.jsonl", line) == [Article("a", "Gunmen came.", meta={"title": "Attack in Gao"})]
    assert read("b.jsonl", line, title="title") == [
        Article("a", "Attack in Gao\n\nGunmen came.", meta={"title": "Attack in Gao"})
    ]
    again = json.dumps({"id": "a", "title": "Gunmen", "text": "Gunmen came."})
    assert [article.text for article in read("c.jsonl", again, title="title")] == ["Gunmen came."]


@pytest.mark.parametrize(
    ("title", "text", "repeated"),
    [
        ("Gunmen kill 5", "Gunmen kill 5 in Kano.", True),
        ("Gunmen kill 5", "\n Gunmen kill 5", True),
        ("Attack in Gao", "Attack in Gao: gunmen came.", True),
        ("Gunmen kill 5", "Gunmen kill 50 in Kano.", False),
        ("Gunmen kill 5", "Gunmen kill 5,000 in Kano.", False),
        ("Attack", "Attackers came to Gao.", False),
    ],
)
def test_a_title_is_left_out_only_if_the_text_begins_with_all_of_it(
    title: str, text: str, repeated: bool, read: Read
) -> None:
    [article] = read("a.jsonl", json.dumps({"title": title, "text": text}), title="title")
    assert article.text == (text if repeated else f"{title}\n\n{text}")


def test_a_key_that_a_record_lacks_is_told_once(read: Read, notices: list[str]) -> None:
    lines = '{"title": "A", "text": "Gao", "url": "u1"}\n{"text": "Jos", "url": "u2"}\n'
    found = read("a.jsonl", lines, title="titel", id="url")
    assert [(article.id, article.text) for article in found] == [("u1", "Gao"), ("u2", "Jos")]
    assert notices == ["a.jsonl: line 1: no 'titel' (--title-key); did you mean 'title'?"]


def test_an_id_of_another_name_stays_in_meta_too(read: Read) -> None:
    assert read("a.jsonl", '{"url": "u", "id": 3, "text": "Gao"}', id="url") == [
        Article("u", "Gao", meta={"url": "u", "id": 3})
    ]
    assert read("b.jsonl", '{"article_id": 5, "text": "Gao"}') == [Article("5", "Gao", meta={"article_id": 5})]


@pytest.mark.parametrize(
    ("name", "content", "meta"),
    [
        ("a.csv", "id,text,death_toll\na,Gao,12\n", {"death_toll": "12"}),
        ("a.jsonl", '{"id": "a", "text": "Gao", "death_toll": 12}', {"death_toll": 12}),
        ("a.jsonl", '{"id": "a", "text": "Gao", "death_toll": null}', {"death_toll": None}),
        ("a.jsonl", '{"id": "a", "text": "Gao", "entities": ["Gao"], "meta": {"n": 1}}', {"n": 1, "entities": ["Gao"]}),
    ],
)
def test_a_record_with_a_key_of_an_article_file_is_no_annotated_article_for_that(
    name: str, content: str, meta: dict[str, object], read: Read, errors: list[str]
) -> None:
    assert read(name, content) == [Article("a", "Gao", meta=meta)]
    assert errors == []


def test_an_article_without_spans_keeps_its_death_toll(read: Read) -> None:
    line = '{"id": "a", "text": "Gao", "death_toll": {"low": 3, "high": null}}'
    assert read("a.jsonl", line) == [Article("a", "Gao", death_toll=Toll(3, None))]


def test_an_unclear_id_key_is_told_once_and_the_records_are_numbered(read: Read, notices: list[str]) -> None:
    lines = '{"ID": 5, "article_id": 6, "text": "Gao"}\n' * 2
    assert [article.id for article in read("a.jsonl", lines)] == ["1", "2"]
    assert notices == [
        "a.jsonl: line 1: which is the id, 'ID' or 'article_id'? Articles are numbered; give its key: --id-key ID"
    ]
    assert [article.id for article in read("b.jsonl", '{"id": 4, "ID": 5, "text": "Gao"}')] == ["4"]
    assert [article.id for article in read("c.jsonl", lines.splitlines()[0], id="ID")] == ["5"]
    assert len(notices) == 1


@pytest.mark.parametrize(
    ("value", "name"),
    [(7, "7"), (7.0, "7"), (7.5, "7.5"), ("007", "007"), ({"$oid": "5f"}, "5f"), (10**20, str(10**20))],
)
def test_numbers_are_ids(value: object, name: str, read: Read) -> None:
    assert [article.id for article in read("a.jsonl", json.dumps({"id": value, "text": "Gao"}))] == [name]


@pytest.mark.parametrize("value", [True, [1], {"a": 1}])
def test_other_values_are_no_ids(value: object, read: Read, errors: list[str]) -> None:
    assert read("a.jsonl", json.dumps({"id": value, "text": "Gao"})) == []
    assert "'id' is not an id" in errors[0]


@pytest.mark.parametrize(
    ("record", "meta"),
    [
        ({"meta": {"source": "s"}}, {"source": "s"}),
        ({"meta": {"source": "s"}, "url": "u"}, {"source": "s", "url": "u"}),
        ({"meta": {"url": "v"}, "url": "u"}, {"meta": {"url": "v"}, "url": "u"}),
        ({"meta": "words", "url": "u"}, {"meta": "words", "url": "u"}),
        ({"meta": None, "url": "u"}, {"url": "u"}),
        ({"meta": '{"source": "s"}', "url": "u"}, {"source": "s", "url": "u"}),
        ({"meta": {"meta": 1}}, {"meta": 1}),
    ],
)
def test_meta_is_not_nested_and_loses_nothing(record: dict[str, object], meta: object, read: Read) -> None:
    [article] = read("a.jsonl", json.dumps({"id": "a", "text": "Gao", **record}))
    assert article.meta == meta


# JSON


def test_a_faulty_line_is_named_and_the_others_are_read(read: Read, errors: list[str]) -> None:
    lines = b'{"text": "Gao"}\n\n{"text": \n"text"\n{"text": "caf\xe9"}\n{"text": "Jos"}'
    assert [article.text for article in read("a.ndjson", lines)] == ["Gao", "Jos"]
    assert [error.split(": ")[1:3] for error in errors] == [
        ["line 3", "invalid JSON"],
        ["line 4", '"text" is not an object; a record is an object with a text'],
        ["line 5", "not UTF-8"],
    ]


@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=3),
            st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5),
        ),
        max_size=5,
    ),
    st.sampled_from([None, 1]),
    st.booleans(),
    st.integers(1, 40),
)
def test_arrays_and_sequences_are_read_across_blocks_of_any_size(
    values: list[dict[str, object]], indent: int | None, ascii_only: bool, block: int
) -> None:
    items = [json.dumps(value, indent=indent, ensure_ascii=ascii_only) for value in values]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_BLOCK", block)
        for content in (f"[{', '.join(items)}]", "\n".join(items)):
            file = io.BufferedReader(io.BytesIO(content.encode()))
            assert list(records._values(file, "x")) == values


@pytest.mark.parametrize(
    ("content", "count", "problem"),
    [
        ('[{"text": "Gao"}, {"text": "Jos"', 1, "item 2: invalid JSON"),
        ('[{"text": "Gao"}, {"text" "Jos"}, {"text": "Kano"}]', 1, "it and what follows is not read"),
        ('[{"text": "Gao"},', 1, "the array is not closed after item 1"),
        ('[{"text": "Gao"}] x', 1, "something follows the array"),
        ('[{"text": "Gao"}, 3]', 1, "item 2: 3 is not an object"),
    ],
)
def test_a_damaged_array_gives_what_is_before_the_fault(
    content: str, count: int, problem: str, read: Read, errors: list[str]
) -> None:
    assert len(read("a.json", content)) == count
    [error] = errors
    assert problem in error


def test_json_lines_in_a_json_file_and_an_array_in_a_lines_file_are_read(read: Read, errors: list[str]) -> None:
    assert len(read("a.json", '{"text": "Gao"}\nnothing\n{"text": "Jos"}')) == 2
    assert len(errors) == 1
    assert len(read("a.jsonl", '[\n{"text": "Gao"},\n{"text": "Jos"}\n]')) == 2
    assert len(errors) == 1


def test_an_object_around_the_records_is_refused_with_their_key(read: Read, errors: list[str]) -> None:
    assert read("a.json", '{"status": "ok", "articles": [{"text": "Gao"}]}') == []
    assert "'articles'" in errors[0]
