"""The search space: which settings of a config are searched, and over which values. Written in YAML."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from afteraction.data.errors import explain
from afteraction.train.config import ConfigError, TrainConfig, find_field, section_of
from afteraction.train.config_files import read_mapping

_REFUSED = {
    "name": "each trial has its own",
    "runs": "each trial has its own folder",
    "labels": "scores over other labels cannot be compared",
    "data.dev": "scores on other articles cannot be compared",
    "fitting.seed": "the best seed is luck; afteraction train --seeds measures how much",
}
"""The settings that cannot be searched, and why."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SettingRange(_Section):
    """The values of a setting: `choices`, or all numbers from `low` to `high`."""

    choices: tuple[Any, ...] | None = Field(default=None, min_length=1, description="All values, in any order.")
    low: float | None = Field(default=None, description="Lowest number.")
    high: float | None = Field(default=None, description="Highest number, which is included.")
    log: bool = Field(default=False, description="Whether to draw evenly on a logarithmic scale.")

    @model_validator(mode="after")
    def _has_values(self) -> "SettingRange":
        if self.choices is not None:
            if self.low is not None or self.high is not None or self.log:
                raise ValueError("give choices, or low and high, not both")
            return self
        if self.low is None or self.high is None:
            raise ValueError("give choices, as in {choices: [512, 1024]}, or both low and high")
        if self.low >= self.high:
            raise ValueError(f"low, {self.low:g}, must be less than high, {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"low, {self.low:g}, must be more than 0 on a logarithmic scale")
        return self


class SearchSpace(_Section):
    """A search space: the settings, and how they are searched."""

    settings: dict[str, SettingRange] = Field(min_length=1, description="The values of each setting, by dotted key.")
    seed: int = Field(default=0, ge=0, lt=2**32, description="Seed for the choice of trials.")
    prune_after: int | None = Field(
        default=5,
        ge=1,
        description="Finished trials before the first is stopped for a score below their median; null to stop none.",
    )

    def record(self) -> dict[str, Any]:
        """Returns the space as JSON values, with settings in the order of their keys."""
        record = self.model_dump(mode="json")
        return record | {"settings": dict(sorted(record["settings"].items()))}


Kind = Literal["choices", "integers", "numbers"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A setting's values, checked against its field.

    With the kind `choices`, `values` are all its values. Otherwise, they are the lowest and the highest.
    """

    key: str
    kind: Kind
    values: tuple[Any, ...]
    log: bool

    def stored(self, value: Any) -> Any:
        """Returns a value in the form that Optuna stores: plain values unchanged, lists as JSON."""
        return json.dumps(value) if isinstance(value, list) else value

    def restored(self, value: Any) -> Any:
        """Inverts `stored`."""
        if self.kind != "choices":
            return value
        return next(choice for choice in self.values if _same(self.stored(choice), value))

    def contains(self, value: Any) -> bool:
        """Returns whether a config's value is among the setting's values."""
        if self.kind == "choices":
            return any(_same(choice, value) for choice in self.values)
        return value is not None and self.values[0] <= value <= self.values[1]


def load_search_space(path: Path) -> SearchSpace:
    """Reads a search space.

    Raises:
        ConfigError: the file is missing or not YAML, a key is unknown, or a value is wrong.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: no such file; a search space is a YAML file with the key settings")
    loaded = read_mapping(path)
    try:
        return SearchSpace.model_validate(loaded)
    except ValidationError as error:
        raise ConfigError(f"{path}: {explain(error, SearchSpace)}") from None


def check_space(space: SearchSpace, config: TrainConfig, *, source: str) -> tuple[Dimension, ...]:
    """Checks every setting of a space against the config's fields, and returns them in the order of their keys.

    Args:
        space: the space.
        config: the config whose settings are searched. Its own values must be in the space, since they are trial 0.
        source: the name of the space's file, for error messages.

    Raises:
        ConfigError: a key is unknown or cannot be searched, a value is wrong, or the config's own value is missing.
    """
    dimensions = []
    own = config.model_dump(mode="json")
    for key, setting in sorted(space.settings.items()):
        try:
            dimension = _dimension(key, setting)
        except ConfigError as error:
            raise ConfigError(f"{source}: {error}") from None
        value = value_of(own, key)
        if not dimension.contains(value):
            raise ConfigError(
                f"{source}: setting {key!r} leaves out the config's own value, {value}, which is the first trial; "
                "add it, or change the config"
            )
        dimensions.append(dimension)
    return tuple(dimensions)


def value_of(settings: Mapping[str, Any], key: str) -> Any:
    """Returns the value of a dotted key in nested settings."""
    value: Any = settings
    for part in key.split("."):
        value = value[part]
    return value


def _dimension(key: str, setting: SettingRange) -> Dimension:
    field = find_field(key, source="setting")
    if section := section_of(field):
        first = next(iter(section.model_fields))
        raise ConfigError(f"setting {key!r} is a section; name one of its keys, as in {key}.{first}")
    if key in _REFUSED:
        raise ConfigError(f"setting {key!r} cannot be searched: {_REFUSED[key]}")
    annotated: Any = Annotated[field.annotation, field]
    adapter: TypeAdapter[Any] = TypeAdapter(annotated, config=ConfigDict(allow_inf_nan=False))

    def checked(value: Any) -> Any:
        try:
            return adapter.dump_python(adapter.validate_python(value), mode="json")
        except ValidationError as error:
            message = explain(error, TrainConfig).removesuffix(f", got {value!r}")
            raise ConfigError(f"setting {key!r}: {message}, got {value!r}") from None

    if setting.choices is not None:
        choices = tuple(checked(choice) for choice in setting.choices)
        for index, choice in enumerate(choices):
            if any(_same(choice, earlier) for earlier in choices[:index]):
                raise ConfigError(f"setting {key!r}: the choice {choice!r} is given twice")
        return Dimension(key=key, kind="choices", values=choices, log=False)
    kinds: dict[Any, Kind] = {float: "numbers", int: "integers"}
    kind = next((kinds[part] for part in (field.annotation, *get_args(field.annotation)) if part in kinds), None)
    if kind is None:
        raise ConfigError(f"setting {key!r} is not a number: give its choices, as in {{choices: [...]}}")
    return Dimension(key=key, kind=kind, values=(checked(setting.low), checked(setting.high)), log=setting.log)


def _same(value: Any, other: Any) -> bool:
    """Returns whether two values are equal. `true` and 1 are not."""
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)
