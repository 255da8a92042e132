"""BIO (IOB2) tags for any set of labels."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from afteraction.data.articles.labels import LABELS
from afteraction.data.errors import DataError, nearest

IGNORED = -100
"""The tag of tokens that the loss ignores, as in PyTorch's cross entropy."""


@dataclass(frozen=True)
class LabelScheme:
    """The BIO tags of some labels. Tag 0 is `O`; label k has the tags 1 + 2k (`B`) and 2 + 2k (`I`).

    Raises:
        DataError: there is no label, a label is repeated, or a label cannot be part of a tag's name.
    """

    labels: tuple[str, ...] = LABELS

    def __post_init__(self) -> None:
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise DataError(f"labels: {list(self.labels)} must be at least one, and all different")
        for label in self.labels:
            if not label or label == "O" or any(character.isspace() for character in label):
                raise DataError(f"labels: {label!r} is not a label: it needs a name without white space, not 'O'")

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Returns the names of the tags in the order of their numbers."""
        return ("O", *(f"{prefix}-{label}" for label in self.labels for prefix in "BI"))

    def index(self, label: str) -> int:
        """Returns the number of a label.

        Raises:
            DataError: the scheme has no such label.
        """
        if label not in self.labels:
            raise DataError(f"unknown label {label!r}; {nearest(label, self.labels)}")
        return self.labels.index(label)

    def encode(self, spans: Iterable[tuple[int, int, str]], *, length: int) -> NDArray[np.int64]:
        """Returns the tags of `length` tokens, shape (length,).

        Spans are `(first, stop, label)`, half-open in tokens, and must not overlap.
        """
        tags = np.zeros(length, dtype=np.int64)
        for first, stop, label in spans:
            begin = 1 + 2 * self.index(label)
            tags[first] = begin
            tags[first + 1 : stop] = begin + 1
        return tags

    def mask(self, labels: Iterable[str]) -> NDArray[np.bool_]:
        """Returns a mask of the scheme's labels that is true for the given ones, shape (labels,).

        Raises:
            DataError: the scheme has no such label.
        """
        mask = np.zeros(len(self.labels), dtype=np.bool_)
        mask[[self.index(label) for label in labels]] = True
        return mask

    def decode(self, tags: NDArray[np.int64]) -> list[tuple[int, int, str]]:
        """Returns the spans `(first, stop, label)` of a sequence of tags: the inverse of `encode`.

        As in strict IOB2, an `I` without a `B` before it is ignored.
        """
        begins = np.flatnonzero((tags > 0) & (tags % 2 == 1))
        inside = np.append((tags > 0) & (tags % 2 == 0), False)
        spans = []
        for first in begins.tolist():
            stop = first + 1
            while inside[stop] and tags[stop] == tags[first] + 1:
                stop += 1
            spans.append((first, stop, self.labels[int(tags[first]) // 2]))
        return spans
