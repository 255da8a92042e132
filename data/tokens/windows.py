"""Cuts the tokens of a long article into overlapping windows, and merges the outputs of a model for them.

As in transformers, `stride` is the number of tokens that neighbouring windows share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

_SPECIAL_ROOM = 16
"""The maximum number of special subwords in a window. BERT's tokenizer has two."""


class WindowConfig(BaseModel):
    """How to cut long articles: into windows of `size` subwords, special ones included, that share `stride`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = Field(
        default=512,
        ge=_SPECIAL_ROOM,
        description="Subwords per window, special ones included; at most the encoder's positions.",
    )
    stride: int = Field(default=128, ge=0, description="Subwords that neighbouring windows share.")

    @model_validator(mode="after")
    def _stride_fits(self) -> "WindowConfig":
        # `plan_windows` needs a stride of at most half the window without its special subwords.
        if self.stride > (self.size - _SPECIAL_ROOM) // 2:
            raise ValueError(f"the stride, {self.stride}, must be less than half the size, {self.size}, by 8 or more")
        return self


@dataclass(frozen=True, slots=True)
class Window:
    """A window: the model sees the tokens `[start, stop)`, and its output is used for `[read_start, read_stop)`."""

    start: int
    stop: int
    read_start: int
    read_stop: int


def plan_windows(length: int, *, size: int, stride: int) -> list[Window]:
    """Covers `length` tokens with the fewest windows of at most `size` tokens that share `stride` or more.

    All windows have the same length, so that a long article fills its batches evenly. Each token is read in the window
    where it is furthest from an edge. The beginning and the end of the article do not count as edges.

    `stride` must be at most half of `size`.
    """
    if length <= size:
        return [Window(0, length, 0, length)]
    count = -(-(length - stride) // (size - stride))
    width = -(-(length + (count - 1) * stride) // count)
    # Spread the windows evenly, and change windows in the middle of each overlap.
    starts = [index * (length - width) // (count - 1) for index in range(count)]
    cuts = [(previous + width - 1 + start) // 2 + 1 for previous, start in pairwise(starts)]
    reads = [0, *cuts, length]
    return [Window(start, start + width, reads[index], reads[index + 1]) for index, start in enumerate(starts)]


def merge_windows(
    windows: Sequence[Window], values: Sequence[NDArray[np.float32]], *, length: int
) -> NDArray[np.float32]:
    """Merges the values of all windows.

    Args:
        windows: the windows of an article.
        values: one array per window, shape (tokens of the window, n).
        length: the number of tokens of the article.

    Returns:
        One array, shape (length, n).
    """
    merged = np.empty((length, values[0].shape[1]), dtype=np.float32)
    for window, value in zip(windows, values, strict=True):
        merged[window.read_start : window.read_stop] = value[
            window.read_start - window.start : window.read_stop - window.start
        ]
    return merged
