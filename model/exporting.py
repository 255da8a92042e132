"""Exports models: makes the graph that ONNX Runtime runs of a model folder, by the tools of ONNX Runtime."""

import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from afteraction.data.files import atomic_write, sha256
from afteraction.model.encoder import positions
from afteraction.model.errors import ModelError
from afteraction.model.exported_folder import EXPORTED_FILE, GRAPH, ExportedModel, ExportFormat
from afteraction.model.folders import PROVENANCE, read_files, require_free, write_files
from afteraction.model.gate import GATE_FILE
from afteraction.model.json_files import write_json
from afteraction.model.model_files import CONFIG_FILE
from afteraction.model.onnx_model import INPUTS, OUTPUT, OnnxModel
from afteraction.model.saving import SETTINGS_FILE, load_model

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_OPERATORS = 17
"""The version of ONNX's operators that graphs are written in."""

_QUANTISED = ["Attention", "MatMul"]
"""The operators whose weights become 8-bit integers. They take nearly all of the time."""

_TOLERANCE = 1e-3
"""How far log probabilities of a graph in 32-bit floats may be from the model's. Rounding makes about a hundredth."""


def export_model(folder: Path, output: Path, *, form: ExportFormat = "onnx-int8") -> None:
    """Makes a folder with a model's graph in place of its weights, which a Tagger loads and ONNX Runtime runs.

    Args:
        folder: a model folder, whole or packed.
        output: the folder to write: new or empty.
        form: `onnx` for 32-bit floats, with the model's spans. `onnx-int8` for 8-bit integers in the linear layers
            but the last, each column with a scale of its own; the scales of what goes into them are found as they
            run.

    Raises:
        ModelError: the folder is not a model folder that can be exported, its graph gives other values than the model,
            or the output is not empty.
        DataError: the output cannot be written.
    """
    require_free(output)
    model, tokenizer, _ = load_model(folder)
    with tempfile.TemporaryDirectory() as temporary:
        plain = Path(temporary) / GRAPH
        _trace(model, plain)
        graph = _fuse(model, plain)
        graph.save_model_to_file(str(plain))
        _check(model, OnnxModel(plain), name=str(folder))
        with atomic_write(output / GRAPH) as path:
            if form == "onnx-int8":
                _quantise(graph.model, path)
            else:
                graph.save_model_to_file(str(path))
    tokenizer.save_pretrained(output)
    write_files(output, read_files(folder, (CONFIG_FILE, SETTINGS_FILE, GATE_FILE, *PROVENANCE)))
    limit = positions(model, tokenizer)
    record = ExportedModel(format=form, positions=limit, sha256=sha256(output / GRAPH))
    write_json(output / EXPORTED_FILE, record)


class _Logits(nn.Module):
    """A model with the inputs and the output of a graph."""

    def __init__(self, model: "PreTrainedModel") -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def _trace(model: "PreTrainedModel", path: Path) -> None:
    """Writes a model's graph, operator by operator, with any number of windows of any width."""
    # ONNX Runtime knows an attention by the operators of this implementation.
    model.set_attn_implementation("eager")
    axes = {name: {0: "windows", 1: "width"} for name in (*INPUTS, OUTPUT)}
    with warnings.catch_warnings():
        # This exporter is deprecated, but ONNX Runtime does not know an attention as the newer one writes it. What else
        # it warns of, `_check` would find.
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
    """Replaces what makes up an attention, a layer norm or an activation by the one operator that does it."""
    from onnxruntime.transformers.optimizer import optimize_model

    heads = getattr(model.config, "num_attention_heads", 0)
    width = getattr(model.config, "hidden_size", 0)
    return optimize_model(str(path), model_type="bert", num_heads=heads, hidden_size=width, opt_level=0)


def _quantise(graph: Any, path: Path) -> None:
    """Writes a graph with the weights of its linear layers, but the last, in 8-bit integers."""
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata

    add_pre_process_metadata(graph)  # says that it is optimised, which else is asked for
    head = [node.name for node in graph.graph.node if node.op_type == "MatMul"][-1]
    quantize_dynamic(
        graph,
        path,
        op_types_to_quantize=_QUANTISED,
        nodes_to_exclude=[head],
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},  # fused operators have no type of their own
    )


def _check(model: "PreTrainedModel", graph: OnnxModel, *, name: str) -> None:
    """Compares a graph with its model on a batch of another shape than that it was made with."""
    batch = _batch(model, width=13)
    with torch.inference_mode():
        expected, found = (torch.log_softmax(each(**batch).logits, dim=-1) for each in (model.eval(), graph))
    read = batch["attention_mask"].bool()
    difference = float((expected - found)[read].abs().max())
    if difference > _TOLERANCE:
        kind = model.config.model_type
        raise ModelError(f"{name}: a model of type {kind}, whose graph is wrong by {difference:.2g}: not exported")


def _batch(model: "PreTrainedModel", *, width: int) -> dict[str, torch.Tensor]:
    """Returns three windows of some subwords, the first of them shorter than the others."""
    ids = torch.arange(3 * width).view(3, width) * 7919 % model.config.vocab_size
    mask = torch.ones_like(ids)
    mask[0, width // 2 :] = 0
    return dict(zip(INPUTS, (ids, mask), strict=True))
