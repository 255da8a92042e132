import errno
import gzip
import os
import stat
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from afteraction.data import DataError, InputError, files, read_articles, read_inputs
from afteraction.data.files import atomic_write, full_disk_reported, numbered_lines, remove_leftovers, row_batches
from afteraction.data.importers import FakesLog, items
from afteraction.data.importers.fakes import read_fakes
from afteraction.data.importers.items import read_items
from afteraction.data.incidents import ImportCounts, TableColumns, import_table
from afteraction.data.inputs import records, streams
from afteraction.data.text import load_aliases


def test_a_signal_just_as_a_temporary_file_is_made_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch = Path.touch

    def interrupted(path: Path, *arguments: Any, **options: Any) -> None:
        touch(path, *arguments, **options)
        raise SystemExit

    monkeypatch.setattr(Path, "touch", interrupted)
    with pytest.raises(SystemExit), atomic_write(tmp_path / "a.txt"):
        pass
    assert not list(tmp_path.iterdir())


def test_a_line_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 2**20)
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": "a"}\n' + b" " * 2**24))
    assert path.stat().st_size < 2**16
    lines = numbered_lines(path)
    assert next(lines) == (1, b'{"id": "a"}')
    with pytest.raises(DataError, match=r"bomb\.jsonl\.gz: a line of more than 1 MB"):
        next(lines)
    with pytest.raises(DataError, match=r"bomb\.jsonl\.gz: a line of more than 1 MB"):
        list(read_articles(path, on_error=lambda _: None))


def test_a_line_of_the_longest_length_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 100)
    (tmp_path / "a.txt").write_bytes(b"x" * 99 + b"\n" + b"y" * 100)
    assert [line for _, line in numbered_lines(tmp_path / "a.txt")] == [b"x" * 99, b"y" * 100]


def test_a_list_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "_LARGEST_VALUE", 2**20)
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b"[\n" + b'{"text": "a"},\n' * 2**17))
    with pytest.raises(DataError, match=r"bomb\.json\.gz: a value over lines of more than 1 MB"):
        list(read_items(path))


COLUMNS = "id,text,notes,actor1,unit_id,article_title,article_content,source,date,location"


def inputs(path: Path) -> list[str]:
    errors: list[str] = []
    list(read_inputs([str(path)], stream=None, on_error=lambda error: errors.append(str(error))))
    return errors


def table(path: Path) -> list[str]:
    errors: list[str] = []
    columns = TableColumns(text="notes", perpetrator=("actor1",))
    options: dict[str, Any] = {"aliases": load_aliases(), "threshold": 0.5, "counts": ImportCounts()}
    list(import_table(path, columns=columns, on_error=lambda error: errors.append(str(error)), **options))
    return errors


def fakes(path: Path) -> list[str]:
    errors: list[str] = []
    list(read_fakes(path, log=FakesLog(), on_error=lambda error: errors.append(str(error))))
    return errors


@pytest.mark.parametrize("read", [inputs, table, fakes, lambda path: list(read_items(path))])
@pytest.mark.parametrize("rest", [b"x" * 2**21, b'"' + b"\n" * 2**21, b'"\n",' * 2**19], ids=["line", "cell", "row"])
def test_a_row_that_would_fill_the_memory_is_refused(
    read: Callable[[Path], Any], rest: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 2**20)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(f"{COLUMNS}\n".encode() + rest, 1))
    try:
        [problem] = read(path)
    except DataError as error:
        problem = str(error)
    assert problem.endswith("bomb.csv.gz: a row of more than 1 million characters: is a quote not closed?")


@pytest.mark.parametrize("name", ["a.txt.gz", "a.html.gz", "a.jsonl.gz", "a.json.gz"])
def test_an_input_that_would_fill_the_memory_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 2**20)
    monkeypatch.setattr(streams, "LONGEST_LINE", 2**20)
    monkeypatch.setattr(records, "LARGEST_VALUE", 2**20)
    path = tmp_path / name
    path.write_bytes(gzip.compress((b'[{"text": "' if "json." in name else b"<p>") + b"x" * 2**22, 1))
    [problem] = inputs(path)
    assert problem.startswith(f"{path}: a ")
    assert "of more than 1 m" in problem.casefold()


def test_documents_of_spacy_that_would_fill_the_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "_LARGEST_VALUE", 2**20)
    path = tmp_path / "a.spacy"
    path.write_bytes(zlib.compress(b"x" * 2**24))
    with pytest.raises(DataError, match=r"a\.spacy: documents of more than 1 MB"):
        list(read_items(path))


