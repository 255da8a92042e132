"""What a run refuses before it writes anything: a different setting, model, input or folder."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import DataError
from afteraction.model.archive import Chunk, Shard, label_archive

Tree = Callable[[Path], dict[str, bytes]]
MakeInput = Callable[..., Path]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"part_size": 5}, "part size was 4, now 5"),
        ({"precision": "bfloat16"}, "precision was float32, now bfloat16"),
        ({"device": "cuda:1"}, "device was cpu, now cuda"),
        ({"file_format": "parquet"}, "format was jsonl, now parquet"),
        ({"shard": Shard(1, 2)}, "shard was none, now 1/2"),
    ],
)
def test_another_setting_is_refused(changes: dict[str, Any], words: str, whole: Path, source: Path, tree: Tree) -> None:
    before = tree(whole)
    with pytest.raises(DataError, match=words):
        label_archive("rules", [str(source)], whole, **{"part_size": 4, **changes})
    assert tree(whole) == before


def test_another_model_is_refused_and_its_card_does_not_count(
    model_folder: Path, source: Path, tmp_path: Path, whole: Path
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in model_folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    with pytest.raises(DataError, match=r"versions|torch was none|model was rules"):
        label_archive(copy, [str(source)], whole, part_size=4)
    label_archive(copy, [str(source)], tmp_path / "labelled")
    (copy / "README.md").write_text("A card.", encoding="utf-8")
    label_archive(model_folder, [str(source)], tmp_path / "labelled")
    settings_file = copy / "afteraction.json"
    settings_file.write_text(settings_file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"whose afteraction\.json is another"):
        label_archive(copy, [str(source)], tmp_path / "labelled")


def test_another_version_is_refused(whole: Path, source: Path) -> None:
    path = whole / "manifest.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"afteraction": "', '"afteraction": "0.'), encoding="utf-8"
    )
    with pytest.raises(DataError, match="afteraction was 0"):
        label_archive("rules", [str(source)], whole, part_size=4)


@pytest.mark.parametrize(("model", "package"), [("model_folder", "torch"), ("exported", "onnxruntime")])
def test_another_version_of_what_computes_the_model_is_refused(
    model: str, package: str, source: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if model == "exported":
        pytest.importorskip("onnx")
        pytest.importorskip("onnxruntime")
    folder = request.getfixturevalue(model)
    manifest = label_archive(folder, [str(source)], tmp_path / "labelled")
    assert manifest.versions == {name: version(name) for name in ("afteraction", package)}
    path = tmp_path / "labelled" / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace(f'"{package}": "', f'"{package}": "0.'), encoding="utf-8")
    with pytest.raises(DataError, match=f"{package} was 0"):
        label_archive(folder, [str(source)], tmp_path / "labelled")


def test_another_or_a_changed_input_is_refused(
    whole: Path, source: Path, tmp_path: Path, make_input: MakeInput
) -> None:
    other = make_input(tmp_path / "other.jsonl", 2)
    with pytest.raises(DataError, match=r"the input was .*in\.jsonl, now .*in\.jsonl .*other\.jsonl"):
        label_archive("rules", [str(source), str(other)], whole, part_size=4)
    source.write_bytes(source.read_bytes().replace(b"Kano", b"Gano"))
    with pytest.raises(DataError, match=r"the input .*in\.jsonl has changed since"):
        label_archive("rules", [str(source)], whole, part_size=4)


def test_a_file_that_joins_or_leaves_a_folder_of_inputs_is_noticed(tmp_path: Path, texts: Sequence[str]) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("b", "a"):
        (folder / f"{name}.txt").write_text(texts[0], encoding="utf-8")
    manifest = label_archive("rules", [str(folder)], tmp_path / "out")
    assert [record.files for record in manifest.inputs] == [2]
    (folder / "c.txt").write_text(texts[1], encoding="utf-8")
    with pytest.raises(DataError, match="texts has changed since"):
        label_archive("rules", [str(folder)], tmp_path / "out")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["-"], "standard input"),
        ([""], "empty"),
        (["nowhere.jsonl"], "no such file"),
        (["/dev/null"], "neither a file nor a folder"),
        (["."], "lies in the input"),
    ],
)
def test_inputs_that_cannot_be_read_again_are_refused_before_anything_is_written(
    names: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=words):
        label_archive("rules", names, Path("out"))
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_are_not_utf8_are_written_out(tmp_path: Path, make_input: MakeInput) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("the file system has no such names")
    source = make_input(folder / "in.jsonl", 3, faulty=(1,))
    for name in (source, folder):
        output = tmp_path / f"out-{name.name.isascii()}"
        label_archive("rules", [str(name)], output)
        assert r"caf\udce9" in json.loads((output / "errors.jsonl").read_text(encoding="utf-8"))["place"]
        label_archive("rules", [str(name)], output)


def test_a_folder_with_something_else_is_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter.txt").touch()
    with pytest.raises(DataError, match="is not empty and holds no run"):
        label_archive("rules", [str(source)], tmp_path / "taken")
    with pytest.raises(DataError, match="a file of that name"):
        label_archive("rules", [str(source)], source)
    (tmp_path / "taken" / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"manifest\.json: damaged"):
        label_archive("rules", [str(source)], tmp_path / "taken")


def test_a_second_run_in_the_folder_is_refused_until_the_first_ends(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"

    def engine(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        for chunk in chunks:
            with pytest.raises(DataError, match="another run is writing in this folder"):
                label_archive("rules", [str(source)], folder, part_size=4)
            yield chunk

    assert label_archive("rules", [str(source)], folder, part_size=4, engine=engine).result is not None
    label_archive("rules", [str(source)], folder, part_size=4)
