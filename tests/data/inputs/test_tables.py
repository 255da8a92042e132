import datetime
from collections.abc import Callable
from decimal import Decimal

import pyarrow as pa
import pytest

from afteraction.data import Article

Read = Callable[..., list[Article]]


# CSV


def test_cells_of_any_length_and_with_line_ends(read: Read) -> None:
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
def test_a_table_is_read_whatever_its_delimiter(name: str, table: str, read: Read, errors: list[str]) -> None:
    assert read(name, table) == [Article("1", "Gao", meta={"n": "007"})]
    assert errors == []


@pytest.mark.parametrize(
    "table",
    [
        "id;title, deck, section;text\n1;a, b;Gao\n",
        '"id";"title, deck, section";"text"\n"1";"a, b";"Gao"\n',
        "id\ttitle, deck, section\ttext\n1\ta, b\tGao\n",
    ],
)
def test_other_delimiters_in_a_name_do_not_cut_the_header(table: str, read: Read, errors: list[str]) -> None:
    for name in ("a.csv", "a"):
        assert read(name, table) == [Article("1", "Gao", meta={"title, deck, section": "a, b"})]
    assert read("b.csv", table.replace("text", "text, raw"), text="text, raw") == [
        Article("1", "Gao", meta={"title, deck, section": "a, b"})
    ]
    assert errors == []


def test_a_single_column_on_standard_input_is_a_table_if_its_name_is_given(read: Read) -> None:
    table = 'text\nGao\n"Jos, Nigeria"\n'
    assert [article.text for article in read("a", table, text="text")] == ["Gao", "Jos, Nigeria"]
    assert [article.text for article in read("b", table)] == [table]


def test_a_carriage_return_ends_lines_only_if_it_ends_the_first(read: Read, errors: list[str]) -> None:
    table = 'id,text\r1,"Gao\rburns"\r2\r3,Jos\r'
    assert [article.text for article in read("a.csv", table)] == ["Gao\rburns", "Jos"]
    assert [error.split(": ")[1] for error in errors] == ["line 4"]
    assert [article.text for article in read("b.csv", 'id,text\n1,"Gao\rburns"\n2,Jos\rburns\n3,Kano\n')] == [
        "Gao\rburns",
        "Kano",
    ]
    assert [error.split(": ")[1] for error in errors[1:]] == ["line 3"]


def test_faulty_rows_are_named_and_the_others_are_read(read: Read, errors: list[str]) -> None:
    table = b'id,text\n1,Gao\n2\n3,Jos,x\n4,"a"b\n5,caf\xe9\n6,\n7,Kano\n8,"open\n'
    assert [article.id for article in read("a.csv", table)] == ["1", "7"]
    assert [error.split(": ")[1] for error in errors] == [f"line {line}" for line in (3, 4, 5, 6, 7, 9)]
    assert "1 cells where the header has 2" in errors[0]
    assert errors[2].endswith("The row is left out")
    assert "not UTF-8: byte 3 is 0xe9" in errors[3]


@pytest.mark.parametrize("first", ["", "sep=,\n"])
def test_all_lines_that_are_lost_to_an_open_quote_are_named(first: str, read: Read, errors: list[str]) -> None:
    table = f'{first}id,text\n1,Gao\n2,"Jos\n3,Kano\n4,he said "no"\n5,Mopti\n6,"Kidal\n7,Segou\n8,Timbuktu\n'
    assert [article.id for article in read("a.csv", table)] == ["1", "5"]
    lines = [[number + bool(first) for number in numbers] for numbers in ((3, 5), (7, 9))]
    assert [error.split(": ")[1] for error in errors] == [f"line {start}" for start, _ in lines]
    assert [error.split("? ")[1] for error in errors] == [
        f"Lines {start} to {end} are left out" for start, end in lines
    ]


@pytest.mark.parametrize("name", ["a", "a.csv"])
def test_a_table_without_rows_is_told(name: str, read: Read, notices: list[str]) -> None:
    assert read(name, "id, text\n") == []
    assert notices == [f"{name}: a table without rows"]


def test_a_header_that_is_repeated_is_told_once_and_is_no_article(
    read: Read, errors: list[str], notices: list[str]
) -> None:
    table = "date, text\n1, Gao\ndate, text\n2, Jos\n\ufeffdate, text\n3, text\n"
    assert [(article.id, article.text) for article in read("a.csv", table)] == [
        ("1", "Gao"),
        ("2", "Jos"),
        ("3", "text"),
    ]
    assert errors == []
    assert notices == ["a.csv: line 3: the header again, which is left out here and below: were tables joined?"]


def test_columns_without_a_name_and_repeated_ones_keep_their_cells(read: Read) -> None:
    assert read("a.csv", ",text,date,date\n0,Gao,d,e\n") == [
        Article("1", "Gao", meta={"column 1": "0", "date": "d", "date 4": "e"})
    ]


def test_a_missing_column_is_refused_with_the_nearest(read: Read, errors: list[str]) -> None:
    assert read("a.csv", "id,text,title\n1,Gao,x\n", title="titel") == []
    assert read("a.csv", "id,notes\n1,Gao\n") == []
    assert errors == [
        "a.csv: columns: no 'titel' (--title-key); did you mean 'title'?",
        "a.csv: columns: no 'text' among the keys 'id', 'notes'; give the text's key with --text-key",
    ]


# Parquet


def test_columns_of_parquet_go_to_meta_as_json_can_hold_them(read: Read, errors: list[str]) -> None:
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
    assert errors == []


def test_maps_of_parquet_are_objects_unless_they_repeat_a_key(read: Read) -> None:
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


def test_columns_of_bytes_are_text_and_title_and_id(read: Read, errors: list[str]) -> None:
    table = pa.table({name: pa.array([value], pa.binary()) for name, value in (("id", b"a"), ("head", b"Attack"))})
    table = table.append_column("text", pa.array(["Gunmen in Gão.".encode()], pa.binary()))
    assert read("a.parquet", table, title="head") == [Article("a", "Attack\n\nGunmen in Gão.", meta={"head": "Attack"})]
    assert errors == []


def test_a_row_of_parquet_without_a_text_is_named(read: Read, errors: list[str]) -> None:
    assert [article.id for article in read("a.parquet", pa.table({"text": ["Gao", None, "Jos"]}))] == ["1", "3"]
    assert errors == ["a.parquet: row 2: no text: 'text' is missing or null"]
