"""Exports models: converts a model folder to a graph that ONNX Runtime or OpenVINO runs."""

import tempfile
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from afteraction.data import SubwordTokenizer, read_named
from afteraction.data.files import atomic_write, sha256
from afteraction.model.encoder import positions
from afteraction.model.errors import ModelError
from afteraction.model.exported_folder import EXPORTED_FILE, GRAPH, INPUTS, OUTPUT, ExportedModel, ExportFormat
from afteraction.model.folders import PROVENANCE, read_files, require_free, write_files
from afteraction.model.gate import GATE_FILE
from afteraction.model.json_files import write_json
from afteraction.model.model_files import CONFIG_FILE
from afteraction.model.onnx_model import OnnxModel
from afteraction.model.quantisation import quantise_dynamically, quantise_statically
from afteraction.model.saving import SETTINGS_FILE, load_model
from afteraction.model.torch_runtime import TorchRuntime

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_OPERATORS = 17
"""The version of ONNX's operators that graphs use."""

_EVERY = 15
"""Scales are computed from the first window of every `_EVERY`-th article of `bundled:train`: 82 windows."""

_TOLERANCE = 1e-3
"""The largest error allowed in the log probabilities of a graph in 32-bit floats. Rounding causes about 1 % of it."""


def export_model(folder: Path, output: Path, *, form: ExportFormat = "onnx-int8") -> None:
    """Writes a folder with a model's graph instead of its weights, which a Tagger can load.

    Args:
        folder: a model folder, whole or packed.
        output: the folder to write: new or empty.
        form: `onnx` for 32-bit floats, which give the same spans as the model. `onnx-int8` for 8-bit integers in all
            linear layers except the last, with one scale per column; the scales of their inputs are computed at run
            time. `openvino-int8` for OpenVINO, with 8-bit integers whose scales are computed beforehand, from articles
            of the bundled corpus.

    Raises:
        ModelError: the folder is not a model folder that can be exported, the values of its graph differ from the
            model's, or the output is not empty.
        DataError: the output cannot be written.
    """
    require_free(output)
    model, tokenizer, settings = load_model(folder)
    with tempfile.TemporaryDirectory() as temporary:
        plain = Path(temporary) / GRAPH
        _trace(model, plain)
        if form != "openvino-int8":  # OpenVINO fuses operators itself
            graph = _fuse(model, plain)
            graph.save_model_to_file(str(plain))
        _check(model, OnnxModel(plain), name=str(folder))
        with atomic_write(output / GRAPH) as path:
            if form == "onnx":
                graph.save_model_to_file(str(path))
            elif form == "onnx-int8":
                quantise_dynamically(graph.model, path)
            else:
                quantise_statically(plain, path, windows=_windows(tokenizer, size=settings.window.size))
    tokenizer.save_pretrained(output)
    write_files(output, read_files(folder, (CONFIG_FILE, SETTINGS_FILE, GATE_FILE, *PROVENANCE)))
    limit = positions(model, tokenizer)
    pad_id = SubwordTokenizer(tokenizer).pad_id
    record = ExportedModel(format=form, positions=limit, pad_id=pad_id, sha256=sha256(output / GRAPH))
    write_json(output / EXPORTED_FILE, record)


class _Logits(nn.Module):
    """A model with the inputs and output of a graph."""

    def __init__(self, model: "PreTrainedModel") -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def _trace(model: "PreTrainedModel", path: Path) -> None:
    """Writes a model's graph, operator by operator, with any number of windows of any width."""
    # ONNX Runtime recognises attention by the operators of this implementation.
    model.set_attn_implementation("eager")
    axes = {name: {0: "windows", 1: "width"} for name in (*INPUTS, OUTPUT)}
    with warnings.catch_warnings():
        # This exporter is deprecated, but ONNX Runtime does not recognise attention as the newer one writes it. Any
        # other problem that it warns about would be found by `_check`.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Logits(model).eval(),
            tuple(_batch(model, width=8).values()),
            str(path),
            dynamo=False,
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_axes=axes,
            opset_version=_OPERATORS,
        )


def _fuse(model: "PreTrainedModel", path: Path) -> Any:
    """Replaces the operators of an attention, a layer norm or an activation by a single operator."""
    from onnxruntime.transformers.optimizer import optimize_model

    heads = getattr(model.config, "num_attention_heads", 0)
    width = getattr(model.config, "hidden_size", 0)
    return optimize_model(str(path), model_type="bert", num_heads=heads, hidden_size=width, opt_level=0)


def _check(model: "PreTrainedModel", graph: OnnxModel, *, name: str) -> None:
    """Compares a graph with its model on a batch whose shape differs from the one used for tracing."""
    ids, mask = (tensor.numpy() for tensor in _batch(model, width=13).values())
    expected, found = (each.log_probabilities(ids, mask) for each in (TorchRuntime(model), graph))
    difference = float(np.abs(expected - found)[mask == 1].max())
    if difference > _TOLERANCE:
        kind = model.config.model_type
        raise ModelError(f"{name}: a model of type {kind}, whose graph is wrong by {difference:.2g}: not exported")


def _batch(model: "PreTrainedModel", *, width: int) -> dict[str, torch.Tensor]:
    """Returns a batch of three windows, the first of which is shorter than the others."""
    ids = torch.arange(3 * width).view(3, width) * 7919 % model.config.vocab_size
    mask = torch.ones_like(ids)
    mask[0, width // 2 :] = 0
    return dict(zip(INPUTS, (ids, mask), strict=True))


def _windows(tokenizer: "PreTrainedTokenizerBase", *, size: int) -> Iterator["NDArray[np.int32]"]:
    """Yields the ids of the windows from which scales are computed, each of at most `size` subwords."""
    subwords = SubwordTokenizer(tokenizer)
    for article in islice(read_named(["bundled:train"]), 0, None, _EVERY):
        [encoded] = subwords.encode([article.text])
        yield subwords.window_ids(encoded.ids[: size - subwords.special_count])
