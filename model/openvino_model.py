"""Runs exported models in 8-bit integers with OpenVINO."""

from pathlib import Path
from queue import SimpleQueue
from typing import Any

from afteraction.data.errors import last_line
from afteraction.model.errors import ModelError
from afteraction.model.graph_file import check_graph
from afteraction.model.runtimes import GraphRuntime, Ids, Scores


class OpenVinoModel(GraphRuntime):
    """A token classifier that OpenVINO computes.

    Operators that are not in integers run in the precision that OpenVINO prefers on this processor: bfloat16 where it
    is native, and otherwise 32-bit floats.

    Args:
        path: the file of the graph.

    Raises:
        ModelError: OpenVINO cannot read the graph.
    """

    def __init__(self, path: Path) -> None:
        import openvino

        self._path = path
        check_graph(path)
        # A stream computes on one thread. More streams than threads would wait for each other.
        streams = self.threads
        options = {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": streams, "ENABLE_CPU_PINNING": False}
        try:
            compiled = openvino.Core().compile_model(path, "CPU", options)
            self.tag_count = int(compiled.output(0).partial_shape[-1].get_length())
            """The number of tags that the graph gives logits for."""
            # A request serves one call at a time, and is slow to create.
            self._requests: SimpleQueue[Any] = SimpleQueue()
            for _ in range(streams):
                self._requests.put(compiled.create_infer_request())
        except Exception as error:  # OpenVINO's errors have no common class, and begin with their origin
            raise ModelError(f"{path}: OpenVINO cannot read it: {last_line(error)}") from None

    def _logits(self, ids: Ids, mask: Ids) -> Scores:
        request = self._requests.get()
        try:
            logits: Scores = request.infer([ids, mask])[0]  # a copy, so the request can be used again
        except Exception as error:
            raise ModelError(f"{self._path}: OpenVINO cannot run it: {last_line(error)}") from None
        finally:
            self._requests.put(request)
        return logits
