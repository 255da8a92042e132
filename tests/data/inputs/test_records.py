import datetime
import io
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, DataError, InputFields, InputNotice, read_inputs
from afteraction.data.inputs import records


class Reader:
    """A reader of the content of one file that keeps the messages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.errors: list[str] = []
        self.notices: list[str] = []

    def __call__(self, name: str, content: str | bytes | pa.Table, **keys: str) -> list[Article]:
        path = self.folder / name
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_inputs([str(path)], stream=None, on_error=self._keep, fields=InputFields(**keys)))

    def _keep(self, error: DataError) -> None:
        kept = self.notices if isinstance(error, InputNotice) else self.errors
        kept.append(str(error).removeprefix(f"{self.folder}/"))


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


# Keys


def test_other_keys_go_to_meta_with_their_types(read: Reader) -> None:
    values = {"url": "u", "n": 7, "share": 0.5, "new": True, "none": None, "tags": ["a", {"b": 1}], "big": 10**30}
    line = json.dumps({"id": 3, "text": "Gao", "nan": float("nan"), "inf": [float("inf")], **values})
    assert read("a.jsonl", line) == [Article("3", "Gao", meta={"nan": None, "inf": [None], **values})]
    assert read("a.json", f"[{line}]") == [Article("3", "Gao", meta={"nan": None, "inf": [None], **values})]
    assert read.errors == []


@pytest.mark.parametrize("key", ["text", "content", "Body", "article", "Full Text", "article_body", "maintext"])
def test_the_text_is_found_by_common_names(key: str, read: Reader) -> None:
    assert read("a.jsonl", json.dumps({"id": "a", "headline": "h", key: "Gao"})) == [
        Article("a", "Gao", meta={"headline": "h"})
    ]


def test_an_unclear_text_key_is_one_line_that_names_the_keys_and_the_option(read: Reader) -> None:
    line = json.dumps({"id": 1, "content": "Gao", "body": "Jos"})
    assert read("a.jsonl", f"{line}\n" * 3) == []
    assert read.errors == [
        "a.jsonl: line 1: which is the text, 'content' or 'body'? Give its key: --text-key content (and 2 more like it)"
    ]
    assert read("b.jsonl", line, text="body") == [Article("1", "Jos", meta={"content": "Gao"})]


@pytest.mark.parametrize("count", [1, 99, 100, 5000])
def test_a_file_without_a_known_text_key_is_one_error(count: int, read: Reader) -> None:
    assert read("a.jsonl", '{"id": 1, "words": "Gao"}\n' * count) == []
    [error] = read.errors
    assert error.startswith(
        "a.jsonl: line 1: no 'text' among the keys 'id', 'words'; give the text's key with --text-key"
    )


def test_one_record_without_a_text_is_named_and_the_others_are_read(read: Reader) -> None:
    lines = (
        '{"version": 2}\n{"text": "Gao"}\n{"text": null}\n{"text": " "}\n{"text": 3}\n[1]\n{"x": 1}\n{"text": "Jos"}'
    )
    assert [article.text for article in read("a.jsonl", lines)] == ["Gao", "Jos"]
    assert [error.split(": ")[1] for error in read.errors] == [f"line {line}" for line in (1, 3, 4, 5, 6, 7)]
    assert "'text' is missing or null" in read.errors[1]


def test_a_title_stands_above_the_text_if_its_key_is_given(read: Reader) -> None:
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
    title: str, text: str, repeated: bool, read: Reader
) -> None:
    [article] = read("a.jsonl", json.dumps({"title": title, "text": text}), title="title")
    assert article.text == (text if repeated else f"{title}\n\n{text}")


def test_a_key_that_a_record_lacks_is_told_once(read: Reader) -> None:
    lines = '{"title": "A", "text": "Gao", "url": "u1"}\n{"text": "Jos", "url": "u2"}\n'
    found = read("a.jsonl", lines, title="titel", id="url")
    assert [(article.id, article.text) for article in found] == [("u1", "Gao"), ("u2", "Jos")]
    assert read.notices == ["a.jsonl: line 1: no 'titel' (--title-key); did you mean 'title'?"]


def test_an_id_of_another_name_stays_in_meta_too(read: Reader) -> None:
    assert read("a.jsonl", '{"url": "u", "id": 3, "text": "Gao"}', id="url") == [
        Article("u", "Gao", meta={"url": "u", "id": 3})
    ]
    assert read("b.jsonl", '{"article_id": 5, "text": "Gao"}') == [Article("5", "Gao", meta={"article_id": 5})]


def test_an_unclear_id_key_is_told_once_and_the_records_are_numbered(read: Reader) -> None:
    lines = '{"ID": 5, "article_id": 6, "text": "Gao"}\n' * 2
    assert [article.id for article in read("a.jsonl", lines)] == ["1", "2"]
    assert read.notices == [
        "a.jsonl: line 1: which is the id, 'ID' or 'article_id'? Articles are numbered; give its key: --id-key ID"
    ]
    assert [article.id for article in read("b.jsonl", '{"id": 4, "ID": 5, "text": "Gao"}')] == ["4"]
    assert [article.id for article in read("c.jsonl", lines.splitlines()[0], id="ID")] == ["5"]
    assert len(read.notices) == 1


@pytest.mark.parametrize(
    ("value", "name"),
    [(7, "7"), (7.0, "7"), (7.5, "7.5"), ("007", "007"), ({"$oid": "5f"}, "5f"), (10**20, str(10**20))],
)
def test_numbers_are_ids(value: object, name: str, read: Reader) -> None:
    assert [article.id for article in read("a.jsonl", json.dumps({"id": value, "text": "Gao"}))] == [name]


@pytest.mark.parametrize("value", [True, [1], {"a": 1}])
def test_other_values_are_no_ids(value: object, read: Reader) -> None:
    assert read("a.jsonl", json.dumps({"id": value, "text": "Gao"})) == []
    assert "'id' is not an id" in read.errors[0]


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
def test_meta_is_not_nested_and_loses_nothing(record: dict[str, object], meta: object, read: Reader) -> None:
    [article] = read("a.jsonl", json.dumps({"id": "a", "text": "Gao", **record}))
    assert article.meta == meta


# JSON


def test_a_faulty_line_is_named_and_the_others_are_read(read: Reader) -> None:
    lines = b'{"text": "Gao"}\n\n{"text": \n"text"\n{"text": "caf\xe9"}\n{"text": "Jos"}'
    assert [article.text for article in read("a.ndjson", lines)] == ["Gao", "Jos"]
    assert [error.split(": ")[1:3] for error in read.errors] == [
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
def test_a_damaged_array_gives_what_is_before_the_fault(content: str, count: int, problem: str, read: Reader) -> None:
    assert len(read("a.json", content)) == count
    [error] = read.errors
    assert problem in error


def test_json_lines_in_a_json_file_and_an_array_in_a_lines_file_are_read(read: Reader) -> None:
    assert len(read("a.json", '{"text": "Gao"}\nnothing\n{"text": "Jos"}')) == 2
    assert len(read.errors) == 1
    assert len(read("a.jsonl", '[\n{"text": "Gao"},\n{"text": "Jos"}\n]')) == 2
    assert len(read.errors) == 1


def test_an_object_around_the_records_is_refused_with_its_keys(read: Reader) -> None:
    assert read("a.json", '{"status": "ok", "articles": [{"text": "Gao"}]}') == []
    assert "'status', 'articles'" in read.errors[0]


# CSV


def test_cells_of_any_length_and_with_line_ends(read: Reader) -> None:
    long = "Gao burns.\r\n" * 20_000
    table = f'id;title;text\r\n1;"a;b";"{long}"\r\n\r\n2;"say ""x""";Jos\r\n'
    assert read("a.csv", table) == [
        Article("1", long, meta={"title": "a;b"}),
        Article("2", "Jos", meta={"title": 'say "x"'}),
    ]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("a.csv", "id,text,n\n1,Gao,007\n"),
        ("a.csv", "id|text|n\n1|Gao|007\n"),
        ("a.csv", "sep=;\nid;text;n\n1;Gao;007\n"),
        ("a.csv", "\n\nid,text,n\n1,Gao,007,,\n"),
        ("a.csv", 'id, text, "n"\n1, "Gao", 007\n'),
        ("a.csv", "id;text;n\r1;Gao;007\r"),
        ("a.csv", "sep=|\rid|text|n\r1|Gao|007"),
        ("a", "sep=\t\r\nid\ttext\tn\r\n1\tGao\t007\r\n"),
        ("a.tsv", "id\ttext\tn\n1\tGao\t007\n"),
    ],
)
def test_a_table_is_read_whatever_its_delimiter(name: str, table: str, read: Reader) -> None:
    assert read(name, table) == [Article("1", "Gao", meta={"n": "007"})]
    assert read.errors == []


