"""Runs exported models with ONNX Runtime."""

from pathlib import Path

from afteraction.data.errors import first_line
from afteraction.model.errors import ModelError
from afteraction.model.exported_folder import INPUTS, OUTPUT
from afteraction.model.graph_file import bounded_options, check_graph
from afteraction.model.runtimes import GraphRuntime, Ids, Scores


class OnnxModel(GraphRuntime):
    """A token classifier that ONNX Runtime computes.

    Args:
        path: the file of the graph.

    Raises:
        ModelError: ONNX Runtime cannot read the graph.
    """

    one_by_one = True
    """With 8-bit integers, the values of a window depend on all windows in its batch."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        self._path = path
        check_graph(path)
        try:
            self._session = onnxruntime.InferenceSession(path, bounded_options(), providers=["CPUExecutionProvider"])
            self.tag_count = int(self._session.get_outputs()[0].shape[-1])
            """The number of tags that the graph gives logits for."""
        except Exception as error:  # the errors of ONNX Runtime have no common class
            raise ModelError(f"{path}: ONNX Runtime cannot read it: {first_line(error)}") from None

    def _logits(self, ids: Ids, mask: Ids) -> Scores:
        logits: Scores
        try:
            [logits] = self._session.run([OUTPUT], dict(zip(INPUTS, (ids, mask), strict=True)))
        except Exception as error:
            raise ModelError(f"{self._path}: ONNX Runtime cannot run it: {first_line(error)}") from None
        return logits
