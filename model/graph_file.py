"""Checks an ONNX graph before a library runs it, and limits the memory that it may take."""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afteraction.data.errors import first_line
from afteraction.model.errors import ModelError

if TYPE_CHECKING:
    from onnx import GraphProto

_DOMAINS = ("", "ai.onnx", "com.microsoft")
"""The domains of the operators in exported models."""

_SHARE = 2
"""The divisor of the machine's memory: a graph may take half of it."""


def check_graph(path: Path) -> None:
    """Checks that a graph is complete in its file and terminates: no loops, branches, functions or external files.

    Raises:
        ModelError: the graph cannot be read, or has one of these.
    """
    import onnx

    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception as error:  # the errors of protobuf have no common class
        raise ModelError(f"{path}: not a graph of ONNX: {first_line(error)}") from None
    if model.functions:
        raise ModelError(f"{path}: it has functions of its own, which no exported model has")
    _check(model.graph, path)


def _check(graph: "GraphProto", path: Path) -> None:
    from onnx import AttributeProto, TensorProto

    tensors = [*graph.initializer]
    for node in graph.node:
        if node.domain not in _DOMAINS:
            raise ModelError(f"{path}: {node.op_type} of {node.domain[:60]}: no operator of an exported model")
        for attribute in node.attribute:
            if attribute.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS):
                raise ModelError(f"{path}: {node.op_type[:60]}: exported models have no loops and branches")
            tensors += [attribute.t, *attribute.tensors]
    sparse = bool(graph.sparse_initializer)
    if sparse or any(tensor.data_location == TensorProto.EXTERNAL or tensor.external_data for tensor in tensors):
        raise ModelError(f"{path}: weights outside the graph, which no exported model has")


@cache
def bounded_options() -> Any:
    """Returns session options with which a graph that asks for too much memory fails instead of filling the memory.

    All such sessions of a process share the limit.
    """
    import onnxruntime

    most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _SHARE
    onnxruntime.create_and_register_allocator(
        onnxruntime.OrtMemoryInfo(
            "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
        ),
        onnxruntime.OrtArenaCfg({"max_mem": most}),
    )
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.intra_op_num_threads = 1  # a Tagger calls it from as many threads as there are cores
    return options
