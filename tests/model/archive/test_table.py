"""The flat table: its columns, and that a spreadsheet does not read any cell as a formula."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.data import Article, DataError, Entity, Span, Toll, write_articles
from afteraction.model.archive import flat_table, label_archive, write_table


def refuse(error: DataError) -> None:
    raise error


def rows_of(articles: list[Article], folder: Path, *, suffix: str = ".csv") -> list[dict[str, Any]]:
    write_articles(articles, folder / "in.jsonl")
    assert write_table(folder / "in.jsonl", folder / f"out{suffix}", on_error=refuse) == len(articles)
    if suffix == ".parquet":
        return pq.read_table(folder / "out.parquet").to_pylist()
    with (folder / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def article(name: str, *entities: Entity, toll: Toll | None = None, score: float | None = None, **meta: Any) -> Article:
    return Article(name, "Text.", entities=entities, death_toll=toll, death_toll_score=score, meta=meta)


def entity(label: str, name: str, score: float | None = None) -> Entity:
    return Entity("e", label, name, (name,), score)


BASE = ["id", "who", "who_score", "whom", "whom_score", "where", "where_score", "toll_low", "toll_high", "toll_score"]


@pytest.fixture
def labelled() -> list[Article]:
    return [
        article(
            "a",
            entity("PERPETRATOR", "Two\n gunmen", 0.75),
            entity("PERPETRATOR", "the Front", 0.9),
            entity("TARGET", "soldiers", 0.5),
            entity("DEATH_TOLL", "at least 50", 0.25),
            toll=Toll(50, None),
            score=0.75,
            source="wire",
        ),
        article("b", entity("LOCATION", "Gao", 1.0), toll=Toll(0, 0), source=None),
    ]


def test_a_row_has_who_whom_where_the_toll_and_scores(labelled: list[Article], tmp_path: Path) -> None:
    assert rows_of(labelled, tmp_path, suffix=".parquet") == [
        dict(zip([*BASE, "source"], row, strict=True))
        for row in (
            ("a", "Two gunmen; the Front", 0.9, "soldiers", 0.5, None, None, 50, None, 0.75, "wire"),
            ("b", None, None, None, None, "Gao", 1.0, 0, 0, None, None),
        )
    ]


def test_in_memory_it_is_the_table_that_would_be_written(labelled: list[Article], tmp_path: Path) -> None:
    rows_of(labelled, tmp_path, suffix=".parquet")
    assert flat_table(iter(labelled)).equals(pq.read_table(tmp_path / "out.parquet"))


def test_in_memory_the_columns_of_given_labels_are_there_without_any_entity() -> None:
    toll = ["toll_low", "toll_high", "toll_score"]
    assert flat_table([], labels=("TARGET",)).column_names == BASE
    table = flat_table([article("a")], labels=("Victim", "DEATH_TOLL"))
    assert table.column_names == ["id", "victim", "victim_score", *toll]
    assert [str(kind) for kind in table.schema.types] == ["string", "string", "double", "int64", "int64", "double"]


def test_csv_has_the_same_cells_as_text(labelled: list[Article], tmp_path: Path) -> None:
    expected = rows_of(labelled, tmp_path, suffix=".parquet")
    assert rows_of(labelled, tmp_path) == [
        {name: "" if cell is None else str(cell) for name, cell in row.items()} for row in expected
    ]


def test_pandas_reads_both_alike(labelled: list[Article], tmp_path: Path) -> None:
    rows_of(labelled, tmp_path)
    rows_of(labelled, tmp_path, suffix=".parquet")
    frames = pd.read_csv(tmp_path / "out.csv"), pd.read_parquet(tmp_path / "out.parquet")
    for frame in frames:
        assert list(frame.columns) == [*BASE, "source"]
        assert list(frame["id"]) == ["a", "b"]
        assert frame["toll_low"].sum() == 50
        assert frame["who_score"].max() == 0.9


def test_kept_columns_are_flattened_and_keep_their_types(tmp_path: Path) -> None:
    articles = [
        article(
            "a", url="u", page={"number": 3, "kind": {"name": "front"}}, tags=["x", "é"], size=1, right=True, mix=1
        ),
        article("b", page={"number": None}, size=2.5, right=False, mix="two", big=2**70, empty={}),
        article("c", url=None),
    ]
    rows = rows_of(articles, tmp_path, suffix=".parquet")
    schema = pq.read_schema(tmp_path / "out.parquet")
    types = {name: schema.field(name).type for name in schema.names[len(BASE) :]}
    assert types == {
        "url": pa.string(),
        "page_number": pa.int64(),
        "page_kind_name": pa.string(),
        "tags": pa.string(),
        "size": pa.float64(),
        "right": pa.bool_(),
        "mix": pa.string(),
        "big": pa.string(),
        "empty": pa.string(),
    }
    assert [row["tags"] for row in rows] == ['["x", "é"]', None, None]
    assert [row["mix"] for row in rows] == ["1", "two", None]
    assert [row["size"] for row in rows] == [1.0, 2.5, None]
    assert rows[1]["big"] == str(2**70)
    csv_rows = rows_of(articles, tmp_path)
    assert [row["right"] for row in csv_rows] == ["true", "false", ""]
    assert [row["page_number"] for row in csv_rows] == ["3", "", ""]


@pytest.mark.parametrize("numbers", [(2**60 + 1, 2.5, 7), (7, 2.5, 2**60 + 1), (7, 2**60 + 1, 2.5)])
def test_a_long_number_among_floats_keeps_its_digits(numbers: tuple[float, ...], tmp_path: Path) -> None:
    articles = [article(str(number), key=number) for number in numbers]
    for suffix in (".csv", ".parquet"):
        assert [row["key"] for row in rows_of(articles, tmp_path, suffix=suffix)] == [str(number) for number in numbers]
    whole = [article("a", key=2**60 + 1), article("b", key=7)]
    assert [row["key"] for row in rows_of(whole, tmp_path, suffix=".parquet")] == [2**60 + 1, 7]


def test_a_kept_column_gets_a_prefix_only_where_names_clash(tmp_path: Path) -> None:
    rows = rows_of([article("a", id=7, Where="x", page_number=1, page={"number": 2}, meta_id=3)], tmp_path)
    names = list(rows[0])[len(BASE) :]
    assert names == ["meta_id", "meta_Where", "page_number", "meta_page_number", "meta_meta_id"]
    assert [rows[0][name] for name in names] == ["7", "x", "1", "2", "3"]
    assert rows[0]["id"] == "a"


def test_other_labels_have_columns_of_their_own_names(tmp_path: Path) -> None:
    rows = rows_of([article("a", entity("WEAPON", "a bomb", 0.5), entity("TARGET", "a bus", 0.5))], tmp_path)
    assert list(rows[0]) == ["id", "weapon", "weapon_score", "whom", "whom_score", *BASE[-3:]]
    assert (rows[0]["weapon"], rows[0]["whom"]) == ("a bomb", "a bus")


def test_annotated_spans_without_entities_are_grouped(tmp_path: Path) -> None:
    gold = Article("a", "Rebels attacked Kano.", spans=(Span(0, 6, "PERPETRATOR"), Span(16, 20, "LOCATION")))
    [row] = rows_of([gold], tmp_path)
    assert (row["who"], row["who_score"], row["where"]) == ("Rebels", "", "Kano")


# Formulas

FORMULA_BEGINNINGS = "=+-@\t\r"
nasty = st.text(alphabet=st.sampled_from(list("=+-@\t\r\n \xa0'\",;1e.5aé\0＝")), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(name=nasty, value=nasty, key=nasty, number=st.integers(-9, 9) | st.floats(-9, 9))
def test_no_cell_begins_a_formula_and_numbers_stay_numbers(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: str, key: str, number: float
) -> None:
    folder = tmp_path_factory.mktemp("cells")
    listed = [article(f"-{name}", entity("TARGET", name), toll=Toll(1, 2), number=number, **{f"x{key}": 0, key: value})]
    rows_of(listed, folder)
    with (folder / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        header, cells = list(csv.reader(file))
    assert float(cells[header.index("number")]) == pytest.approx(number)
    for cell in (*header, *cells):
        if cell.strip().startswith(tuple("=+-@")) or cell.startswith(tuple(FORMULA_BEGINNINGS)):
            float(cell)  # a plain number is not a formula; anything else raises an error here


@pytest.mark.parametrize("text", ["-5", "+1.5", "-12.75e-3", "-.5", "7"])
def test_a_number_as_text_stays_a_number(text: str, tmp_path: Path) -> None:
    assert rows_of([article("a", latitude=text)], tmp_path)[0]["latitude"] == text


@pytest.mark.parametrize("text", ["=1+1", "-2+3", "@SUM(A1)", "+cmd|' /C calc'!A0", "\t=1", "  =1", "-", "＝1+1"])
def test_a_formula_gets_an_apostrophe(text: str, tmp_path: Path) -> None:
    assert rows_of([article("a", note=text)], tmp_path)[0]["note"] == f"'{text}"
    assert rows_of([article("a", note=text)], tmp_path, suffix=".parquet")[0]["note"] == text


# Sources


def test_the_table_of_a_run_has_its_articles_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(
        "".join(f'{{"id": "a{n}", "text": "Rebels attacked a bus in Kano, killing three."}}\n' for n in range(25)),
        encoding="utf-8",
    )
    stops = iter([False] * 14 + [True] * 99)
    for stop in (lambda: next(stops), lambda: False):
        label_archive("rules", [str(tmp_path / "in.jsonl")], tmp_path / "run", part_size=2, should_stop=stop)
        rows = write_table(tmp_path / "run", tmp_path / "out.csv", on_error=refuse)
        assert list(pd.read_csv(tmp_path / "out.csv")["id"]) == [f"a{n}" for n in range(rows)]
    assert rows == 25


def test_a_faulty_article_is_told_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "x"}\n{\n{"id": "b", "text": "y"}\n', encoding="utf-8")
    errors: list[DataError] = []
    assert write_table(tmp_path / "in.jsonl", tmp_path / "out.csv", on_error=errors.append) == 2
    assert [str(error).split(": ")[1] for error in errors] == ["line 2"]


def test_the_articles_are_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alive = highest = 0

    class Counted(Article):
        """An article that counts how many exist at a time."""

        __slots__ = ()

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def read(*_: Any, **__: Any) -> Iterator[Article]:
        nonlocal alive, highest
        for number in range(3000):
            alive += 1
            highest = max(highest, alive)
            yield Counted(str(number), "Text.")

    monkeypatch.setattr("afteraction.model.archive.table.read_articles", read)
    assert write_table(tmp_path / "in.jsonl", tmp_path / "out.parquet", on_error=refuse) == 3000
    assert highest < 10


@pytest.mark.parametrize(
    ("source", "output", "words"),
    [
        ("in.jsonl", "out.xlsx", r"out\.xlsx: cannot tell the format of the table"),
        ("nowhere.jsonl", "out.csv", "no such file"),
        ("in.txt", "out.csv", "not an article file"),
        (".", "out.csv", "holds no run"),
    ],
)
def test_wrong_sources_and_outputs_are_refused(source: str, output: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a", "text": "x"}), encoding="utf-8")
    (tmp_path / "in.txt").touch()
    with pytest.raises(DataError, match=words):
        write_table(tmp_path / source, tmp_path / output, on_error=refuse)
    assert not (tmp_path / output).exists()
