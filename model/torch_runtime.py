"""Runs a token classifier of transformers with PyTorch."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from afteraction.data.errors import first_line
from afteraction.model.errors import ModelError
from afteraction.model.precision import Precision
from afteraction.model.runtimes import Ids, Scores

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class TorchRuntime:
    """A token classifier that PyTorch computes, on the device that holds the model."""

    one_by_one = False

    def __init__(self, model: "PreTrainedModel") -> None:
        self._model = model

    @property
    def on_cpu(self) -> bool:
        """Returns whether the model is on the CPU. Training moves the model after creating its Tagger."""
        return self._model.device.type == "cpu"

    @property
    def threads(self) -> int:
        """Returns how many threads should read batches at the same time."""
        return torch.get_num_threads() if self.on_cpu else 1

    @contextmanager
    def pool(self) -> Iterator[ThreadPoolExecutor]:
        """Provides threads that each compute on one core, instead of PyTorch's own, which share each batch."""
        cores = torch.get_num_threads()
        try:
            with ThreadPoolExecutor(cores, initializer=torch.set_num_threads, initargs=(1,)) as pool:
                yield pool
        finally:
            torch.set_num_threads(cores)  # threads that start later inherit this number

    def log_probabilities(self, ids: Ids, mask: Ids | None) -> Scores:
        """Computes the log probabilities of each subword, shape (windows, width, tags)."""
        batch = {"input_ids": ids} if mask is None else {"input_ids": ids, "attention_mask": mask}
        device = self._model.device
        self._model.eval()
        with torch.inference_mode():
            logits = self._model(**{name: torch.from_numpy(values).to(device) for name, values in batch.items()}).logits
        scores: Scores = torch.log_softmax(logits.float(), dim=-1).cpu().numpy()
        return scores


def place_model(model: "PreTrainedModel", *, device: str, precision: Precision) -> None:
    """Moves a model to a device, and converts its weights to a precision, in place.

    Raises:
        ModelError: the device does not exist.
    """
    try:
        # Not `model.to`: transformers wraps it in such a way that mypy treats it as a plain function. The wrapper only
        # adds checks for quantised models.
        torch.nn.Module.to(model, device=torch.device(device), dtype=getattr(torch, precision))
    except (RuntimeError, AssertionError) as error:
        raise ModelError(f"device {device!r}: {first_line(error)}") from None
