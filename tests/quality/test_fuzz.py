"""Readers of files and texts give a result or an error of ours, whatever they read: the quick part of the fuzzing.

`bench/fuzz/` has the targets and the changes. `make soak` runs a million of them.
"""

import importlib
import random
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.data import DataError

sys.path.append(str(Path(__file__).parents[2] / "bench" / "fuzz"))  # for the modules that the targets import
TARGETS: dict[str, Any] = importlib.import_module("targets").TARGETS
TEXT_TARGETS: dict[str, Any] = importlib.import_module("targets_texts").TEXT_TARGETS
mutated: Any = importlib.import_module("mutations").mutated
target: Any = importlib.import_module("target")

EXECUTIONS = 100
"""The number of executions of a target of weight 1."""


def ends_well(run: Any, data: bytes) -> None:
    try:
        run(data)
    except Exception as error:
        target.check_message(error)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TARGETS)
def test_a_changed_file_gives_a_result_or_one_line(name: str) -> None:
    seeds = TARGETS[name].seeds()
    for number in range(max(round(EXECUTIONS * TARGETS[name].weight), 3)):
        data = mutated(seeds, random.Random(f"{name} {number}"))  # noqa: S311
        ends_well(TARGETS[name].run, data)


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXT_TARGETS)
@settings(max_examples=20)
@given(st.text(max_size=300))
def test_any_text_gives_a_result_or_one_line(name: str, text: str) -> None:
    ends_well(TEXT_TARGETS[name].run, text.encode())


def test_faults_are_told_from_errors_of_ours() -> None:
    def fails(data: bytes) -> None:
        raise {b"a": ValueError, b"b": DataError, b"c": DataError}[data]("two\nlines" if data == b"c" else "one line")

    ends_well(fails, b"b")
    with pytest.raises(TypeError, match="not an error of ours"):
        ends_well(fails, b"a")
    with pytest.raises(AssertionError, match="not one line"):
        ends_well(fails, b"c")


def test_every_change_keeps_to_bytes_and_to_the_longest_length() -> None:
    changes = importlib.import_module("mutations")
    for change in dict.fromkeys(changes.CHANGES):
        for number in range(50):
            chance = random.Random(number)  # noqa: S311
            for content in (b"", b"{}", b'{"id": "a", "text": "Gao", "n": [1]}\n\xff', b"x" * 300):
                assert isinstance(change(content, [content, b"other"], chance), bytes)
    assert len(mutated([b"x" * 200_000], random.Random(1))) <= changes.LONGEST  # noqa: S311
