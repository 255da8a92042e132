"""Batches of windows or articles of similar length."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

WIDTH_STEP = 16
"""Batches are padded to a multiple of this width, since oneDNN compiles and caches a product for each shape."""


def round_width(longest: int, *, window_size: int) -> int:
    """Returns the width of a batch: the length of its longest window rounded up, but not beyond `window_size`."""
    return max(longest, min(-(-longest // WIDTH_STEP) * WIDTH_STEP, window_size))


def pad_windows(
    windows: Sequence[NDArray[np.int32]], pad_id: int, *, width: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """Stacks windows, and pads them at the end.

    Args:
        windows: the ids of each window, special subwords included.
        pad_id: the id of the padding.
        width: the width to pad to, at least the length of the longest window; None for that length.

    Returns:
        the ids, shape (windows, width), and the attention mask of the same shape: 1 for each subword, 0 for padding.
        The mask is None if no window is shorter than `width`.
    """
    width = width or max(len(window) for window in windows)
    ids = np.full((len(windows), width), pad_id, dtype=np.int64)
    mask = np.zeros((len(windows), width), dtype=np.int64)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window
        mask[row, : len(window)] = 1
    return ids, None if mask.all() else mask


def fill_batches(lengths: Sequence[int], *, budget: int) -> Iterator[list[int]]:
    """Yields the indices of a list of lengths in batches.

    The indices stay in order, so the lengths should be sorted. A batch of n items costs n times its greatest length,
    since padding counts, and at most `budget`. An item longer than the budget is a batch by itself.
    """
    batch: list[int] = []
    longest = 0
    for index, length in enumerate(lengths):
        longest = max(longest, length)
        if batch and longest * (len(batch) + 1) > budget:
            yield batch
            batch, longest = [], length
        batch.append(index)
    if batch:
        yield batch
