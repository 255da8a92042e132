"""Runs exported models: a session of ONNX Runtime, called like the token classifier that it was made of."""

from pathlib import Path

import torch
from torch import nn
from transformers.modeling_outputs import TokenClassifierOutput

from afteraction.data.errors import first_line
from afteraction.model.errors import ModelError
from afteraction.model.exported_folder import INPUTS, OUTPUT
from afteraction.model.graph_file import bounded_options, check_graph


class OnnxModel(nn.Module):
    """A token classifier that ONNX Runtime computes, each call on the thread that calls it.

    Args:
        path: the file of the graph.

    Raises:
        ModelError: ONNX Runtime cannot read the graph.
    """

    device = torch.device("cpu")

    one_by_one = True
    """A batch may have one window only. In integers, its values depend on all windows that share the batch."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        super().__init__()
        self._path = path
        check_graph(path)
        try:
            self._session = onnxruntime.InferenceSession(path, bounded_options(), providers=["CPUExecutionProvider"])
            self.tag_count = int(self._session.get_outputs()[0].shape[-1])
            """The number of tags that the graph gives logits for."""
        except Exception as error:  # the errors of ONNX Runtime have no class in common
            raise ModelError(f"{path}: ONNX Runtime cannot read it: {first_line(error)}") from None

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> TokenClassifierOutput:
        """Computes the logits of each subword, shape (windows, width, tags).

        Raises:
            ModelError: the graph cannot be run.
        """
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        inputs = dict(zip(INPUTS, (input_ids.numpy(), mask.numpy()), strict=True))
        try:
            [logits] = self._session.run([OUTPUT], inputs)
        except Exception as error:
            raise ModelError(f"{self._path}: ONNX Runtime cannot run it: {first_line(error)}") from None
        return TokenClassifierOutput(logits=torch.from_numpy(logits))
