"""The training config: written in YAML, and checked key by key before anything runs."""

from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo

from afteraction.data import InputError, LabelScheme, WindowConfig, nearest
from afteraction.data.errors import explain

DEFAULT = "default"
"""The bundled config that has every key and that other configs extend."""


class ConfigError(InputError):
    """A config or an override is wrong."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class DataConfig(_Section):
    """The articles to train and to evaluate on."""

    train: tuple[str, ...] = Field(
        min_length=1,
        description="Article files to train on, or `bundled:train`. Paths are relative to the working directory.",
    )
    dev: tuple[str, ...] = Field(min_length=1, description="Article files; the score on them chooses the checkpoint.")


class DropoutConfig(_Section):
    """Probabilities with which activations or whole subwords are dropped in training."""

    hidden: float = Field(ge=0, lt=1, description="Dropout of the encoder's hidden layers.")
    attention: float = Field(
        ge=0, lt=1, description="Dropout of attention weights. On a CPU it doubles the time of the forward pass."
    )
    head: float = Field(ge=0, lt=1, description="Dropout before the classification head.")
    subwords: float = Field(
        ge=0, lt=1, description="Probability of replacing a subword by the mask token, against memorising names."
    )


class OptimizerConfig(_Section):
    """AdamW with linear warm-up and linear decay of the learning rate."""

    learning_rate: float = Field(gt=0, description="Peak learning rate of the encoder.")
    head_learning_rate: float = Field(gt=0, description="Peak learning rate of the new head.")
    train_embeddings: bool = Field(description="Whether to train the encoder's word embeddings too.")
    frozen_layers: int = Field(
        ge=0,
        description="Number of the encoder's lowest layers to keep as they are. If above 0, so are its embeddings.",
    )
    weight_decay: float = Field(ge=0, description="Weight decay of all weights except biases and layer norms.")
    warmup: float = Field(ge=0, lt=1, description="Share of all steps in which the learning rate rises.")
    max_gradient_norm: float = Field(gt=0, description="Largest norm of the gradients; larger ones are scaled down.")


class FittingConfig(_Section):
    """The length of training, the size of batches, and when to evaluate and to stop."""

    epochs: int = Field(ge=1, description="Passes over the training articles.")
    tokens_per_batch: int = Field(ge=16, description="Most subwords per process and step, padding included.")
    empty_windows: float = Field(
        ge=0.0, le=1.0, description="Share of the windows without a span that each epoch reads, drawn anew each time."
    )
    presence_loss: float = Field(
        ge=0,
        description="Weight of a second loss, by which the model learns whether a window has any span. It makes false "
        "spans in articles without an attack rarer.",
    )
    evaluate_steps: int | None = Field(
        ge=1, description="Steps between evaluations; null to evaluate at the end of each epoch."
    )
    patience: int | None = Field(
        ge=1, description="Training stops after this many evaluations without a better score; null to never stop early."
    )
    precision: Literal["float32", "bfloat16"] = Field(description="Precision of computation; weights stay float32.")
    seed: int = Field(ge=0, lt=2**32, description="Seed for the head's weights, shuffling and dropout.")


class DistillationConfig(_Section):
    """Learning from teachers: other models, whose probabilities for each subword the model imitates."""

    teachers: tuple[str, ...] = Field(
        description="Models to learn from: model folders, or shipped models such as `news`. Their probabilities are "
        "averaged. Empty for none."
    )
    weight: float = Field(
        gt=0, le=1, description="Weight of the teachers in the loss; the annotation has the rest. 1 ignores it."
    )
    temperature: float = Field(
        gt=0, description="Number that logits are divided by before the model and its teachers are compared."
    )
    texts: tuple[str, ...] = Field(
        description="Files of further articles, on which only the teachers are imitated; annotation in them is ignored."
    )
    without: tuple[str, ...] = Field(
        description="Files of test articles. What nearly repeats one of them, or an article of `data`, is left out of "
        "`texts`."
    )

    @model_validator(mode="after")
    def _texts_have_teachers(self) -> "DistillationConfig":
        if self.texts and not self.teachers:
            raise ValueError("texts are given, and no teachers to label them")
        return self


class TrainConfig(_Section):
    """A training run. All defaults are in `configs/default.yaml`."""

    name: str = Field(pattern=r"^[\w.-]+$", description="Name of the run's folder. Without it, the config file's name.")
    runs: Path = Field(description="Folder in which the run's folder is created.")
    encoder: str = Field(
        description="Encoder to fine-tune: an installed package, a folder, or a name on the Hugging Face hub."
    )
    encoder_layers: tuple[Annotated[int, Field(ge=0)], ...] | None = Field(
        min_length=1,
        description="Layers of the encoder to keep, from 0, as in `[0, 2, 4]`; fewer are faster. Null for all.",
    )
    labels: tuple[str, ...] = Field(description="Labels to learn, in the order of tables.")
    data: DataConfig
    window: WindowConfig
    whole_words: bool = Field(
        description="Whether predicted spans keep to whole words and may not end in `of`, `the`, `over` and the like."
    )
    dropout: DropoutConfig
    optimizer: OptimizerConfig
    fitting: FittingConfig
    distillation: DistillationConfig

    @field_validator("labels")
    @classmethod
    def _labels_make_a_scheme(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        LabelScheme(labels)
        return labels

    @field_validator("encoder_layers")
    @classmethod
    def _layers_rise(cls, layers: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if layers is not None and list(layers) != sorted(set(layers)):
            raise ValueError(f"{list(layers)} must rise, as in [0, 2, 4]")
        return layers

    @property
    def folder(self) -> Path:
        """Returns the run's folder."""
        return self.runs / self.name


