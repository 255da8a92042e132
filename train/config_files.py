"""Reads training configs from YAML files, with the configs that they extend and with overrides."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from afteraction.data.errors import clip, explain, fault_location
from afteraction.train.config import ConfigError, TrainConfig, find_field

DEFAULT = "default"
"""The bundled config that has every key and that other configs extend."""


def load_config(name: str | Path, *, overrides: Sequence[str] = ()) -> TrainConfig:
    """Reads a config file, or a bundled config by its bare name, and applies the config it extends and the overrides.

    The key `extends` of a file names another config, by its path relative to the file or by a bundled config's bare
    name. The file takes precedence over that config, key by key. A file without `extends` extends `default`, except
    for its `data`.

    Args:
        name: the path of the file, or the bare name of a bundled config.
        overrides: each is `dotted.key=value`, with the value in YAML. They take precedence over the file, and later
            ones over earlier ones.

    Raises:
        ConfigError: a file is missing or not YAML, a key is unknown, or a value is wrong; the message names the file
            and the key.
    """
    path = find_config(Path(name))
    layers = _load_layers(path, seen=())
    if overrides:
        layers[f"{path} with {' '.join(overrides)}"] = nest(map(parse_override, overrides))
    merged = reduce(_merge, layers.values(), {"name": path.stem})
    try:
        return TrainConfig.model_validate(merged)
    except ValidationError as error:
        origin = _origin_of(fault_location(error), layers)
        raise ConfigError(f"{origin}: {explain(error, TrainConfig)}") from None


def dump_config(config: TrainConfig) -> str:
    """Returns the resolved config as YAML, with all defaults; `load_config` reads the same config from it."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def parse_override(override: str) -> tuple[str, Any]:
    """Reads the dotted key and the value of an override such as `fitting.epochs=3`.

    Raises:
        ConfigError: it is not `key=value`, or no config has the key.
    """
    key, equals, text = override.partition("=")
    if not equals or not key or not all(key.split(".")):
        raise ConfigError(f"{clip(override)!r} is not key=value, as in fitting.epochs=3")
    try:
        value = yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError):
        raise ConfigError(f"{clip(override)!r}: the value is not YAML") from None
    find_field(key, source="override")
    return key, value


def change_config(config: TrainConfig, settings: Mapping[str, Any]) -> TrainConfig:
    """Returns a copy of a config in which some values, given by their dotted keys, are replaced.

    Raises:
        ConfigError: a value is wrong, or does not fit the others.
    """
    merged = _merge(config.model_dump(mode="json"), nest(settings.items()))
    try:
        return TrainConfig.model_validate(merged)
    except ValidationError as error:
        raise ConfigError(explain(error, TrainConfig)) from None


def nest(settings: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Turns dotted keys and their values into sections: `fitting.epochs` and 3 into `{"fitting": {"epochs": 3}}`.

    Later ones take precedence over earlier ones.
    """
    nested: dict[str, Any] = {}
    for key, value in settings:
        for part in reversed(key.split(".")):
            value = {part: value}
        nested = _merge(nested, value)
    return nested


def read_mapping(path: Path) -> dict[str, Any]:
    """Reads a YAML file of keys and values. A key that is given twice is refused.

    Raises:
        ConfigError: the file cannot be read, is not YAML, or has other content; or a key is given twice.
    """
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506, a SafeLoader
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"{path}: not a config that can be read: {' '.join(str(error).split())}") from None
    if loaded is None:
        loaded = {}
    if not isinstance(loaded, dict):
        raise ConfigError(f"{path}: a config is keys and values, not a {type(loaded).__name__}")
    return loaded


def find_config(path: Path, *, beside: Path | None = None) -> Path:
    """Returns the path of a config file, or of a bundled config by its bare name.

    Args:
        path: the file or the name.
        beside: the folder that a relative path starts from; the working directory if None.

    Raises:
        ConfigError: there is no such file and no such bundled config.
    """
    bundled = bundled_configs()
    if beside is not None and not path.is_absolute():
        path = path if str(path) in bundled else beside / path
    try:
        if path.is_file():
            return path
    except OSError as error:  # such as a name that is too long
        raise ConfigError(f"{path}: {error.strerror}") from None
    if str(path) in bundled:
        return bundled[str(path)]
    raise ConfigError(f"{path}: no such config file; bundled configs: {', '.join(bundled)}")


def bundled_configs() -> dict[str, Path]:
    """Returns the paths of the configs that are installed with the package, by their bare names."""
    with as_file(files("afteraction.configs")) as folder:
        return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def _load_layers(path: Path, *, seen: tuple[Path, ...]) -> dict[str, dict[str, Any]]:
    """Returns the contents of a config file and of those it extends, by path, the most basic one first."""
    if path.resolve() in seen:
        raise ConfigError(f"{path}: extends itself, by way of {' and '.join(map(str, seen))}")
    loaded = read_mapping(path)
    if path == bundled_configs()[DEFAULT]:
        return {str(path): loaded}
    is_explicit = "extends" in loaded
    extends = loaded.pop("extends", DEFAULT)
    if not isinstance(extends, str):
        raise ConfigError(f"{path}: extends: names one config, got {extends!r}")
    parent = find_config(Path(extends), beside=path.parent)
    layers = _load_layers(parent, seen=(*seen, path.resolve()))
    for inherited in layers.values():
        inherited.pop("name", None)
        if not is_explicit:
            inherited.pop("data", None)  # a forgotten key must not mean training on the bundled articles
    return {**layers, str(path): loaded}


def _origin_of(location: tuple[int | str, ...], layers: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns which layer a value comes from: the last one that has it, or the last one if none has."""
    origins = list(layers)
    for origin in reversed(origins):
        value: Any = layers[origin]
        try:
            for part in location:
                value = value[part]
        except (LookupError, TypeError):
            continue
        return origin
    return origins[-1]


class _UniqueKeyLoader(yaml.SafeLoader):
    """A loader that refuses a key that is given twice; PyYAML silently keeps the last one.

    Keys are compared as they are written, before `<<` adds those of other mappings, which a key may replace.
    """

    def compose_mapping_node(self, anchor: dict[Any, yaml.Node]) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        keys = [(key.tag, key.value) for key, _ in node.value]
        for index, (key, _) in enumerate(node.value):
            if keys[index] in keys[:index]:
                raise yaml.MarkedYAMLError(None, None, f"the key {key.value!r} is given twice", key.start_mark)
        return node


def _merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        inner = merged.get(key)
        merged[key] = _merge(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged
