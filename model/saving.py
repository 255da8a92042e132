"""Saves and loads model folders: the files of transformers, and our own file for the settings that they cannot hold."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from afteraction.data import LABELS, LabelScheme, WindowConfig, nearest
from afteraction.data.files import full_disk_reported
from afteraction.model.encoder import load_classifier, load_tokenizer, positions
from afteraction.model.errors import ModelError
from afteraction.model.exported_folder import is_exported
from afteraction.model.json_files import read_json, write_json
from afteraction.model.model_files import INDEX_FILE, TOKENIZER_FILE, WEIGHTS_FILE
from afteraction.model.packed_folder import is_packed
from afteraction.model.precision import Precision
from afteraction.model.trial import try_out
from afteraction.model.unpacking import load_packed

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SETTINGS_FILE = "afteraction.json"
"""The file in a model folder that holds its `ModelSettings`."""

DEFAULT_THRESHOLD = 0.5
"""The threshold of a label that the settings do not list. It leaves out spans that are more likely wrong than right."""


class ModelSettings(BaseModel):
    """The settings of a model folder that the files of transformers do not hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    labels: tuple[str, ...] = LABELS
    window: WindowConfig = Field(default_factory=WindowConfig)
    whole_words: bool = True
    """Whether spans must begin and end at word boundaries and may not end in "of", "the", "over" and the like."""
    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """The number by which logits are divided before scores are computed. Above 1, scores are less certain."""
    thresholds: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict, validate_default=True)
    """For each label, the score below which its spans are left out; 0.5 for a label that is not given."""
    article_threshold: float = Field(default=0.0, ge=0, le=1)
    """If the best span of an article has a lower score, at temperature 1, the article has no spans. 0 keeps all spans.

    Training chooses it on the development articles.
    """
    dev_f1: dict[Precision, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """The strict micro F1 on the development articles with the weights in each precision; empty if not measured.

    `afteraction precisions` writes it, and `auto` chooses the precision by it.
    """
    languages: tuple[str, ...] = ("en",)
    """The languages of the articles that the model was trained on, as ISO 639-1 codes; empty if articles in other
    languages should not be reported. Edit it after training on other languages."""

    @field_validator("labels")
    @classmethod
    def _labels_make_a_scheme(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        LabelScheme(labels)
        return labels

    @field_validator("thresholds")
    @classmethod
    def _every_label_has_a_threshold(cls, thresholds: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        labels = info.data.get("labels", tuple(thresholds))
        for label in thresholds:
            if label not in labels:
                raise ValueError(f"unknown label {label!r}; {nearest(label, labels)}")
        return {label: thresholds.get(label, DEFAULT_THRESHOLD) for label in labels}


def save_model(
    folder: Path, *, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", settings: ModelSettings
) -> None:
    """Writes a model folder, which `transformers.pipeline("token-classification")` can also load.

    Raises:
        DataError: the disk is full.
    """
    with full_disk_reported(folder):
        model.save_pretrained(folder)
        tokenizer.model_max_length = settings.window.size
        tokenizer.save_pretrained(folder)
    save_settings(folder, settings)


def save_settings(folder: Path, settings: ModelSettings) -> None:
    """Writes the settings file of a model folder, replacing an existing one. The weights are left unchanged.

    Raises:
        DataError: the folder cannot be written.
    """
    write_json(folder / SETTINGS_FILE, settings)


def read_settings(folder: Path) -> ModelSettings:
    """Reads the settings file of a model folder, whether it is whole, packed or exported.

    Raises:
        ModelError: the folder is not a model folder, or its settings file is invalid.
    """
    path = folder / SETTINGS_FILE
    if not path.is_file():
        if not folder.exists():
            raise ModelError(f"{folder}: no such model folder")
        hint = f"; did you mean {folder / 'model'}?" if (folder / "model" / SETTINGS_FILE).is_file() else ""
        raise ModelError(f"{folder}: not a model folder: it has no {SETTINGS_FILE}{hint}")
    return read_json(path, ModelSettings)


def load_model(folder: Path) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase", ModelSettings]:
    """Loads a folder written by `save_model` or `pack_model`.

    Raises:
        ModelError: the folder or one of its files is missing or invalid, or its files are inconsistent.
    """
    settings = read_settings(folder)
    path = folder / SETTINGS_FILE
    if is_packed(folder):
        model, tokenizer = load_packed(folder)
        tokenizer.model_max_length = settings.window.size
    else:
        model, tokenizer = _load_whole(folder)
    tags = LabelScheme(settings.labels).tags
    saved = tuple(tag for _, tag in sorted((model.config.id2label or {}).items()))
    if saved != tags:
        raise ModelError(f"{path}: its labels give the tags {', '.join(tags)}; config.json has {', '.join(saved)}")
    try_out(folder, model=model, tokenizer=tokenizer, tags=len(tags), window=settings.window.size)
    limit = positions(model, tokenizer)
    if limit is not None and settings.window.size > limit:
        raise ModelError(f"{path}: window.size: {settings.window.size} is more than the model's {limit} positions")
    return model, tokenizer, settings


def _load_whole(folder: Path) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """Loads the weights and the tokenizer of a folder that is not packed."""
    if is_exported(folder):
        raise ModelError(f"{folder}: an exported model, which only predicts; name the folder that it was made of")
    if not (folder / WEIGHTS_FILE).is_file() and not (folder / INDEX_FILE).is_file():
        raise ModelError(f"{folder}: no {WEIGHTS_FILE}; pickled weights are refused")
    if not (folder / TOKENIZER_FILE).is_file():
        raise ModelError(f"{folder}: no {TOKENIZER_FILE}")
    return load_classifier(str(folder)), load_tokenizer(str(folder))
