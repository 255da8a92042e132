"""The work for a text grows no faster than the text, on the rows of `bench/growth.py`.

The test counts the lines of Python that run, so that the result does not depend on the machine. The work of a regular
expression or a slice in one line is left to the benchmark.
"""

import importlib
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

SMALL, LARGE = 3_000, 6_000
MOST = 2.5
"""The largest factor of lines for twice the text. It is 2.2 for n log n, and 4 for n squared."""


sys.path.append(str(Path(__file__).parents[2] / "bench"))  # for the modules that the rows import
ROWS: dict[str, Any] = importlib.import_module("growth_rows").ROWS


def lines_of(work: Callable[[], object]) -> int:
    """Returns the number of lines of Python that some work runs."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    re.purge()  # so that patterns made from the text are compiled each time
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


# The others spend their time in the bootstrap or a tokenizer, whose lines are the same for every text.
OURS = [name for name in ROWS if not name.startswith(("data check", "evaluate", "agreement"))]


@pytest.mark.slow
@pytest.mark.parametrize("name", OURS)
def test_twice_the_text_takes_twice_the_work(name: str) -> None:
    row = ROWS[name]
    row(SMALL)()  # warm-up: imports and caches
    small, large = lines_of(row(SMALL)), lines_of(row(LARGE))
    assert large <= MOST * small + 1000, f"{small:,} lines for {SMALL:,} characters, {large:,} for {LARGE:,}"


def test_the_count_sees_work_that_grows_faster() -> None:
    def pairs(size: int) -> Callable[[], object]:
        return lambda: [one < other for one in range(size) for other in range(size)]

    assert lines_of(pairs(100)) > 3.5 * lines_of(pairs(50))
