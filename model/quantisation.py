"""Converts a graph's linear layers to 8-bit integers, with the tools of ONNX Runtime or OpenVINO."""

import logging
import os
from collections.abc import Iterable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from afteraction.data.errors import first_line
from afteraction.model.errors import ModelError
from afteraction.model.exported_folder import INPUTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WITH_WEIGHTS = ["Attention", "MatMul"]
"""The operators whose weights become 8-bit integers. They take nearly all of the computing time."""


def quantise_dynamically(graph: Any, path: Path) -> None:
    """Writes a fused graph for ONNX Runtime, which computes the scales of a layer's inputs as it runs.

    The last layer stays in 32-bit floats. Each column of a weight has its own scale.
    """
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata

    add_pre_process_metadata(graph)  # marks the graph as optimised; otherwise there is a warning
    head = [node.name for node in graph.graph.node if node.op_type == "MatMul"][-1]
    quantize_dynamic(
        graph,
        path,
        op_types_to_quantize=_WITH_WEIGHTS,
        nodes_to_exclude=[head],
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},  # fused operators have no type
    )


def quantise_statically(plain: Path, path: Path, *, windows: Iterable["NDArray[np.int32]"]) -> None:
    """Writes a graph for OpenVINO, in which the scales of each layer's inputs are fixed beforehand.

    Where some columns of a layer's input are much larger than others, they are made smaller and the matching weights
    larger (SmoothQuant; Xiao et al. 2023, arXiv:2211.10438).

    Args:
        plain: the file of a graph in 32-bit floats, not fused.
        path: the file to write.
        windows: the ids of windows of ordinary text, from which the scales are computed.

    Raises:
        ModelError: NNCF cannot convert the graph.
    """
    import onnx

    # NNCF reports each use to its developers over the network unless this is set.
    os.environ.setdefault("NNCF_CI", "1")
    import nncf

    items = [_inputs(ids) for ids in windows]
    logging.getLogger("nncf").setLevel(logging.ERROR)  # NNCF's own function also changes other loggers' handlers
    try:
        with redirect_stdout(StringIO()):  # its progress bars cannot be turned off
            quantised = nncf.quantize(
                onnx.load(plain), nncf.Dataset(items), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(items)
            )
    except Exception as error:  # the errors of NNCF have no common class
        raise ModelError(f"NNCF cannot convert the model to integers: {first_line(error)}") from None
    onnx.save(quantised, path)


def _inputs(ids: "NDArray[np.int32]") -> dict[str, "NDArray[np.int64]"]:
    """Returns the inputs of a graph for one window."""
    row = ids.astype(np.int64)[None]
    return dict(zip(INPUTS, (row, np.ones_like(row)), strict=True))