def test_rows_that_share_a_long_value_are_read_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_BATCH_BYTES", 2**20)
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"n": range(1000), "text": ["x" * 2**16] * 1000}), path)
    assert path.stat().st_size < 2**17
    with pq.ParquetFile(path) as file:
        batches = list(row_batches(file, most=1000))
        assert max(batch.nbytes for batch in batches) <= 2**20
        assert sum(batch.num_rows for batch in batches) == 1000
        short = list(row_batches(file, most=300, columns=["n"]))
    assert sum(batch.num_rows for batch in short) == 1000
    assert all(batch.num_columns == 1 and batch.num_rows <= 300 for batch in short)


def not_utf8(path: Path) -> Path:
    """Writes a Parquet file with a text that is not UTF-8, as careless programs do."""
    pq.write_table(pa.table({"text": ["Gao, Mali"], "notes": ["Gao, Mali"], "actor1": ["Gao"]}), path)
    path.write_bytes(path.read_bytes().replace(b"Gao, Mali", b"Gao, \xff\xfe!!"))
    return path


@pytest.mark.parametrize("read", [inputs, table, lambda path: list(read_items(path))])
def test_a_text_of_parquet_that_is_not_utf8_is_named(read: Callable[[Path], Any], tmp_path: Path) -> None:
    path = not_utf8(tmp_path / "a.parquet")
    try:
        [problem] = read(path)
    except InputError as error:
        problem = error
    assert str(problem).startswith(f"{path}: ")
    assert "can't decode byte 0xff" in str(problem)


@pytest.mark.parametrize("read", [inputs, table, lambda path: list(read_items(path))])
def test_a_parquet_whose_statistics_contradict_its_types_is_refused(read: Callable[[Path], Any]) -> None:
    """This file, found by bench/fuzz, made pyarrow end the process."""
    path = Path(__file__).with_name("damaged.parquet")
    try:
        [problem] = read(path)
    except InputError as error:
        problem = error
    assert str(problem).startswith(f"{path}: ")


def test_a_file_appears_under_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.bin"
    with atomic_write(path) as temporary:
        temporary.write_bytes(b"whole")
        assert temporary.parent == path.parent
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert list(path.parent.iterdir()) == [path]


def test_a_full_disk_is_reported_with_the_file_that_was_being_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with pytest.raises(DataError, match=r"a\.jsonl: cannot be written: No space left on device"), atomic_write(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_beside_a_file_is_removed_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    others = [tmp_path / name for name in ("a.json", ".a.json", ".a.json.bak", ".b.json.abcdefgh", "a.json.abcdefgh")]
    for each in (*others, tmp_path / ".a.json.abc_e0gh"):
        each.touch()
    remove_leftovers(path, tmp_path / "missing" / "c.json")
    assert sorted(tmp_path.iterdir()) == sorted(others)


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_file_has_the_mode_that_its_user_chose_and_until_it_is_whole_it_is_for_its_owner_alone(
    mask: int, mode: int, tmp_path: Path
) -> None:
    before = os.umask(mask)
    try:
        with atomic_write(tmp_path / "a") as temporary:
            assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == mode
    finally:
        assert os.umask(before) == mask


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)),
        Exception("Error while serializing: I/O error: No space left on device (os error 28)"),  # of safetensors
        RuntimeError("[enforce fail at inline_container.cc:664] . unexpected pos 192 vs 86"),  # of PyTorch
        RuntimeError("[enforce fail at inline_container.cc:858] . PytorchStreamWriter failed writing file data/0"),
    ],
)
def test_a_full_disk_is_one_line_whichever_library_meets_it(error: Exception, tmp_path: Path) -> None:
    line = r"^/some/path: cannot be written: No space left on device$"
    with pytest.raises(DataError, match=line), full_disk_reported(Path("/some/path")):
        raise error
    with pytest.raises(DataError, match=r"a\.bin: cannot be written: "), atomic_write(tmp_path / "a.bin"):
        raise error
    assert list(tmp_path.iterdir()) == []


def test_no_other_error_is_taken_for_a_full_disk() -> None:
    with pytest.raises(RuntimeError, match="another"), full_disk_reported(Path("a")):
        raise RuntimeError("another")
    damaged = RuntimeError("[enforce fail at inline_container.cc:275] . PytorchStreamReader failed reading zip archive")
    with pytest.raises(RuntimeError, match="StreamReader"), full_disk_reported(Path("a")):
        raise damaged
    with pytest.raises(DataError, match=r"^b: No space left"), full_disk_reported(Path("a")):
        raise DataError("b: No space left on device")