def test_a_carriage_return_ends_lines_only_if_it_ends_the_first(read: Reader) -> None:
    table = 'id,text\r1,"Gao\rburns"\r2\r3,Jos\r'
    assert [article.text for article in read("a.csv", table)] == ["Gao\rburns", "Jos"]
    assert [error.split(": ")[1] for error in read.errors] == ["line 4"]
    assert [article.text for article in read("b.csv", 'id,text\n1,"Gao\rburns"\n2,Jos\rburns\n3,Kano\n')] == [
        "Gao\rburns",
        "Kano",
    ]
    assert [error.split(": ")[1] for error in read.errors[1:]] == ["line 3"]


def test_faulty_rows_are_named_and_the_others_are_read(read: Reader) -> None:
    table = b'id,text\n1,Gao\n2\n3,Jos,x\n4,"a"b\n5,caf\xe9\n6,\n7,Kano\n8,"open\n'
    assert [article.id for article in read("a.csv", table)] == ["1", "7"]
    assert [error.split(": ")[1] for error in read.errors] == [f"line {line}" for line in (3, 4, 5, 6, 7, 9)]
    assert "1 cells where the header has 2" in read.errors[0]
    assert read.errors[2].endswith("The row is left out")
    assert "not UTF-8: byte 3 is 0xe9" in read.errors[3]


