import errno
import gzip
import os
from pathlib import Path

import pytest

from afteraction.data import DataError, files, read_articles
from afteraction.data.files import atomic_write, numbered_lines
from afteraction.data.importers import items
from afteraction.data.importers.items import read_items


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
