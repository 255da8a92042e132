"""The training config: what people write in YAML, checked key by key before anything runs."""

from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from afteraction.data import InputError, LabelScheme, WindowConfig, nearest
from afteraction.data.errors import explain

DEFAULT = "default"
"""The bundled config that has every key, and that others extend."""


class ConfigError(InputError):
    """A config, or an override of it, is wrong."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class DataConfig(_Section):
    """The articles to train and to evaluate on."""

    train: tuple[str, ...] = Field(
        min_length=1,
        description="Article files to train on, or `bundled:train`. Paths are taken from the working directory.",
    )
    dev: tuple[str, ...] = Field(min_length=1, description="Article files whose score chooses the checkpoint.")


class DropoutConfig(_Section):
    """The probability with which an activation, or a whole subword, is dropped in training."""

    hidden: float = Field(ge=0, lt=1, description="Dropout of the encoder's hidden layers.")
    attention: float = Field(
        ge=0, lt=1, description="Dropout of attention weights. On a CPU it doubles the time of the forward pass."
    )
    head: float = Field(ge=0, lt=1, description="Dropout before the classification head.")
    subwords: float = Field(
        ge=0, lt=1, description="Probability of replacing a subword by the mask token, against memorising names."
    )


class OptimizerConfig(_Section):
    """AdamW with linear warm-up and decay."""

    learning_rate: float = Field(gt=0, description="Peak learning rate of the encoder.")
    head_learning_rate: float = Field(gt=0, description="Peak learning rate of the new head.")
    train_embeddings: bool = Field(description="Whether the encoder's word embeddings are trained too.")
    weight_decay: float = Field(ge=0, description="Weight decay of all weights but biases and layer norms.")
    warmup: float = Field(ge=0, lt=1, description="Share of all steps in which the learning rate rises.")
    max_gradient_norm: float = Field(gt=0, description="Gradients with a larger norm are scaled down to it.")


class FittingConfig(_Section):
    """How long training goes on, and in what portions."""

    epochs: int = Field(ge=1, description="Passes over the training articles.")
    tokens_per_batch: int = Field(ge=16, description="Subwords per process and step, padding included.")
    evaluate_steps: int | None = Field(
        ge=1, description="Steps between evaluations; null to evaluate at the end of each epoch."
    )
    patience: int | None = Field(
        ge=1, description="Evaluations without a better score after which training stops; null to never stop early."
    )
    precision: Literal["float32", "bfloat16"] = Field(description="Precision of the computation; weights stay float32.")
    seed: int = Field(ge=0, lt=2**32, description="Seed of the head's weights, the shuffling and the dropout.")


class TrainConfig(_Section):
    """A training run. No key has a default here: they are all in `configs/default.yaml`."""

    name: str = Field(pattern=r"^[\w.-]+$", description="Name of the run's folder. Without it, the config file's name.")
    runs: Path = Field(description="Folder in which the run's folder is made.")
    encoder: str = Field(
        description="Encoder to fine-tune: an installed package, a folder, or a name on the Hugging Face hub."
    )
    labels: tuple[str, ...] = Field(description="Labels to learn, in the order in which tables show them.")
    data: DataConfig
    window: WindowConfig
    whole_words: bool = Field(
        description="Whether predicted spans keep whole words and may not end in `of`, `the`, `over` and the like."
    )
    dropout: DropoutConfig
    optimizer: OptimizerConfig
    fitting: FittingConfig

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
    from that file or by a bundled config's bare name, over which it takes precedence key by key. A file without
    `extends:` extends `default`, its `data` aside.

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
    if path == bundled_configs()[DEFAULT]:
        return loaded
    is_explicit = "extends" in loaded
    extends = loaded.pop("extends", DEFAULT)
    if not isinstance(extends, str):
        raise ConfigError(f"{path}: extends: names one config, got {extends!r}")
    parent = _find(Path(extends), beside=path.parent)
    inherited = _load_mapping(parent, seen=(*seen, path.resolve()))
    inherited.pop("name", None)
    if not is_explicit:
        inherited.pop("data", None)  # nobody should train on the bundled articles by leaving a key out
    return _merge(inherited, loaded)


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key given twice, of which YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                mark = node.value[index][0].start_mark
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
