"""The interface between a Tagger and the library that computes its model: PyTorch, ONNX Runtime or OpenVINO.

This module does not import PyTorch, since an exported model runs without it.
"""

import os
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from afteraction.model.environment import usable_cores

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]


class Runtime(Protocol):
    """Computes the log probabilities of batches of windows."""

    one_by_one: bool
    """Whether a batch must be a single window, because the values of a window depend on the others in its batch."""

    @property
    def on_cpu(self) -> bool:
        """Returns whether the model runs on a CPU."""
        ...

    @property
    def threads(self) -> int:
        """Returns how many threads should read batches at the same time."""
        ...

    def pool(self) -> AbstractContextManager[ThreadPoolExecutor]:
        """Returns a pool of `threads` threads, each of which computes on one core."""
        ...

    def log_probabilities(self, ids: Ids, mask: Ids | None) -> Scores:
        """Computes the log probabilities of each subword, shape (windows, width, tags).

        Args:
            ids: the ids of the windows, shape (windows, width), padded at the end.
            mask: 1 for each subword and 0 for padding, of the same shape; None if there is no padding.

        Raises:
            ModelError: an exported model cannot be run.
        """
        ...


class GraphRuntime(ABC):
    """The base class of the runtimes of exported models. Each call computes on the thread that calls it."""

    one_by_one = False
    on_cpu = True

    @property
    def threads(self) -> int:
        """Returns how many threads should read batches at the same time."""
        return thread_count()

    def pool(self) -> ThreadPoolExecutor:
        """Returns a pool of `threads` threads."""
        return ThreadPoolExecutor(self.threads)

    def log_probabilities(self, ids: Ids, mask: Ids | None) -> Scores:
        """Computes the log probabilities of each subword, shape (windows, width, tags).

        Raises:
            ModelError: the graph cannot be run.
        """
        logits = self._logits(ids, np.ones_like(ids) if mask is None else mask)
        shifted = logits - logits.max(axis=-1, keepdims=True)  # smaller numbers are rounded less
        scores: Scores = shifted - np.logaddexp.reduce(shifted, axis=-1, keepdims=True)
        return scores

    @abstractmethod
    def _logits(self, ids: Ids, mask: Ids) -> Scores:
        """Computes the logits of each subword, shape (windows, width, tags)."""


def thread_count() -> int:
    """Returns the number of threads that a process should use: `OMP_NUM_THREADS` if set, or one per usable core."""
    first = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(first) if first.isdecimal() and int(first) else usable_cores()
