import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from afteraction.data import DataError
from afteraction.data.importers.items import parsed, read_items

ROW = {"text": "Rebels hit Gao", "spans": [{"start": 0, "end": 6, "label": "P"}]}


def items(path: Path) -> list[object]:
    return [parsed(item) for _, item in read_items(path)]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(ROW),
        f"\n\n{json.dumps(ROW)}",
        json.dumps([ROW]),
        f"\n{json.dumps([ROW], indent=1)}",
        json.dumps(ROW, indent=2),
        json.dumps({"classes": ["P"], "annotations": [ROW, None]}),
        json.dumps({"classes": ["P"], "annotations": [ROW]}, indent=2),
        json.dumps({"status": 200, "data": [ROW]}),
    ],
)
def test_an_object_is_the_same_however_json_holds_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    assert items(path) == [ROW]


def test_a_frame_of_objects_by_name_gives_them_their_names(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"a1": {"text": "Gao"}, "a2": {"text": "Mali"}}))
    assert items(path) == [{"id": "a1", "text": "Gao"}, {"id": "a2", "text": "Mali"}]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_frame_of_several_splits_is_refused_as_a_folder_of_them_is(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"train": [ROW], "test": [ROW]}, indent=indent))
    with pytest.raises(DataError, match=r"x\.json: has the splits test, train: write each to a file of its own"):
        items(path)
    path.write_text(json.dumps({"train": [ROW], "test": []}, indent=indent))
    assert items(path) == [ROW]


def test_a_first_line_that_is_cut_off_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(f'{{"text": "Gao", "spans": [\n{json.dumps(ROW)}\n')
    (_, first), (where, second) = read_items(path)
    with pytest.raises(DataError, match="not JSON"):
        parsed(first)
    assert (where, parsed(second)) == (f"{path}: line 2", ROW)


@pytest.mark.parametrize("name", ["x.csv", "x.tsv"])
def test_cells_of_json_are_parsed_line_ends_kept_and_empty_ones_absent(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    text = "Rebels\r\nhit " + "Gao " * 50_000
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.writer(stream, delimiter="," if name.endswith("csv") else "\t")
        writer.writerows([["text", "spans", "note"], [text, json.dumps(ROW["spans"]), ""], ["short"]])
    (_, first), (where, second) = read_items(path)
    assert parsed(first) == {"text": text, "spans": ROW["spans"]}
    with pytest.raises(DataError, match="1 cells where the header has 3"):
        parsed(second)
    assert where == f"{path}: line 4"


def test_parquet_and_the_folders_of_datasets_are_rows(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([ROW, ROW])
    pq.write_table(table, tmp_path / "x.parquet")
    assert items(tmp_path / "x.parquet") == [ROW, ROW]
    for part in ("train", "test"):
        folder = tmp_path / "saved" / part
        folder.mkdir(parents=True)
        for name in ("data-00000-of-00001.arrow", "cache-1.arrow"):
            with pa.OSFile(str(folder / name), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
        (folder / "state.json").write_text("{}")
    assert items(tmp_path / "saved" / "train") == [ROW] * 2
    with pytest.raises(DataError, match="saved: has the splits test, train: name the folder or file of one"):
        items(tmp_path / "saved")
    with pa.OSFile(str(tmp_path / "x.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    assert items(tmp_path / "x.arrow") == [ROW, ROW]
    (tmp_path / "bad.parquet").write_text("x")
    with pytest.raises(DataError, match=r"bad\.parquet: cannot be read"):
        items(tmp_path / "bad.parquet")
