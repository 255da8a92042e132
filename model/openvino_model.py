"""Runs exported models in 8-bit integers: OpenVINO, called like the token classifier that a graph was made of."""

from pathlib import Path
from queue import SimpleQueue
from typing import Any

import torch
from torch import nn
from transformers.modeling_outputs import TokenClassifierOutput

from afteraction.data.errors import last_line
from afteraction.model.errors import ModelError
from afteraction.model.graph_file import check_graph


class OpenVinoModel(nn.Module):
    """A token classifier that OpenVINO computes, on one core for each thread that calls it.

    What is not in integers is in the precision that OpenVINO prefers on this processor: bfloat16 where it is
    native, and otherwise 32-bit floats.

    Args:
        path: the file of the graph.

    Raises:
        ModelError: OpenVINO cannot read the graph.
    """

    device = torch.device("cpu")

    def __init__(self, path: Path) -> None:
        import openvino

        super().__init__()
        self._path = path
        check_graph(path)
        # A stream computes on one thread. More streams than this wait for each other.
        streams = torch.get_num_threads()
        options = {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": streams, "ENABLE_CPU_PINNING": False}
        try:
            compiled = openvino.Core().compile_model(path, "CPU", options)
            self.tag_count = int(compiled.output(0).partial_shape[-1].get_length())
            """The number of tags that the graph gives logits for."""
            # A request serves one call at a time, and is slow to make.
            self._requests: SimpleQueue[Any] = SimpleQueue()
            for _ in range(streams):
                self._requests.put(compiled.create_infer_request())
        except Exception as error:  # its errors have no class in common, and begin with where in OpenVINO they arose
            raise ModelError(f"{path}: OpenVINO cannot read it: {last_line(error)}") from None

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> TokenClassifierOutput:
        """Computes the logits of each subword, shape (windows, width, tags).

        Raises:
            ModelError: the graph cannot be run.
        """
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        request = self._requests.get()
        try:
            logits = request.infer([input_ids.numpy(), mask.numpy()])[0]  # a copy, since the request is used again
        except Exception as error:
            raise ModelError(f"{self._path}: OpenVINO cannot run it: {last_line(error)}") from None
        finally:
            self._requests.put(request)
        return TokenClassifierOutput(logits=torch.from_numpy(logits))