def load_config(name: str | Path, *, overrides: Sequence[str] = ()) -> TrainConfig:
    """Reads a config file, or a bundled config by its bare name, and resolves what it extends and the overrides.

    The `extends:` of a file names another config, by its path relative to the file or by a bundled config's bare name.
    The file takes precedence over it key by key. A file without `extends:` extends `default`, except for its `data`.

    Args:
        name: the path of the file, or the bare name of a bundled config.
        overrides: each is `dotted.key=value`, with the value in YAML. They take precedence over the file, and later
            ones over earlier ones.

    Raises:
        ConfigError: a file is missing or not YAML, a key is unknown, or a value is wrong; the message names the file
            and the key.
    """
    path = find_config(Path(name))
    merged = _load_mapping(path, seen=())
    origin = str(path)
    for override in overrides:
        key, value = parse_override(override)
        merged = _merge(merged, nest({key: value}))
    if overrides:
        origin += f" with {' '.join(overrides)}"
    merged.setdefault("name", path.stem)
    try:
        return TrainConfig.model_validate(merged)
    except ValidationError as error:
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
        raise ConfigError(f"{override!r} is not key=value, as in fitting.epochs=3")
    try:
        value = yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError):
        raise ConfigError(f"{override!r}: the value is not YAML") from None
    find_field(key, source="override")
    return key, value


def change_config(config: TrainConfig, settings: Mapping[str, Any]) -> TrainConfig:
    """Returns a config with other values, which are given by their dotted keys.

    Raises:
        ConfigError: a value is wrong, or does not fit the others.
    """
    merged = _merge(config.model_dump(mode="json"), nest(settings))
    try:
        return TrainConfig.model_validate(merged)
    except ValidationError as error:
        raise ConfigError(explain(error, TrainConfig)) from None


def find_field(key: str, *, source: str) -> FieldInfo:
    """Returns the field of a dotted key, which may be a section.

    Args:
        key: the key, such as `fitting.epochs`.
        source: what named the key, for the error message.

    Raises:
        ConfigError: no config has the key; the message suggests the most similar one.
    """
    known: type[BaseModel] | None = TrainConfig
    for part in key.split("."):
        if known is None:
            raise ConfigError(f"{source} {key!r}: {part!r} lies below a plain value")
        if part not in known.model_fields:
            raise ConfigError(f"{source} {key!r}: unknown key {part!r}; {nearest(part, known.model_fields)}")
        field = known.model_fields[part]
        known = section_of(field)
    return field


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """Returns the model of a field that is a section, or None for a plain value."""
    annotation = field.annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def nest(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Turns dotted keys into sections: `{"fitting.epochs": 3}` into `{"fitting": {"epochs": 3}}`."""
    nested: dict[str, Any] = {}
    for key, value in settings.items():
        for part in reversed(key.split(".")):
            value = {part: value}
        nested = _merge(nested, value)
    return nested


def read_mapping(path: Path) -> dict[str, Any]:
    """Reads a YAML file of keys and values. A key that is given twice is refused.

    Raises:
        ConfigError: the file cannot be read, or it is something else.
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


def _load_mapping(path: Path, *, seen: tuple[Path, ...]) -> dict[str, Any]:
    if path.resolve() in seen:
        raise ConfigError(f"{path}: extends itself, by way of {' and '.join(map(str, seen))}")
    loaded = read_mapping(path)
    if path == bundled_configs()[DEFAULT]:
        return loaded
    is_explicit = "extends" in loaded
    extends = loaded.pop("extends", DEFAULT)
    if not isinstance(extends, str):
        raise ConfigError(f"{path}: extends: names one config, got {extends!r}")
    parent = find_config(Path(extends), beside=path.parent)
    inherited = _load_mapping(parent, seen=(*seen, path.resolve()))
    inherited.pop("name", None)
    if not is_explicit:
        inherited.pop("data", None)  # a forgotten key must not mean training on the bundled articles
    return _merge(inherited, loaded)


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key that is given twice; plain YAML silently keeps the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                mark = node.value[index][0].start_mark
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is given twice", mark)
        return super().construct_mapping(node, deep)


def _merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        inner = merged.get(key)
        merged[key] = _merge(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged
