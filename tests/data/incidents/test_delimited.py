import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import DataError, InputError
from afteraction.data.incidents import read_rows


def refuse(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("delimiter", list(",;\t|"))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_sheet_is_read_whatever_its_delimiter_encoding_and_titles(
    delimiter: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerows([["Incidents; 2024", "", ""], [], ["Dead\n(min.)", " Text", ""]])
        writer.writerows([["7", 'A blast,\nin Orléans; | "two" fled.', ""], ["", " ", ""], ["1", "", ""]])
    rows = read_rows(
        path, ["Text", "Dead (min.)"], on_error=refuse, encoding="cp1252" if encoding == "cp1252" else "utf8"
    )
    assert list(rows) == [
        {"Text": 'A blast,\nin Orléans; | "two" fled.', "Dead (min.)": "7"},
        {"Text": "", "Dead (min.)": "1"},
    ]


def test_a_faulty_quote_in_a_title_takes_no_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('"Incidents" of 2024,,\n"In two\nlines",,\ndead,text,\n7,x,\n8,"y,\n9,z,\n', encoding="utf-8")
    errors: list[DataError] = []
    assert [row["dead"] for row in read_rows(path, ["dead", "text"], on_error=errors.append)] == ["7", "9"]
    assert [str(error).removeprefix(f"{path}: ")[:7] for error in errors] == ["line 6:"]


cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=9) | st.text(",;\t|\"\n\r 'dead", max_size=9)


@given(rows=st.lists(st.tuples(cells, cells), max_size=5), delimiter=st.sampled_from(",;\t|"))
def test_whatever_a_cell_holds_comes_back(
    rows: list[tuple[str, str]], delimiter: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("table") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows([("dead", "text"), *rows])
    filled = [(dead, text) for dead, text in rows if dead.strip() or text.strip()]
    read = read_rows(path, ["text", "dead"], on_error=refuse)
    assert [(row["dead"], row["text"]) for row in read] == filled


def test_rows_that_do_not_fit_the_header_are_named_and_the_others_go_on(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("dead,text\n1,x, y\n2,z,,\n3\n4,w\n", encoding="utf-8")
    errors: list[DataError] = []
    assert [row["dead"] for row in read_rows(path, ["dead", "text"], on_error=errors.append)] == ["2", "4"]
    assert [str(error).removeprefix(f"{path}: ")[:43] for error in errors] == [
        "line 2: 3 cells where the header has 2: is ",
        "line 4: 1 cells where the header has 2: is ",
    ]


def test_another_encoding_is_to_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("text\nOrléans\n".encode("cp1252"))
    with pytest.raises(InputError, match=r"a\.csv: not utf-8, as it has the byte e9: .*--encoding cp1252"):
        list(read_rows(path, ["text"], on_error=refuse))
    with pytest.raises(InputError, match="there is no encoding 'cp-1225'; usual ones are"):
        list(read_rows(path, ["text"], on_error=refuse, encoding="cp-1225"))
