import csv
import gzip
import io
import json
import os
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from afteraction.data import Article, DataError, InputError, Toll
from afteraction.data.incidents import (
    PRESETS,
    ImportCounts,
    TableColumns,
    import_table,
    preset_columns,
    read_rows,
    table,
)
from afteraction.data.text import load_aliases

ROWS = [
    {"text": "A bomb killed 12 in Jos.", "place": "Jos", "country": "Nigeria", "dead": "12"},
    {"text": "Gunmen fired, in\nGao.", "place": "Gao", "country": "Mali", "dead": "51+"},
    {"text": "", "place": "Kano", "country": "Nigeria", "dead": "1"},
    {"text": 'A blast, "the third", wounded nine.', "place": "-", "country": "Mali", "dead": ""},
]
COLUMNS = TableColumns("text", location=["place", "country"], deaths=["dead"])
CORPUS = Path(os.environ.get("AFTERACTION_TEST_CORPORA", "no corpora")) / "wikipedia-terrorist-incidents.csv"


def refuse(error: Exception) -> None:
    raise error


def write(path: Path) -> Path:
    name = path.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist([row | {"dead": row["dead"] or None} for row in ROWS]), path)
        return path
    lines = io.StringIO(newline="")
    if name.endswith(".jsonl"):
        lines.writelines(json.dumps(row) + "\n" for row in ROWS)
    else:
        writer = csv.DictWriter(lines, list(ROWS[0]), delimiter="\t" if name.endswith(".tsv") else ",")
        writer.writeheader()
        writer.writerows(ROWS)
    content = lines.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.TSV", "a.csv.gz", "a.jsonl", "a.jsonl.gz", "a.parquet"])
def test_the_rows_of_a_table_are_the_same_in_any_format(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / name.lower()).rename(tmp_path / name)
    assert list(read_rows(path, ["dead", "text"], on_error=refuse)) == [
        {"dead": row["dead"], "text": row["text"]} for row in ROWS
    ]


def test_numbers_are_read_as_they_are_written(tmp_path: Path) -> None:
    lines = tmp_path / "a.jsonl"
    lines.write_text('{"dead": 7, "text": "x"}\n\n{"dead": 8.0}\n{"dead": null}\n', encoding="utf-8")
    assert [row["dead"] for row in read_rows(lines, ["dead", "text"], on_error=refuse)] == ["7", "8", ""]
    late = tmp_path / "a.csv"
    late.write_text("dead\n" + "7\n" * 400_000 + "51+\n", encoding="utf-8")
    assert list(read_rows(late, ["dead"], on_error=refuse))[-1] == {"dead": "51+"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "text,daed\nx,1\n", "no column 'dead'; did you mean 'daed'?"),
        ("a.jsonl", '{"text": "x"}\n', "no column 'dead'"),
        ("a.jsonl", '{"text": "x", "dead": 1}\n{', "line 2: not JSON"),
        ("a.jsonl", "[1]\n", "item 1: not an object of columns"),
        ("a.parquet", "text", "cannot be read as a table"),
        ("a.csv.gz", "text", "cannot be read as a table"),
        ("a.csv", "", "an empty file"),
        ("a.csv", "dead,text,dead\n1,x,2\n", "2 columns are named 'dead'"),
        ("a.csv", 'dead,text\n1,"x\n2,y\n', "line 2: unexpected end of data: is a quote not closed?"),
        ("a.xlsx", "x", "a spreadsheet: save the sheet as CSV"),
        ("a.txt", "x", "not a table; its name must end in .csv"),
        ("a.parquet.gz", "x", "not a table"),
    ],
)
def test_a_faulty_table_is_refused_in_one_line(name: str, content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        list(read_rows(path, ["text", "dead"], on_error=refuse))
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv: no such file$"):
        next(read_rows(tmp_path / "none.csv", ["text"], on_error=refuse))


def imported(path: Path, *, threshold: float, columns: TableColumns = COLUMNS) -> tuple[list[Article], ImportCounts]:
    counts = ImportCounts()
    articles = import_table(
        path, columns=columns, aliases=load_aliases(), threshold=threshold, counts=counts, on_error=refuse
    )
    return list(articles), counts


def test_rows_whose_fields_are_found_are_kept_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")
    articles, counts = imported(path, threshold=0.5)
    assert [article.id for article in articles] == ["a.csv:1", "a.csv:2"]
    assert (counts.rows, counts.empty, counts.kept) == (4, 1, 2)
    assert counts.given == {"location": 3, "deaths": 2}
    assert counts.found == {"location": 2, "deaths": 1}
    assert [article.id for article in imported(path, threshold=0.51)[0]] == ["a.csv:1"]
    assert len(imported(path, threshold=0)[0]) == 2  # the fourth row has no spans


def test_of_rows_with_the_same_text_the_first_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('text,place,dead\nKilled 3 in Gao.,Gao,3\n" Killed 3 in Gao.[2]",Mali,\nKilled 4 in Gao.,Gao,4\n')
    articles, counts = imported(path, threshold=0, columns=TableColumns("text", location=["place"], deaths=["dead"]))
    assert [article.id for article in articles] == ["a.csv:1", "a.csv:3"]
    assert (counts.rows, counts.repeated, counts.kept) == (3, 1, 2)


def test_rows_are_compared_by_a_digest_that_no_two_texts_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "hash", lambda _: 0, raising=False)  # as if all texts collided in Python's salted hash
    _, counts = imported(write(tmp_path / "a.csv"), threshold=0)
    assert counts.repeated == 0


