"""The callbacks of a training run: its logs, and early stopping."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from transformers import EarlyStoppingCallback, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.integrations.integration_utils import TensorBoardCallback

from afteraction.data.files import atomic_write
from afteraction.train.config import TrainConfig
from afteraction.train.scores import CHOSEN_BY


class LogBeforeSaving(TrainerCallback):
    """Logs at each checkpoint.

    A checkpoint does not contain the losses since the last log entry. Without this callback, a resumed run would log
    different mean losses.
    """

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Requests a log entry if a checkpoint is requested."""
        control.should_log |= control.should_save

    on_epoch_end = on_step_end


class JsonLinesLog(TrainerCallback):
    """Writes the Trainer's log as JSON lines. A resumed run removes the entries after its checkpoint.

    The summary at the end of a run is written only to TensorBoard, since its times are of the process, not of the run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Keeps the entries up to the step that the run resumes from."""
        if state.is_world_process_zero:
            kept = [entry for entry in read_log(self._path) if entry["step"] <= state.global_step]
            lines = [json.dumps(entry) + "\n" for entry in kept] if state.global_step else []
            with atomic_write(self._path) as path:
                path.write_text("".join(lines), encoding="utf-8")

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Appends an entry."""
        if state.is_world_process_zero and logs and "train_runtime" not in logs:
            entry = {"step": state.global_step, **logs}
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


class StoppedError(Exception):
    """Training was stopped by `StopWhen`. The run is not finished, and can be resumed."""


class StopWhen(TrainerCallback):
    """Stops training after an evaluation, and ends it with a `StoppedError`.

    Args:
        should_stop: called after each evaluation except the last, with the completed share of the steps, between 0 and
            1, and the development score. Returns whether to stop.
    """

    def __init__(self, should_stop: Callable[[float, float], bool]) -> None:
        self._should_stop = should_stop
        self._stopped = False

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: Mapping[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Requests the end of training if `should_stop` returns True."""
        ends_anyway = control.should_training_stop or state.global_step >= state.max_steps
        if metrics and not ends_anyway:
            self._stopped = self._should_stop(state.global_step / state.max_steps, metrics[f"eval_{CHOSEN_BY}"])
            control.should_training_stop |= self._stopped

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Raises the error. The callbacks before this one have finished normally by then."""
        if self._stopped:
            raise StoppedError


def read_log(path: Path) -> list[dict[str, float]]:
    """Reads the entries of a training log. A last line that a crash cut off is ignored."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def standard_callbacks(config: TrainConfig, *, log: Path, tensorboard: Path, main: bool) -> list[TrainerCallback]:
    """Returns the callbacks of every run: its two logs, written by the `main` process, and early stopping if set."""
    from torch.utils.tensorboard import SummaryWriter

    callbacks: list[TrainerCallback] = [LogBeforeSaving(), JsonLinesLog(log)]
    if main:
        callbacks.append(TensorBoardCallback(SummaryWriter(str(tensorboard))))
    if config.fitting.patience is not None:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=config.fitting.patience))
    return callbacks
