"""Fixtures of the tests of archive runs."""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from afteraction.model.archive import label_archive

TEXTS = (
    "Two gunmen killed at least 50 soldiers near Gao, Mali, in an attack on a police school.",
    "The army said the river was near the city.",
    "Rebels attacked a bus in Kano, killing three people; the rebels fled after the attack.",
)


@pytest.fixture(scope="session")
def texts() -> Sequence[str]:
    return TEXTS


@pytest.fixture(scope="session")
def check_stopped() -> Callable[[str, Path], None]:
    """Returns a function that checks a stopped command's messages, and that it left the first parts of 200."""

    def check(errors: str, folder: Path) -> None:
        # A slow command also prints its progress once a minute.
        said = [line for line in errors.splitlines() if line.startswith("afteraction: ")]
        assert [line.partition(";")[0] for line in said] == [
            "afteraction: finishing the current part",
            "afteraction: stopped",
        ]
        parts = sorted(int(path.stem[-5:]) for path in folder.glob("part-*"))
        assert parts == list(range(len(parts)))
        assert len(parts) < 200

    return check


@pytest.fixture(scope="session")
def make_input() -> Callable[..., Path]:
    """Returns a function that writes an article file with some faulty lines, given by index."""

    def write_input(path: Path, count: int, *, faulty: Iterable[int] = ()) -> Path:
        lines = [json.dumps({"id": f"a{index}", "text": TEXTS[index % 3]}) for index in range(count)]
        for index in faulty:
            lines[index] = f'{{"id": "a{index}"'
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write_input


@pytest.fixture(scope="session")
def breaking() -> Callable[..., None]:
    """Returns a function that makes a function of `os` raise an error at one of its calls."""

    def break_call(monkeypatch: pytest.MonkeyPatch, name: str, *, call: int, error: BaseException) -> None:
        original: Callable[..., Any] = getattr(os, name)
        calls = 0

        def broken(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == call:
                raise error
            return original(*arguments, **options)

        monkeypatch.setattr(os, name, broken)

    return break_call


@pytest.fixture
def source(make_input: Callable[..., Path], tmp_path: Path) -> Path:
    return make_input(tmp_path / "in.jsonl", 30, faulty=(2, 3, 17, 29))


@pytest.fixture
def whole(source: Path, tmp_path: Path) -> Path:
    """Returns the folder of an uninterrupted run, in seven parts of four records and one of two."""
    folder = tmp_path / "whole"
    label_archive("rules", [str(source)], folder, part_size=4)
    return folder
