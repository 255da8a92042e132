import gzip
from pathlib import Path

import pytest

from afteraction.data import DataError, files, read_articles
from afteraction.data.files import numbered_lines
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
