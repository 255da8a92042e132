"""Values that a file may contain, but Python or JSON cannot represent."""

import csv
import io
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, DataError, format_article, parse_article, read_inputs


class Reader:
    """A reader of the content of one file that keeps the errors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.errors: list[str] = []

    def __call__(self, name: str, content: str | pa.Table) -> list[Article]:
        path = self.folder / name
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_text(content)
        return list(read_inputs([str(path)], stream=None, on_error=self._keep))

    def _keep(self, error: DataError) -> None:
        self.errors.append(str(error).removeprefix(f"{self.folder}/"))


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


DEEP = "[" * 100_000 + "]" * 100_000
HUGE = "1" * 5000


@pytest.mark.parametrize(
    ("name", "content", "count", "problem"),
    [
        (
            "a.json",
            f'[{{"text": "Gao"}}, {{"text": "Jos", "n": {HUGE}}}]',
            1,
            "item 2: invalid JSON: Exceeds the limit",
        ),
        (
            "a.json",
            f'[{{"text": "Gao"}}, {{"text": "Jos", "n": {DEEP}}}]',
            1,
            "item 2: invalid JSON: maximum recursion",
        ),
        (
            "a.jsonl",
            f'{{"text": "Jos", "n": {HUGE}}}\n{{"text": "Gao"}}',
            1,
            "line 1: invalid JSON: number out of range",
        ),
        ("a.jsonl", f'{{"text": "Jos", "n": {DEEP}}}\n{{"text": "Gao"}}', 1, "line 1: invalid JSON: recursion limit"),
    ],
)
def test_json_beyond_reading_is_named(name: str, content: str, count: int, problem: str, read: Reader) -> None:
    assert len(read(name, content)) == count
    [error] = read.errors
    assert problem in error


@pytest.mark.parametrize("depth", [250, 800])
@pytest.mark.parametrize(("opening", "closing"), ["[]", ('{"a":', "}")])
def test_a_value_nested_too_deeply_to_be_read_again_is_named(
    opening: str, closing: str, depth: int, read: Reader
) -> None:
    value = opening * depth + "1" + closing * depth
    for record in (f'{{"text": "Gao", "n": {value}}}', f'{{"text": {value}}}', value):
        assert [article.text for article in read("a.json", f'[{record}, {{"text": "Jos"}}]')] == ["Jos"]
    assert len(read.errors) == 3
    assert read.errors[0] == "a.json: item 1: nested too deeply: more than 190 levels"


@given(st.integers(1, 250))
def test_what_is_read_can_be_written_and_read_again(depth: int) -> None:
    value = "[" * depth + "]" * depth
    articles: list[Article] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (
            ("a.json", f'[{{"text": "Gao", "n": {value}}}]'),
            ("a.jsonl", f'{{"text": "Gao", "n": {value}}}'),
            ("a.csv", f"text,meta\nGao,{value}\n"),
        ):
            articles += Reader(Path(folder))(name, content)
    assert articles
    assert [parse_article(format_article(article)) for article in articles] == articles


def test_half_a_character_in_a_key_can_be_written(read: Reader) -> None:
    [article] = read("a.json", '[{"text": "Gao", "\\ud83d": "\\ud83d"}]')
    assert parse_article(format_article(article).encode()).meta == {"\ufffd": "\ufffd"}


@pytest.mark.parametrize("text", [DEEP, "[" * 60_000])
def test_a_text_of_brackets_is_no_json(text: str, read: Reader) -> None:
    for name, content in (("a.txt", text), ("a", text), ("a.jsonl", json.dumps({"text": text}))):
        assert [article.text for article in read(name, content)] == [text]


@pytest.mark.parametrize("value", [DEEP, f'{{"n": {HUGE}}}'])
def test_a_cell_of_json_beyond_reading_stays_text(value: str, read: Reader) -> None:
    table = io.StringIO()
    csv.writer(table).writerows([("text", "meta"), ("Gao", value)])
    assert read("a.csv", table.getvalue()) == [Article("1", "Gao", meta={"meta": value})]


def test_a_repeated_column_has_a_name_of_its_own(read: Reader) -> None:
    assert read("a.csv", "date 3,text,date,date,date\n1,Gao,2,3,4\n") == [
        Article("1", "Gao", meta={"date 3": "1", "date": "2", "date 4": "3", "date 5": "4"})
    ]
    assert read("b.csv", "date 4,text,date,date\n1,Gao,2,3\n") == [
        Article("1", "Gao", meta={"date 4": "1", "date": "2", "date 4 4": "3"})
    ]
    table = pa.table([["Gao"], ["x"], ["y"], ["z"]], names=["text", "n", "n", ""])
    assert read("a.parquet", table) == [Article("1", "Gao", meta={"n": "x", "n 3": "y", "column 4": "z"})]


def test_a_header_may_repeat_a_name_very_often(read: Reader) -> None:
    [article] = read("a.csv", f"text{',x' * 100_000}\nGao{',1' * 100_000}\n")
    assert len(article.meta) == 100_000


def test_a_row_of_parquet_with_a_date_that_python_lacks_is_named(read: Reader) -> None:
    table = pa.table({"text": ["Gao", "Jos", "Kano"], "date": pa.array([0, 2**30, 1], pa.date32())})
    assert [article.text for article in read("a.parquet", table)] == ["Gao", "Kano"]
    table = pa.table({"text": ["Gao", "Jos"], "time": pa.array([2**62, 0], pa.timestamp("ms"))})
    assert [article.id for article in read("b.parquet", table)] == ["2"]
    assert [error.split(": ")[:2] for error in read.errors] == [["a.parquet", "row 2"], ["b.parquet", "row 1"]]


def test_an_unknown_time_zone_of_parquet_is_named(read: Reader) -> None:
    assert read("a.parquet", pa.table({"text": ["Gao"], "t": pa.array([0], pa.timestamp("us", "No/Where"))})) == []
    [error] = read.errors
    assert error.startswith("a.parquet: cannot be read: unknown time zone")
    assert "No/Where" in error