@pytest.mark.parametrize("first", ["", "sep=,\n"])
def test_all_lines_that_are_lost_to_an_open_quote_are_named(first: str, read: Reader) -> None:
    table = f'{first}id,text\n1,Gao\n2,"Jos\n3,Kano\n4,he said "no"\n5,Mopti\n6,"Kidal\n7,Segou\n8,Timbuktu\n'
    assert [article.id for article in read("a.csv", table)] == ["1", "5"]
    lines = [[number + bool(first) for number in numbers] for numbers in ((3, 5), (7, 9))]
    assert [error.split(": ")[1] for error in read.errors] == [f"line {start}" for start, _ in lines]
    assert [error.split("? ")[1] for error in read.errors] == [
        f"Lines {start} to {end} are left out" for start, end in lines
    ]


@pytest.mark.parametrize("name", ["a", "a.csv"])
def test_a_table_without_rows_is_told(name: str, read: Reader) -> None:
    assert read(name, "id, text\n") == []
    assert read.notices == [f"{name}: a table without rows"]


def test_columns_without_a_name_and_repeated_ones_keep_their_cells(read: Reader) -> None:
    assert read("a.csv", ",text,date,date\n0,Gao,d,e\n") == [
        Article("1", "Gao", meta={"column 1": "0", "date": "d", "date 4": "e"})
    ]


def test_a_missing_column_is_refused_with_the_nearest(read: Reader) -> None:
    assert read("a.csv", "id,text,title\n1,Gao,x\n", title="titel") == []
    assert read("a.csv", "id,notes\n1,Gao\n") == []
    assert read.errors == [
        "a.csv: columns: no 'titel' (--title-key); did you mean 'title'?",
        "a.csv: columns: no 'text' among the keys 'id', 'notes'; give the text's key with --text-key",
    ]


# Parquet


def test_columns_of_parquet_go_to_meta_as_json_can_hold_them(read: Reader) -> None:
    date = datetime.date(2024, 3, 2)
    moment = datetime.datetime(2024, 3, 2, 1, 2, 3)
    table = pa.table(
        {
            "id": pa.array([1.0, None]),
            "content": pa.array(["Gao", b"Jos"], pa.binary()),
            "date": [date, None],
            "time": pa.array([moment, None], pa.timestamp("ns")),
            "score": [float("nan"), 0.5],
            "sum": [Decimal("1.10"), None],
            "raw": [b"\xff", b"a"],
            "tags": [["a"], []],
        }
    )
    assert read("a.parquet", table) == [
        Article(
            "1",
            "Gao",
            meta={
                "date": "2024-03-02", "time": "2024-03-02T01:02:03", "score": None, "sum": "1.10", "raw": "/w==",
                "tags": ["a"],
            },
        ),
        Article("2", "Jos", meta={"date": None, "time": None, "score": 0.5, "sum": None, "raw": "a", "tags": []}),
    ]  # fmt: skip
    assert read.errors == []


def test_maps_of_parquet_are_objects_unless_they_repeat_a_key(read: Reader) -> None:
    kind = pa.map_(pa.string(), pa.int64())
    table = pa.table(
        {
            "text": ["Gao", "Jos", "Kano"],
            "tags": pa.array([[("a", 1)], [], None], kind),
            "deep": pa.array([{"x": [[("a", 1), ("b", 2)]]}, {"x": []}, None], pa.struct([("x", pa.list_(kind))])),
            "twice": pa.array([[("a", 1), ("a", 2)], [], None], kind),
            "bytes": pa.array([[(b"a", 1)], [], None], pa.map_(pa.binary(), pa.int64())),
        }
    )
    assert [article.meta for article in read("a.parquet", table)] == [
        {"tags": {"a": 1}, "deep": {"x": [{"a": 1, "b": 2}]}, "twice": [["a", 1], ["a", 2]], "bytes": {"a": 1}},
        {"tags": {}, "deep": {"x": []}, "twice": {}, "bytes": {}},
        {"tags": None, "deep": None, "twice": None, "bytes": None},
    ]


def test_columns_of_bytes_are_text_and_title_and_id(read: Reader) -> None:
    table = pa.table({name: pa.array([value], pa.binary()) for name, value in (("id", b"a"), ("head", b"Attack"))})
    table = table.append_column("text", pa.array(["Gunmen in Gão.".encode()], pa.binary()))
    assert read("a.parquet", table, title="head") == [Article("a", "Attack\n\nGunmen in Gão.", meta={"head": "Attack"})]
    assert read.errors == []


def test_a_row_of_parquet_without_a_text_is_named(read: Reader) -> None:
    assert [article.id for article in read("a.parquet", pa.table({"text": ["Gao", None, "Jos"]}))] == ["1", "3"]
    assert read.errors == ["a.parquet: row 2: no text: 'text' is missing or null"]
