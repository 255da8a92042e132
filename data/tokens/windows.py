"""Overlapping windows over an article's tokens, and the merge of what a model says in each.

As in transformers, `stride` is the number of tokens that neighbouring windows share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator


class WindowConfig(BaseModel):
    """How a long article is cut: windows of `size` subwords, special ones included, that share `stride`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = Field(
        default=512, ge=16, description="Subwords of a window, special ones included; at most the encoder's positions."
    )
    stride: int = Field(default=128, ge=0, description="Subwords that neighbouring windows share.")

    @model_validator(mode="after")
    def _stride_fits(self) -> "WindowConfig":
        if self.stride > self.size // 2 - 8:
            raise ValueError(f"the stride, {self.stride}, must be less than half the size, {self.size}, by 8 or more")
        return self


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens `[start, stop)` that a model sees at once, and those it is read for, `[read_start, read_stop)`."""

    start: int
    stop: int
    read_start: int
    read_stop: int


def plan_windows(length: int, *, size: int, stride: int) -> list[Window]:
    """Covers `length` tokens with as few windows of at most `size` tokens as share `stride` or more.

    The windows are of one length, so that a long article fills its batches evenly. Each token is read in
    the window where it is furthest from an edge; the article's own beginning and end are no edges.

    `stride` is at most half of `size`.
    """
    if length <= size:
        return [Window(0, length, 0, length)]
    count = -(-(length - stride) // (size - stride))
    width = -(-(length + (count - 1) * stride) // count)
    starts = [index * (length - width) // (count - 1) for index in range(count)]
    cuts = [(previous + width - 1 + start) // 2 + 1 for previous, start in pairwise(starts)]
    reads = [0, *cuts, length]
    return [Window(start, start + width, reads[index], reads[index + 1]) for index, start in enumerate(starts)]


def merge_windows(
    windows: Sequence[Window], values: Sequence[NDArray[np.float32]], *, length: int
) -> NDArray[np.float32]:
    """Joins the windows' values, each of shape (window's tokens, n), to one array of shape (length, n)."""
    merged = np.empty((length, values[0].shape[1]), dtype=np.float32)
    for window, value in zip(windows, values, strict=True):
        merged[window.read_start : window.read_stop] = value[
            window.read_start - window.start : window.read_stop - window.start
        ]
    return merged
