"""The plan of a search, and the search's folder with a record of the plan."""

import json
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from afteraction.data import resolve
from afteraction.data.files import atomic_write, sha256
from afteraction.model import load_tokenizer, locate_encoder, locate_model
from afteraction.train.config import ConfigError, TrainConfig
from afteraction.train.config_files import change_config, dump_config
from afteraction.train.run_folder import DATA_KEYS, RunFolder, data_names, differences
from afteraction.train.search.space import Dimension, SearchSpace, value_of


@dataclass(frozen=True, slots=True)
class SearchFolder:
    """The paths in the folder of a search."""

    path: Path

    @property
    def record(self) -> Path:
        """Returns the file with the config, the space, and the SHA-256 of the data files."""
        return self.path / "search.json"

    @property
    def study(self) -> Path:
        """Returns Optuna's journal with all trials."""
        return self.path / "study.jsonl"

    @property
    def picture(self) -> Path:
        """Returns the picture of the trials and of the settings' importances."""
        return self.path / "search.png"

    @property
    def best(self) -> Path:
        """Returns the config of the best trial, which extends the searched config."""
        return self.path / "best.yaml"

    def trial(self, number: int) -> RunFolder:
        """Returns the run folder of a trial."""
        return RunFolder(self.path / f"trial-{number}")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is searched: a config, the space, and its settings as `check_space` returns them."""

    config: TrainConfig
    space: SearchSpace
    dimensions: tuple[Dimension, ...]

    @property
    def folder(self) -> SearchFolder:
        """Returns the folder of the search, next to the run of the config."""
        return SearchFolder(self.config.runs / f"{self.config.name}-search")

    def own_settings(self) -> dict[str, Any]:
        """Returns the config's own values of the searched settings."""
        own = self.config.model_dump(mode="json")
        return {dimension.key: value_of(own, dimension.key) for dimension in self.dimensions}

    def trial_config(self, number: int, settings: dict[str, Any]) -> TrainConfig:
        """Returns the config of a trial.

        Raises:
            ConfigError: the settings do not fit each other.
        """
        path = self.folder.trial(number).path
        return change_config(self.config, settings | {"runs": str(path.parent), "name": path.name})

    def check_inputs(self) -> None:
        """Refuses missing encoders, teachers and data files, before the first trial is trained."""
        for encoder in (self.config.encoder, *self._searched("encoder")):
            load_tokenizer(locate_encoder(encoder))
        for teachers in (self.config.distillation.teachers, *self._searched("distillation.teachers")):
            for teacher in teachers:
                locate_model(teacher)
        for name in self._data_names():
            resolve(name)

    def check_folder(self) -> None:
        """Refuses a folder that holds another search or other files.

        Raises:
            ConfigError: the config, the space or a data file has changed, or the folder holds no search.
        """
        folder = self.folder
        if not folder.record.is_file():
            if folder.path.is_dir() and any(not path.name.startswith(".") for path in folder.path.iterdir()):
                raise ConfigError(f"{folder.path} is not empty and holds no search; choose another name=")
            return
        try:
            before = json.loads(folder.record.read_text(encoding="utf-8"))
        except ValueError:
            raise ConfigError(f"{folder.record}: the file is damaged; choose another name=") from None
        now = self._record()
        # A setting that is no longer searched is a difference too.
        now["space"]["settings"] = dict.fromkeys(before["space"]["settings"]) | now["space"]["settings"]
        for part in ("config", "space"):
            for difference in differences(before[part], now[part]):
                raise ConfigError(f"{folder.path} holds another search: its {difference}; choose another name=")
        for name, digest in now["files"].items():
            if before["files"].get(name) != digest:
                raise ConfigError(f"{folder.path} holds another search: {name} has changed; choose another name=")

    def write_record(self) -> None:
        """Writes the record of the plan, unless it exists already."""
        if not self.folder.record.is_file():
            text = json.dumps(self._record(), indent=2, ensure_ascii=False)
            with atomic_write(self.folder.record) as path:
                path.write_text(f"{text}\n", encoding="utf-8")

    def _record(self) -> dict[str, Any]:
        return {
            "config": yaml.safe_load(dump_config(self.config)),
            "space": self.space.record(),
            "files": {name: sha256(resolve(name)) for name in self._data_names()},
        }

    def _data_names(self) -> list[str]:
        """Returns the names of the data files of the config and of all searched lists of files, in order."""
        lists = (files for key in DATA_KEYS for files in self._searched(key))
        return sorted({*data_names(self.config), *chain.from_iterable(lists)})

    def _searched(self, key: str) -> tuple[Any, ...]:
        """Returns all values of a searched setting; none if it is not searched."""
        return next((dimension.values for dimension in self.dimensions if dimension.key == key), ())
