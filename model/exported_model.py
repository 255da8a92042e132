"""Loads exported folders, each with what runs its graph."""

from pathlib import Path
from typing import TYPE_CHECKING

from afteraction.data import LabelScheme
from afteraction.model.encoder import load_tokenizer
from afteraction.model.errors import ModelError
from afteraction.model.exported_folder import GRAPH, read_exported
from afteraction.model.onnx_model import OnnxModel
from afteraction.model.openvino_model import OpenVinoModel
from afteraction.model.saving import SETTINGS_FILE, ModelSettings, read_settings
from afteraction.model.trial import try_scores, try_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

GraphModel = OnnxModel | OpenVinoModel
"""An exported model as it runs."""


def load_exported(folder: Path) -> tuple[GraphModel, "PreTrainedTokenizerBase", ModelSettings]:
    """Loads a folder written by `export_model`.

    Raises:
        ModelError: one of the folder's files is missing, damaged or inconsistent with the others.
    """
    settings = read_settings(folder)
    exported = read_exported(folder)
    if exported.positions is not None and settings.window.size > exported.positions:
        limit = f"more than the model's {exported.positions} positions"
        raise ModelError(f"{folder / SETTINGS_FILE}: window.size: {settings.window.size} is {limit}")
    model = (OpenVinoModel if exported.format == "openvino-int8" else OnnxModel)(folder / GRAPH)
    tags = LabelScheme(settings.labels).tags
    if model.tag_count != len(tags):
        raise ModelError(f"{folder / SETTINGS_FILE}: its labels give {len(tags)} tags; {GRAPH} has {model.tag_count}")
    tokenizer = load_tokenizer(str(folder))
    ids = try_tokenizer(folder, tokenizer=tokenizer, window=settings.window.size)
    try_scores(folder / GRAPH, model=model, ids=ids, tags=len(tags))
    return model, tokenizer, settings
