"""The training config: its sections and keys, and the values that each key accepts."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.fields import FieldInfo

from afteraction.data import InputError, LabelScheme, WindowConfig, nearest
from afteraction.model.precision import AnyPrecision


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
    checkpoint_minutes: float = Field(
        gt=0,
        description="Minutes between checkpoints, besides one at each evaluation. A killed run resumes from the last.",
    )
    patience: int | None = Field(
        ge=1, description="Training stops after this many evaluations without a better score; null to never stop early."
    )
    precision: AnyPrecision = Field(
        description="Precision of computation; weights stay float32. `auto` is bfloat16 where the accelerator or the "
        "processor multiplies it natively, and float32 elsewhere; a resumed run keeps its precision."
    )
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
        description="Files of test articles. Their near-duplicates, and those of the articles of `data`, are left out "
        "of `texts`."
    )

    @model_validator(mode="after")
    def _texts_have_teachers(self) -> "DistillationConfig":
        if self.texts and not self.teachers:
            raise ValueError("texts are given, but no teachers to label them")
        return self


def _layers_rise(layers: tuple[int, ...] | None) -> tuple[int, ...] | None:
    if layers is not None and list(layers) != sorted(set(layers)):
        raise ValueError(f"{list(layers)} must rise, as in [0, 2, 4]")
    return layers


class TrainConfig(_Section):
    """A training run. All defaults are in `configs/default.yaml`."""

    name: str = Field(
        pattern=r"^[\w.-]*[\w-][\w.-]*$", description="Name of the run's folder. Without it, the config file's name."
    )
    runs: Path = Field(description="Folder in which the run's folder is created.")
    encoder: str = Field(
        description="Encoder to fine-tune: an installed package, a folder, or a name on the Hugging Face hub."
    )
    encoder_layers: Annotated[tuple[Annotated[int, Field(ge=0)], ...] | None, AfterValidator(_layers_rise)] = Field(
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

    @property
    def folder(self) -> Path:
        """Returns the run's folder."""
        return self.runs / self.name


def find_field(key: str, *, source: str) -> FieldInfo:
    """Returns the field of a dotted key, which may be a section.

    Args:
        key: the key, such as `fitting.epochs`.
        source: where the key was given, for the error message.

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
