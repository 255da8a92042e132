"""Counts of a stream of articles: small numbers for each article, so that resampling needs no spans."""

from array import array
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from afteraction.data import Article

ALL = ""
"""Stands for all labels together, beside the labels' names."""

Cell = tuple[float, int, int]
"""Credit, which is how much of it is right, predicted and annotated items."""

Cells = Mapping[str, Mapping[str, Cell]]
"""An article's counts by level and label. Without `ALL`, all labels together count as their sum."""

CountArticle = Callable[[Article, Article], Cells]
"""Counts an article as annotated and as predicted."""

Counts = NDArray[np.float64]
"""Shape (articles, levels, labels + 1, 3): credit, predicted, annotated; the last label is all together."""


class Tally:
    """Gathers the counts of articles, about a kilobyte an article.

    Args:
        counters: what counts; their levels have different names.
    """

    def __init__(self, *counters: CountArticle) -> None:
        self._counters = counters
        self._ids: list[str] = []
        self._levels: dict[str, int] = {}
        self._labels: dict[str, int] = {}
        self._cells = array("d")

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that either side had, sorted."""
        return tuple(sorted(self._labels.keys() - {ALL}))

    def add(self, gold: Article, predicted: Article) -> None:
        """Counts an annotated article and the same as a system labelled it."""
        row = len(self._ids)
        self._ids.append(gold.id)
        for counter in self._counters:
            for level, cells in counter(gold, predicted).items():
                level_index = self._levels.setdefault(level, len(self._levels))
                for label, cell in cells.items():
                    label_index = self._labels.setdefault(label, len(self._labels))
                    self._cells.extend((row, level_index, label_index, *cell))

    def counts(self, *, levels: Sequence[str], labels: Sequence[str]) -> Counts:
        """The counts of some levels and labels, in the order of article ids, whatever that of the stream."""
        cells = np.frombuffer(self._cells, dtype=np.float64).reshape(-1, 6)
        rank = np.empty(len(self._ids), dtype=np.int64)
        rank[sorted(range(len(self._ids)), key=self._ids.__getitem__)] = np.arange(len(self._ids))
        rows, level_of, label_of = cells[:, :3].astype(np.int64).T
        column = {ALL: len(labels)} | {label: index for index, label in enumerate(labels)}
        columns = np.array([column.get(label, -1) for label in self._labels], dtype=np.int64)[label_of]
        counts = np.zeros((len(self._ids), len(levels), len(labels) + 1, 3))
        for index, level in enumerate(levels):
            chosen = (level_of == self._levels.get(level, -1)) & (columns >= 0)
            counts[rank[rows[chosen]], index, columns[chosen]] = cells[chosen, 3:]
            if not (columns[chosen] == len(labels)).any():
                counts[:, index, -1] = counts[:, index, :-1].sum(axis=1)
        return counts
