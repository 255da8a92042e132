"""A model's folder: what transformers keeps there, and one file of ours for what it has no place for."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from afteraction.data import LABELS, LabelScheme, WindowConfig, explain
from afteraction.model.encoder import ModelError, load_classifier, load_tokenizer, positions

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SETTINGS_FILE = "afteraction.json"


class ModelSettings(BaseModel):
    """What a model folder says of itself beyond transformers' own files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    labels: tuple[str, ...] = LABELS
    window: WindowConfig = Field(default_factory=WindowConfig)
    whole_words: bool = True
    """Whether decoding keeps a span's edges out of words."""
    threshold: float = Field(default=0.5, ge=0, le=1)
    """The probability below which a span is left out."""

    @field_validator("labels")
    @classmethod
    def _labels_make_a_scheme(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        LabelScheme(labels)
        return labels


def save_model(
    folder: Path, *, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", settings: ModelSettings
) -> None:
    """Writes a folder that `transformers.pipeline("token-classification")` loads too."""
    model.save_pretrained(folder)
    tokenizer.model_max_length = settings.window.size
    tokenizer.save_pretrained(folder)
    (folder / SETTINGS_FILE).write_text(settings.model_dump_json(indent=2) + "\n", encoding="utf-8")


def load_model(folder: Path) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase", ModelSettings]:
    """Reads what `save_model` wrote.

    Raises:
        ModelError: the folder or one of its files is missing, wrong or at odds with the others.
    """
    path = folder / SETTINGS_FILE
    if not path.is_file():
        hint = f"; did you mean {folder / 'model'}?" if (folder / "model" / SETTINGS_FILE).is_file() else ""
        raise ModelError(f"{folder}: not a model folder: it has no {SETTINGS_FILE}{hint}")
    try:
        settings = ModelSettings.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ModelError(f"{path}: {explain(error, ModelSettings)}") from None
    if not (folder / "model.safetensors").is_file() and not (folder / "model.safetensors.index.json").is_file():
        raise ModelError(f"{folder}: no model.safetensors; pickled weights are refused")
    if not (folder / "tokenizer.json").is_file():
        raise ModelError(f"{folder}: no tokenizer.json")
    model = load_classifier(str(folder))
    tags = LabelScheme(settings.labels).tags
    saved = tuple(tag for _, tag in sorted((model.config.id2label or {}).items()))
    if saved != tags:
        raise ModelError(f"{path}: its labels give the tags {', '.join(tags)}; config.json has {', '.join(saved)}")
    tokenizer = load_tokenizer(str(folder))
    limit = positions(model, tokenizer)
    if limit is not None and settings.window.size > limit:
        raise ModelError(f"{path}: window.size: {settings.window.size} is more than the model's {limit} positions")
    return model, tokenizer, settings
