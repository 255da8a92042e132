"""The folder of a training run: its files, and the record of where its results come from."""

import json
import logging
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from safetensors import SafetensorError, safe_open

from afteraction.data import resolve
from afteraction.data.files import atomic_write, remove_leftovers, sha256
from afteraction.model.environment import describe_environment
from afteraction.model.precision import native_precision
from afteraction.train.config import ConfigError, TrainConfig
from afteraction.train.config_files import change_config, dump_config

_log = logging.getLogger(__name__)

_STATE = "trainer_state.json"
"""The file that the Trainer writes last in a checkpoint."""

_PREFIX = "checkpoint-"

DATA_KEYS = ("data.train", "data.dev", "distillation.texts", "distillation.without")
"""The keys of a config that list data files."""


class DamagedRunError(ConfigError):
    """A file of a run to resume is cut short or damaged."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The paths in the folder of a run."""

    path: Path

    @property
    def config(self) -> Path:
        """Returns the file with the resolved config."""
        return self.path / "config.yaml"

    @property
    def environment(self) -> Path:
        """Returns the file with package versions, machine and git commit."""
        return self.path / "environment.json"

    @property
    def data(self) -> Path:
        """Returns the file with the SHA-256 of the data files and the spans that do not fit subword boundaries."""
        return self.path / "data.json"

    @property
    def log(self) -> Path:
        """Returns the training log, in JSON lines."""
        return self.path / "log.jsonl"

    @property
    def tensorboard(self) -> Path:
        """Returns the folder of TensorBoard's events."""
        return self.path / "tensorboard"

    @property
    def checkpoints(self) -> Path:
        """Returns the folder of the Trainer's checkpoints."""
        return self.path / "checkpoints"

    @property
    def curves(self) -> Path:
        """Returns the picture of the training curves."""
        return self.path / "curves.png"

    @property
    def model(self) -> Path:
        """Returns the folder of the best checkpoint's model."""
        return self.path / "model"

    @property
    def result(self) -> Path:
        """Returns the JSON file with the scores of the best checkpoint. It is written last and marks a finished run."""
        return self.path / "result.json"

    @property
    def finished(self) -> bool:
        """Returns whether the run is finished."""
        return self.result.is_file()

    def last_checkpoint(self) -> Path | None:
        """Returns the latest complete checkpoint, or None."""
        return max(
            (path for path in self.checkpoints.glob(f"{_PREFIX}*") if (path / _STATE).is_file()),
            key=lambda path: int(path.name.removeprefix(_PREFIX)),
            default=None,
        )


def open_run(config: TrainConfig, *, resume: bool) -> RunFolder:
    """Creates the folder of a run and writes its config, or checks that a run to resume has the same config.

    Raises:
        ConfigError: the folder holds a run and `resume` is not set; the run has another config or other data; or one
            of its files is damaged.
    """
    config = settle_precision(config)
    run = RunFolder(config.folder)
    record = {"files": data_record(config)}
    check_run(config, resume=resume)
    if run.config.is_file() and run.finished:
        return run
    for incomplete in run.checkpoints.glob(f"{_PREFIX}*"):
        if not (incomplete / _STATE).is_file():
            _log.info("%s is incomplete and is removed", incomplete)
            shutil.rmtree(incomplete)
    _check_whole(run)
    remove_leftovers(run.config, run.environment, run.data, run.log, run.curves, run.result)
    shutil.rmtree(run.model, ignore_errors=True)  # a killed run may have begun to save it
    with atomic_write(run.data) as path:
        path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    with atomic_write(run.environment) as path:
        path.write_text(json.dumps(describe_environment(), indent=2) + "\n", encoding="utf-8")
    # The config comes last: a folder with a config counts as a run.
    with atomic_write(run.config) as path:
        path.write_text(dump_config(config), encoding="utf-8")
    return run


def check_run(config: TrainConfig, *, resume: bool) -> None:
    """Refuses a config whose run folder holds a run or other files. With `resume`, it may hold the same run.

    Raises:
        ConfigError: as in `open_run`, except that checkpoints are not checked.
    """
    run = RunFolder(config.folder)
    if run.config.is_file():
        if not resume:
            raise ConfigError(f"{run.path} already holds a run; give --resume to continue it, or another name=")
        _check_same(run, config, {"files": data_record(config)})
    elif run.path.is_dir():
        # An interrupted `open_run` leaves these files, and temporary files, whose names begin with a dot.
        first = {run.data.name, run.environment.name}
        if any(path.name not in first and not path.name.startswith(".") for path in run.path.iterdir()):
            raise ConfigError(f"{run.path} is not empty and holds no run; choose another name=")