def test_a_row_with_a_lone_surrogate_is_a_data_error(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "Killed 3 in Gao. \\ud83d", "place": "Gao"}\n' * 2)
    counts = ImportCounts()
    columns = TableColumns("text", location=["place"])
    stream = import_table(path, columns=columns, aliases=load_aliases(), threshold=0, counts=counts, on_error=refuse)
    with pytest.raises(DataError):
        list(stream)


def test_ids_come_from_a_column_and_must_differ(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")
    articles, _ = imported(path, threshold=0, columns=TableColumns("text", location=["place"], id="place"))
    assert [article.id for article in articles] == ["Jos", "Gao"]
    with pytest.raises(InputError, match=r"a\.csv: row 4: the id 'Mali' is blank or an earlier row's"):
        imported(path, threshold=0, columns=TableColumns("text", location=["place"], id="country"))


def test_a_row_whose_id_is_taken_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "id,text,place\n1,Shots in Gao.,Gao\n1,Shots in Jos.,Jos\n,Shots in Kano.,Kano\n2,Shots in Jos.,Jos\n"
    )
    errors: list[DataError] = []
    stream = import_table(
        path,
        columns=TableColumns("text", location=["place"], id="id"),
        aliases=load_aliases(),
        threshold=0,
        counts=ImportCounts(),
        on_error=errors.append,
    )
    assert [article.id for article in stream] == ["1", "2"]
    assert len(errors) == 2


def test_a_long_cell_is_read_and_a_faulty_quote_takes_only_its_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    long = "word " * 40_000
    path.write_text(f'id,text\n1,"{long}"\n2,"a "b" c"\n3,fine\n4,"open\n5,fine\n6,"fine, too"\n7,"open\n8,fine\n')
    errors: list[DataError] = []
    rows = list(read_rows(path, ["id", "text"], on_error=errors.append))
    assert [row["id"] for row in rows] == ["1", "3", "5", "6", "8"]
    assert rows[0]["text"] == long
    assert [str(error).removeprefix(f"{path}: ")[:7] for error in errors] == ["line 3:", "line 5:", "line 8:"]


ESTIMATES = [
    ({"best": "12", "low": "10", "high": "15"}, ["best", "low", "high"], Toll(10, 15)),
    ({"best": "12", "low": "12", "high": "12"}, ["low", "best", "high"], Toll(12, 12)),
    ({"best_est": "12", "low_est": "0", "high_est": "15"}, ["best_est", "low_est", "high_est"], Toll(0, 15)),
    ({"dead": "Unknown", "killed": "7"}, ["dead", "killed"], Toll(7, 7)),
    ({"low": "10.0", "high": "15.0"}, ["low", "high"], Toll(10, 15)),
    ({"dead": "8.0"}, ["dead"], Toll(8, 8)),
]


@pytest.mark.parametrize(("cells", "deaths", "toll"), ESTIMATES)
def test_low_and_high_are_a_range(tmp_path: Path, cells: dict[str, str], deaths: list[str], toll: Toll) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "Shots in Gao.", "place": "Gao"} | cells))
    [article] = imported(path, threshold=0, columns=TableColumns("text", location=["place"], deaths=deaths))[0]
    assert article.death_toll == toll


def test_an_apis_answer_is_a_table_and_an_absent_key_a_null(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"status": 200, "count": 2, "data": [{"text": "x"}, {"text": "y", "dead": 1}]}))
    assert list(read_rows(path, ["text", "dead"], on_error=refuse)) == [
        {"text": "x", "dead": ""},
        {"text": "y", "dead": "1"},
    ]
    lines = tmp_path / "a.jsonl"
    lines.write_text('\n{"text": "x"}\n')
    with pytest.raises(InputError, match="no column 'texd'; did you mean 'text'"):
        list(read_rows(lines, ["texd"], on_error=refuse))


