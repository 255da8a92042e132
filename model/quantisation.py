"""Puts a graph's linear layers into 8-bit integers, by the tools of ONNX Runtime or of OpenVINO."""

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
"""The operators whose weights become 8-bit integers. They take nearly all of the time."""


def quantise_dynamically(graph: Any, path: Path) -> None:
    """Writes a fused graph for ONNX Runtime, which scales what goes into a layer as it comes.

    The last layer stays in 32-bit floats. Each column of a weight has a scale of its own.
    """
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata

    add_pre_process_metadata(graph)  # says that it is optimised, which else is asked for
    head = [node.name for node in graph.graph.node if node.op_type == "MatMul"][-1]
    quantize_dynamic(
        graph,
        path,
        op_types_to_quantize=_WITH_WEIGHTS,
        nodes_to_exclude=[head],
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},  # fused operators have no type of their own
    )


def quantise_statically(plain: Path, path: Path, *, windows: Iterable["NDArray[np.int32]"]) -> None:
    """Writes a graph for OpenVINO, with scales of what goes into a layer that are found beforehand.

    Where some columns of what goes into a layer are much larger than others, they are made smaller and the weights
    larger in turn (SmoothQuant; Xiao et al. 2023, arXiv:2211.10438).

    Args:
        plain: the file of a graph in 32-bit floats, not fused.
        path: the file to write.
        windows: the ids of windows of ordinary text, which the scales are found on.

    Raises:
        ModelError: NNCF does not know what to do with the graph.
    """
    import onnx

    # NNCF reports each use to its makers over the network, unless this is set.
    os.environ.setdefault("NNCF_CI", "1")
    import nncf

    items = [_inputs(ids) for ids in windows]
    logging.getLogger("nncf").setLevel(logging.ERROR)  # its own function for that changes the handlers of others, too
    try:
        with redirect_stdout(StringIO()):  # its progress bars cannot be turned off
            quantised = nncf.quantize(
                onnx.load(plain), nncf.Dataset(items), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(items)
            )
    except Exception as error:  # the errors of NNCF have no class in common
        raise ModelError(f"NNCF cannot convert the model to integers: {first_line(error)}") from None
    onnx.save(quantised, path)


def _inputs(ids: "NDArray[np.int32]") -> dict[str, "NDArray[np.int64]"]:
    """Returns the inputs of a graph for one window."""
    row = ids.astype(np.int64)[None]
    return dict(zip(INPUTS, (row, np.ones_like(row)), strict=True))
