"""Output on standard error while a command runs: progress bars on a terminal, and errors everywhere."""

import logging
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from afteraction.data import Article, InputNotice
from afteraction.output.lines import print_line

if TYPE_CHECKING:
    from transformers import TrainerCallback


class InputErrorReporter:
    """Prints errors about inputs to standard error, and counts them. Notices are printed but not counted.

    Readers call it as `on_error` and continue with the next input.
    """

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, error: Exception) -> None:
        """Prints one error or notice."""
        self.count += not isinstance(error, InputNotice)
        print(f"afteraction: {error}", file=sys.stderr)  # noqa: T201

    @property
    def status(self) -> int:
        """The exit status of a command: 1 if any input could not be read, otherwise 0."""
        return int(self.count > 0)


_QUIET = {
    "DATASETS_VERBOSITY": "error",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}


def quiet_libraries() -> None:
    """Keeps the progress bars and log messages of libraries off standard error. Their errors are still shown.

    It imports no library. Libraries that are imported later read the environment variables.
    """
    for variable, value in _QUIET.items():
        os.environ.setdefault(variable, value)
    for library in ("datasets", "transformers"):
        if library in sys.modules:
            library_logging = import_module(f"{library}.utils.logging")
            library_logging.disable_progress_bar()
            library_logging.set_verbosity_error()
    logging.getLogger("accelerate").setLevel(logging.ERROR)


def with_progress(articles: Iterable[Article]) -> Iterator[Article]:
    """Yields the articles unchanged. On a terminal, shows how many have passed so far."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("articles", total=None)
        for article in articles:
            progress.advance(task)
            yield article


@contextmanager
def shown_log(module: str) -> Iterator[None]:
    """Shows a module's log as lines on standard error. If several processes train, only the first shows its log."""
    logger = logging.getLogger(module)
    level, handler = logger.level, _LineHandler()
    if os.environ.get("RANK", "0") == "0":
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


class _LineHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print_line(record.getMessage())


def training_progress() -> Sequence["TrainerCallback"]:
    """Returns callbacks that show a training run: a bar on a terminal, and one line per evaluation everywhere."""
    # Imported here, since only training needs it and it is slow to import.
    from transformers import TrainerCallback

    console = Console(stderr=True, highlight=False)

    class TrainingProgress(TrainerCallback):
        def __init__(self) -> None:
            columns = (
                TextColumn("training"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[loss]}"),
            )
            self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
            self._task = self._bar.add_task("training", loss="", total=None)

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.is_world_process_zero:
                self._bar.update(self._task, total=state.max_steps, completed=state.global_step)
                self._bar.start()

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self._bar.update(self._task, completed=state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if logs and "loss" in logs:
                self._bar.update(self._task, loss=f"loss {logs['loss']:.3f}")

        def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any = None, **_: Any) -> None:
            if state.is_world_process_zero:
                console.print(
                    f"step {state.global_step} of {state.max_steps}: development F1 {metrics['eval_micro_f1']:.3f} "
                    f"({metrics['eval_micro_f1_low']:.3f} to {metrics['eval_micro_f1_high']:.3f})"
                )

        def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self._bar.stop()

    return [TrainingProgress()]
