"""What a run does beside training: its logs, and early stopping."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import EarlyStoppingCallback, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.integrations.integration_utils import TensorBoardCallback

from afteraction.train.config import TrainConfig


class LogBeforeSaving(TrainerCallback):
    """Logs at each checkpoint, since none holds the losses not logged yet: a resumed run's means would differ."""

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Asks for a log where a checkpoint is asked for."""
        control.should_log |= control.should_save

    on_epoch_end = on_step_end


class JsonLinesLog(TrainerCallback):
    """Writes what the Trainer logs as JSON lines; a resumed run takes back what came after its checkpoint.

    The summary that ends a run is left to TensorBoard: its times tell of the process, not of the run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Keeps the entries of the steps done."""
        if state.is_world_process_zero:
            kept = [entry for entry in read_log(self._path) if entry["step"] <= state.global_step]
            lines = [json.dumps(entry) + "\n" for entry in kept] if state.global_step else []
            self._path.write_text("".join(lines), encoding="utf-8")

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Adds an entry."""
        if state.is_world_process_zero and logs and "train_runtime" not in logs:
            entry = {"step": state.global_step, **logs}
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


def read_log(path: Path) -> list[dict[str, float]]:
    """The entries of a training log; a last line cut off by a crash is left out."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def standard_callbacks(config: TrainConfig, *, log: Path, tensorboard: Path, main: bool) -> list[TrainerCallback]:
    """What every run has: its two logs, which the `main` process writes, and early stopping if asked for."""
    from torch.utils.tensorboard import SummaryWriter

    callbacks: list[TrainerCallback] = [LogBeforeSaving(), JsonLinesLog(log)]
    if main:
        callbacks.append(TensorBoardCallback(SummaryWriter(str(tensorboard))))
    if config.fitting.patience is not None:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=config.fitting.patience))
    return callbacks