def settle_precision(config: TrainConfig) -> TrainConfig:
    """Replaces precision `auto` by that of the run in the config's folder or, if there is no run, `native_precision`.

    Raises:
        DamagedRunError: the config of the run cannot be read.
    """
    if config.fitting.precision != "auto":
        return config
    run = RunFolder(config.folder)
    recorded = _read(run.config, yaml.safe_load).get("fitting") if run.config.is_file() else None
    precision = recorded.get("precision") if isinstance(recorded, Mapping) else None
    return change_config(config, {"fitting.precision": precision or native_precision()})


def check_processes(run: RunFolder, checkpoint: Path, *, processes: int) -> None:
    """Refuses to resume in another number of processes: their steps would have other batches.

    Raises:
        ConfigError: the checkpoint was written by fewer or more processes, each of which saved its random state.
    """
    before = len(list(checkpoint.glob("rng_state*.pth")))
    if before != processes:
        raise ConfigError(
            f"{run.path}: cannot resume: its number of processes was {before}, now {processes}; choose another name="
        )


def data_record(config: TrainConfig) -> dict[str, str]:
    """Returns the SHA-256 of each data file of a config, by its name in the config."""
    return {name: sha256(resolve(name)) for name in data_names(config)}


def data_names(config: TrainConfig) -> tuple[str, ...]:
    """Returns the names of all data files of a config: those of `DATA_KEYS`, in their order."""
    return (*config.data.train, *config.data.dev, *config.distillation.texts, *config.distillation.without)


def _check_same(run: RunFolder, config: TrainConfig, record: Mapping[str, Any]) -> None:
    """Refuses to resume a run with another config or with data files that have changed."""
    before = _read(run.config, yaml.safe_load)
    for difference in differences(before, yaml.safe_load(dump_config(settle_precision(config)))):
        raise ConfigError(f"{run.path}: cannot resume: its {difference}; choose another name=")
    files = _read(run.data, json.loads).get("files", {}) if run.data.is_file() else record["files"]
    for name, digest in record["files"].items():
        if files.get(name) != digest:
            raise ConfigError(f"{run.path}: cannot resume: {name} has changed since; choose another name=")


def differences(before: Mapping[str, Any], now: Mapping[str, Any], *, prefix: str = "") -> Iterator[str]:
    """Yields each key of a config that has changed, with its old and its new value."""
    for key, value in now.items():
        old = before.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            yield from differences(old, value, prefix=f"{prefix}{key}.")
        elif value != old:
            yield f"{prefix}{key} was {old}, now {value}"


def _check_whole(run: RunFolder) -> None:
    """Removes the last checkpoint if it is damaged. Training resumes from the one before, with the same final weights.

    Raises:
        DamagedRunError: an earlier checkpoint is damaged. It may be the best one: the last checkpoint records only
            which one is the best, not its weights.
    """
    last = run.last_checkpoint()
    for checkpoint in run.checkpoints.glob(f"{_PREFIX}*"):
        try:
            _check_checkpoint(checkpoint)
        except DamagedRunError as error:
            if checkpoint != last:
                raise
            _log.warning("%s; training resumes from an earlier point", str(error).partition(";")[0])
            shutil.rmtree(checkpoint)


def _check_checkpoint(checkpoint: Path) -> None:
    _read(checkpoint / _STATE, json.loads)
    for path in checkpoint.glob("*.safetensors"):
        try:
            with safe_open(path, framework="pt"):
                pass
        except SafetensorError:
            raise _damaged(path) from None
    # PyTorch's own files are zip archives, whose directory is at the end.
    for path in (*checkpoint.glob("*.pt"), *checkpoint.glob("*.pth")):
        if not zipfile.is_zipfile(path):
            raise _damaged(path)


def _read(path: Path, parse: Callable[[str], Any]) -> Mapping[str, Any]:
    try:
        content = parse(path.read_text(encoding="utf-8"))
    except (ValueError, yaml.YAMLError):
        raise _damaged(path) from None
    if not isinstance(content, Mapping):
        raise _damaged(path)
    return content


def _damaged(path: Path) -> DamagedRunError:
    return DamagedRunError(f"{path}: cannot resume: the file is cut short or damaged; choose another name=")
