"""The callbacks of a training run: its checkpoints, its logs, and early stopping."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from accelerate.utils import broadcast
from transformers import EarlyStoppingCallback, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.integrations.integration_utils import TensorBoardCallback

from afteraction.data.files import atomic_write
from afteraction.train.config import TrainConfig
from afteraction.train.scores import CHOSEN_BY


class TimedCheckpoints(TrainerCallback):
    """Requests a checkpoint when some time has passed since the last one, so that a killed run loses little.

    Args:
        minutes: the time between two checkpoints, at least.
    """

    def __init__(self, minutes: float) -> None:
        self._seconds = 60 * minutes
        self._last = monotonic()

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Starts the clock."""
        self._last = monotonic()

    on_save = on_train_begin

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Requests a checkpoint if one is due.

        Only steps that are logged anyway have one: the log must not depend on the time. Nor does the last step of an
        epoch: a run that resumes there would skip the evaluation at the epoch's end.
        """
        if control.should_log and state.epoch is not None and not state.epoch.is_integer():
            due = torch.tensor(int(monotonic() - self._last >= self._seconds), device=args.device)
            # The clocks of several processes differ, but all of them must take part in a checkpoint.
            control.should_save |= bool(broadcast(due))


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
    """Returns the callbacks of every run: checkpoints, two logs that the `main` process writes, and early stopping."""
    from torch.utils.tensorboard import SummaryWriter

    callbacks: list[TrainerCallback] = [
        TimedCheckpoints(config.fitting.checkpoint_minutes),
        LogBeforeSaving(),
        JsonLinesLog(log),
    ]
    if main:
        callbacks.append(TensorBoardCallback(SummaryWriter(str(tensorboard))))
    if config.fitting.patience is not None:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=config.fitting.patience))
    return callbacks
