"""Loads exported folders: the graph with its runtime, and the tokenizer. Needs neither PyTorch nor transformers."""

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from afteraction.data import LabelScheme
from afteraction.data.errors import first_line
from afteraction.model.errors import ModelError, raise_unless_of_library
from afteraction.model.exported_folder import GRAPH, read_exported
from afteraction.model.model_files import TOKENIZER_FILE
from afteraction.model.onnx_model import OnnxModel
from afteraction.model.openvino_model import OpenVinoModel
from afteraction.model.saving import SETTINGS_FILE, ModelSettings, read_settings
from afteraction.model.tokenizer_file import check_tokenizer
from afteraction.model.trial import try_scores, try_tokenizer

GraphModel = OnnxModel | OpenVinoModel
"""The runtime of an exported model."""


@dataclass(frozen=True, slots=True)
class ExportedTokenizer:
    """The tokenizer of an exported model, with what a `SubwordTokenizer` needs, named as in transformers."""

    name_or_path: str
    backend_tokenizer: Tokenizer
    pad_token_id: int
    is_fast: bool = True


def load_exported(folder: Path) -> tuple[GraphModel, ExportedTokenizer, ModelSettings]:
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
    tokenizer = ExportedTokenizer(str(folder), _load_backend(folder), exported.pad_id)
    ids = try_tokenizer(folder, tokenizer=tokenizer, window=settings.window.size)
    try_scores(folder / GRAPH, runtime=model, ids=ids, tags=len(tags))
    return model, tokenizer, settings


def _load_backend(folder: Path) -> Tokenizer:
    path = folder / TOKENIZER_FILE
    if not path.is_file():
        raise ModelError(f"{folder}: no {TOKENIZER_FILE}")
    check_tokenizer(folder)
    try:
        return Tokenizer.from_file(str(path))
    except BaseException as error:  # damaged files cause bare exceptions and panics
        raise_unless_of_library(error)
        raise ModelError(f"{path}: not a tokenizer that can be read: {first_line(error)}") from None