PRESET_ROWS = {
    "acled": {"NOTES": "x", "ACTOR1": "a", "ACTOR2": "b", "COUNTRY": "c", "FATALITIES": "1", "EVENT_ID_CNTY": "i"},
    "gtd": {
        "summary": "x",
        "gname": "a",
        "target1": "b",
        "country_txt": "c",
        "nkill": "5",
        "nkillter": "1",
        "eventid": "i",
    },
    "ucdp": {
        "source_headline": "x",
        "side_a": "a",
        "side_b": "b",
        "country": "c",
        "best": "1",
        "low": "1",
        "high": "1",
    },
    "wikipedia": {"details": "x", "perpetrator": "a", "location": "c", "dead": "1"},
}


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_a_preset_takes_the_columns_that_a_file_has(tmp_path: Path, name: str, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    row = PRESET_ROWS[name]
    if ending == ".csv":
        path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    elif ending == ".jsonl":
        path.write_text(json.dumps(row))
    else:
        pq.write_table(pa.Table.from_pylist([row]), path)
    columns = preset_columns(path, name, TableColumns(""))
    assert set(columns.names()) == set(row)
    assert preset_columns(path, name, TableColumns("", location=["mine"])).location == ["mine"]


def test_the_names_of_deaths_in_older_versions_of_ucdp_are_known(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "source_headline,side_a,best_est,high_est,low_est\n12 killed by the Sahel Guard,Sahel Guard,12,15,10\n"
    )
    columns = preset_columns(path, "ucdp", TableColumns(""))
    assert columns.deaths == ["best_est", "low_est", "high_est"]
    [article] = imported(path, threshold=1, columns=columns)[0]
    assert article.death_toll == Toll(12, 12)


def test_a_preset_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("notes,other\nx,y\n")
    with pytest.raises(InputError, match=r"a\.csv: none of the columns of --preset acled"):
        preset_columns(path, "acled", TableColumns(""))
    with pytest.raises(InputError, match=r"no column 'summary', which --preset gtd reads"):
        preset_columns(path, "gtd", TableColumns(""))
    no_json = tmp_path / "a.json"
    no_json.write_text('[{"notes": "x"}]', encoding="utf-16")
    with pytest.raises(InputError, match=r"a\.json: line 1: not JSON"):
        preset_columns(no_json, "acled", TableColumns(""))


@pytest.mark.parametrize(("killed", "attackers"), [(8, 1.0), (7, "1" * 5_000)])
def test_the_attackers_dead_do_not_count(tmp_path: Path, killed: int, attackers: object) -> None:
    path = tmp_path / "a.jsonl"
    row = {"summary": "A bomb killed seven in Gao.", "city": "Gao", "nkill": killed, "nkillter": attackers}
    path.write_text(json.dumps(row))
    columns = preset_columns(path, "gtd", TableColumns(""))
    [article] = imported(path, threshold=0, columns=columns)[0]
    assert (article.death_toll, article.surface(article.spans[0])) == (Toll(7, 7), "seven")


@pytest.mark.skipif(not CORPUS.is_file(), reason="the corpus is not in the folder AFTERACTION_TEST_CORPORA")
def test_a_list_of_incidents_is_aligned() -> None:
    columns = TableColumns("details", perpetrator=["perpetrator"], location=["location"], deaths=["dead"])
    counts = ImportCounts()
    stream = import_table(
        CORPUS, columns=columns, aliases=load_aliases(), threshold=0.5, counts=counts, on_error=refuse
    )
    articles = list(islice(stream, 300))
    assert 300 <= counts.rows < 900
    assert all(counts.found[name] > 50 for name in ("perpetrator", "location", "deaths"))
    assert {span.label for article in articles for span in article.spans} == {"PERPETRATOR", "LOCATION", "DEATH_TOLL"}


def test_cells_of_a_web_page_are_read_as_one_sees_them(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    text = '<p>Gunmen killed <b class="x">12</b> &amp; fled.<br/>&#8220;Why&rdquo; < 5? R&D, ?a=1&para=2</p>'
    path.write_text(json.dumps({"text": text, "dead": "<i>12</i>", "country": "Mali"}), encoding="utf-8")
    [article], _ = imported(path, threshold=0.5, columns=TableColumns("text", deaths=["dead"]))
    assert article.text == "Gunmen killed 12 & fled.\n“Why” < 5? R&D, ?a=1&para=2"
    assert [article.surface(span) for span in article.spans] == ["12"]
