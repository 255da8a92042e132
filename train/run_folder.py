"""A run's folder: what it holds, and the record of where its numbers come from."""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from safetensors import SafetensorError, safe_open

from afteraction.data import resolve
from afteraction.data.files import atomic_write, sha256
from afteraction.model.environment import describe_environment
from afteraction.train.config import ConfigError, TrainConfig, dump_config

_STATE = "trainer_state.json"
_PREFIX = "checkpoint-"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The paths in a run's folder."""

    path: Path

    @property
    def config(self) -> Path:
        """The resolved config."""
        return self.path / "config.yaml"

    @property
    def environment(self) -> Path:
        """Package versions, machine and git commit."""
        return self.path / "environment.json"

    @property
    def data(self) -> Path:
        """The data files' SHA-256, and the annotations that no subwords match."""
        return self.path / "data.json"

    @property
    def log(self) -> Path:
        """The training log, as JSON lines."""
        return self.path / "log.jsonl"

    @property
    def tensorboard(self) -> Path:
        """TensorBoard's events."""
        return self.path / "tensorboard"

    @property
    def checkpoints(self) -> Path:
        """The Trainer's checkpoints."""
        return self.path / "checkpoints"

    @property
    def curves(self) -> Path:
        """The picture of the training."""
        return self.path / "curves.png"

    @property
    def model(self) -> Path:
        """The model of the best checkpoint."""
        return self.path / "model"

    @property
    def result(self) -> Path:
        """The scores of the best checkpoint, as JSON. It is written last, so it says that the run is finished."""
        return self.path / "result.json"

    @property
    def finished(self) -> bool:
        """Whether the run came to its end."""
        return self.result.is_file()

    def last_checkpoint(self) -> Path | None:
        """The latest checkpoint that was written whole."""
        return max(
            (path for path in self.checkpoints.glob(f"{_PREFIX}*") if (path / _STATE).is_file()),
            key=lambda path: int(path.name.removeprefix(_PREFIX)),
            default=None,
        )


def open_run(config: TrainConfig, *, resume: bool) -> RunFolder:
    """Makes a run's folder and writes its config, or checks that a run to resume had the same one.

    Raises:
        ConfigError: the folder holds a run and `resume` is not set; or it was another config's or data's, or one of
            its files is damaged.
    """
    run = RunFolder(config.folder)
    record = {"files": data_record(config)}
    if run.config.is_file():
        if not resume:
            raise ConfigError(f"{run.path} holds a run already; give --resume to go on with it, or another name=")
        _check_same(run, config, record)
        if run.finished:
            return run
    elif run.path.is_dir() and any(run.path.iterdir()):
        raise ConfigError(f"{run.path} is not empty and holds no run; choose another name=")
    for incomplete in run.checkpoints.glob(f"{_PREFIX}*"):
        if not (incomplete / _STATE).is_file():
            shutil.rmtree(incomplete)
    _check_whole(run)
    with atomic_write(run.data) as path:
        path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    with atomic_write(run.environment) as path:
        path.write_text(json.dumps(describe_environment(), indent=2) + "\n", encoding="utf-8")
    # Last: with its config in place, the folder is a run's.
    with atomic_write(run.config) as path:
        path.write_text(dump_config(config), encoding="utf-8")
    return run


def data_record(config: TrainConfig) -> dict[str, str]:
    """Each data file of a config, by its name there, with its SHA-256."""
    return {name: sha256(resolve(name)) for name in (*config.data.train, *config.data.dev)}


def _check_same(run: RunFolder, config: TrainConfig, record: Mapping[str, Any]) -> None:
    before = _read(run.config, yaml.safe_load)
    for difference in _differences(before, yaml.safe_load(dump_config(config))):
        raise ConfigError(f"{run.path}: cannot resume: its {difference}; choose another name=")
    files = _read(run.data, json.loads).get("files", {}) if run.data.is_file() else record["files"]
    for name, digest in record["files"].items():
        if files.get(name) != digest:
            raise ConfigError(f"{run.path}: cannot resume: {name} has changed since; choose another name=")


def _differences(before: Mapping[str, Any], now: Mapping[str, Any], *, prefix: str = "") -> Iterator[str]:
    for key, value in now.items():
        old = before.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            yield from _differences(old, value, prefix=f"{prefix}{key}.")
        elif value != old:
            yield f"{prefix}{key} was {old}, now {value}"


def _check_whole(run: RunFolder) -> None:
    """Refuses a damaged checkpoint; to pass over it could lose the best one, which the last only names."""
    for checkpoint in run.checkpoints.glob(f"{_PREFIX}*"):
        _read(checkpoint / _STATE, json.loads)
        for path in checkpoint.glob("*.safetensors"):
            try:
                with safe_open(path, framework="pt"):
                    pass
            except SafetensorError:
                raise _damaged(path) from None
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


def _damaged(path: Path) -> ConfigError:
    return ConfigError(f"{path}: cannot resume: the file is cut short or damaged; choose another name=")
