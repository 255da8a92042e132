"""Windows and articles of like length to batches."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray


def pad_windows(
    windows: Sequence[NDArray[np.int32]], pad_id: int, *, width: int | None = None
) -> dict[str, torch.Tensor]:
    """Stacks windows to `input_ids`, shape (windows, width); an `attention_mask` only where one is shorter.

    `width` is at least the length of the longest window, and that length unless it is given.
    """
    width = width or max(len(window) for window in windows)
    ids = np.full((len(windows), width), pad_id, dtype=np.int64)
    mask = np.zeros((len(windows), width), dtype=np.int64)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window
        mask[row, : len(window)] = 1
    batch = {"input_ids": torch.from_numpy(ids)}
    if not mask.all():
        batch["attention_mask"] = torch.from_numpy(mask)
    return batch


def fill_batches(lengths: Sequence[int], *, budget: int) -> Iterator[list[int]]:
    """Divides positions of a list sorted by length into batches of at most `budget`, padding included.

    An item longer than the budget is a batch of its own.
    """
    batch: list[int] = []
    longest = 0
    for position, length in enumerate(lengths):
        longest = max(longest, length)
        if batch and longest * (len(batch) + 1) > budget:
            yield batch
            batch, longest = [], length
        batch.append(position)
    if batch:
        yield batch
