"""Shows the progress of an archive run, and what it wrote."""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from rich import progress as bars
from rich.console import Console

from afteraction.data import InputNotice
from afteraction.model.archive import Manifest, Progress
from afteraction.model.gate import Gate
from afteraction.output.console import count_noun, wide_console
from afteraction.output.lines import print_line

_LINES_APART = 60
"""Seconds between two lines of progress if there is no terminal."""


class ArchiveProgress(Progress):
    """Shows a bar on a terminal, and one line per minute otherwise.

    Args:
        on_begin: called when labelling begins.
        clock: returns the time in seconds.
    """

    def __init__(self, *, on_begin: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._on_begin = on_begin
        self._clock = clock
        console = Console(stderr=True)
        columns = (
            bars.TextColumn("articles"),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TextColumn("{task.fields[state]}"),
        )
        self._bar = bars.Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task("articles", total=None, state="")
        self._began = self._shown = 0.0
        self._first = self._done = self._errors = 0
        self._total: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def notice(self, notice: InputNotice) -> None:
        """Prints a notice of a reader."""
        print_line(f"afteraction: {notice}")

    def begin(self, *, done: int, total: int | None) -> None:
        """Starts showing the progress when labelling begins."""
        self._began = self._shown = self._clock()
        self._first = self._done = done
        self._total = total
        self._bar.start()
        self._on_begin()

    def article(self) -> None:
        """Counts an article that has been labelled."""
        self._done += 1
        self._show()

    def part(self, *, done: int, errors: int) -> None:
        """Sets the counts after a part has been written."""
        self._done, self._errors = done, errors
        self._show()

    def _show(self) -> None:
        if not self._bar.disable:
            self._bar.update(self._task, total=self._total, completed=self._done, state=self._state())
        elif self._clock() - self._shown >= _LINES_APART:
            self._shown = self._clock()
            of_all = "" if self._total is None else f"{self._done:,} of "
            print_line(f"{of_all}{count_noun(self._total or self._done, 'article')}, {self._state()}")

    def _state(self) -> str:
        """Returns the rate, the remaining articles and time, and the number of errors, in words."""
        rate = (self._done - self._first) / max(self._clock() - self._began, 1e-9)
        words = [f"{rate:.1f} articles/s"]
        if self._total is not None and rate:
            left = max(self._total - self._done, 0)
            words += [f"{left:,} left", f"{timedelta(seconds=round(left / rate))} to go"]
        if self._errors:
            words.append(f"{count_noun(self._errors, 'error')}")
        return ", ".join(words)


def announce_stop() -> None:
    """Reports that a run is stopping, since the current part may take a minute."""
    print_line("afteraction: finishing the current part; a second signal stops at once")


def print_result(folder: Path, manifest: Manifest) -> int:
    """Prints what is in the folder of a finished run or merge, and returns the exit status.

    The status is 1 if there are errors other than articles that were left out on request.
    """
    result = manifest.result
    if result is None:
        raise ValueError("the run is not finished")
    wide_console().print(
        f"{folder}: {count_noun(result.articles, 'article')} in {count_noun(len(result.parts), 'part')}"
    )
    if result.skipped:
        print_skipped(result.skipped, result.articles)
    errors = result.errors - result.left_out
    counts = [count_noun(errors, "error")] if errors else []
    counts += [f"{count_noun(result.left_out, 'article')} left out"] if result.left_out else []
    if counts:
        # An error may stand for all articles of a file, so it is not counted as one article.
        message = f"{' and '.join(counts)}; what is missing, and why, is in {folder / 'errors.jsonl'}"
        print(f"afteraction: {message}", file=sys.stderr)  # noqa: T201
    return int(errors > 0)


def print_skipped(skipped: int, articles: int) -> None:
    """Prints to standard error how many articles were not read because of the gate."""
    print_line(f"afteraction: {skipped:,} of {count_noun(articles, 'article')} did not pass the gate and were not read")


def print_gate(gate: Gate) -> None:
    """Prints how many articles with and without spans pass a gate in cross-validation."""
    for share, kind in ((gate.with_spans, "with spans"), (gate.without, "without")):
        wide_console().print(
            f"{share.passed:,} of {count_noun(share.articles, 'article')} {kind} pass: "
            f"{share.passed / share.articles:.1%}, 95 % interval {share.low:.1%} to {share.high:.1%}"
        )
