"""The format of an exported folder: a model as an ONNX graph, which ONNX Runtime or OpenVINO runs without PyTorch.

Besides the two files named here, the folder has the files of an ordinary model folder except the weights.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from afteraction.model.errors import ModelError
from afteraction.model.json_files import check_weights, read_json

EXPORTED_FILE = "exported.json"
"""The file in an exported folder that holds its `ExportedModel`."""

GRAPH = "model.onnx"
"""The file in an exported folder that holds the graph and its weights."""

INPUTS = ("input_ids", "attention_mask")
"""The inputs of a graph, each of shape (windows, width)."""

OUTPUT = "logits"
"""The output of a graph, of shape (windows, width, tags)."""

ExportFormat = Literal["onnx", "onnx-int8", "openvino-int8"]
"""The formats of a graph, and the library that runs each.

- `onnx`: weights in 32-bit floats, for ONNX Runtime.
- `onnx-int8`: weights of linear layers in 8-bit integers, for ONNX Runtime.
- `openvino-int8`: weights and inputs of linear layers in 8-bit integers, for OpenVINO.
"""


RUNTIMES: dict[ExportFormat, str] = {"onnx": "onnxruntime", "onnx-int8": "onnxruntime", "openvino-int8": "openvino"}
"""The package that runs each format."""


class ExportedModel(BaseModel):
    """The content of `exported.json`: a description of the graph."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    format: ExportFormat
    positions: int | None = Field(ge=1)
    """The longest window that the graph can read, in subwords; None if there is no limit."""
    pad_id: int = Field(default=0, ge=0)
    """The id of the subword that pads windows. The model does not attend to it."""
    sha256: str
    """The checksum of `model.onnx`."""


def is_exported(folder: Path) -> bool:
    """Returns whether a folder holds an exported model."""
    return (folder / EXPORTED_FILE).is_file()


def read_exported(folder: Path) -> ExportedModel:
    """Reads `exported.json`, and checks that the graph beside it is the one that it describes.

    Raises:
        ModelError: one of the two files is missing or damaged.
    """
    path = folder / EXPORTED_FILE
    if not path.is_file():
        raise ModelError(f"{folder}: not an exported model: it has no {EXPORTED_FILE}")
    exported = read_json(path, ExportedModel)
    check_weights(folder / GRAPH, checksum=exported.sha256, record=EXPORTED_FILE, verb="export")
    return exported
