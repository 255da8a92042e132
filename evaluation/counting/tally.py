"""Counts for a stream of articles. A few numbers per article are kept, so that resampling needs no spans."""

from array import array
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from afteraction.data import Article

ALL = ""
"""The key for all labels together, next to the labels' names."""

Cell = tuple[float, int, int]
"""Credit (the number of right items, fractions included), predicted items and gold items."""

Cells = Mapping[str, Mapping[str, Cell]]
"""One article's counts by level and label. Without a cell for `ALL`, all labels together count as their sum."""

CountArticle = Callable[[Article, Article], Cells]
"""Counts a gold article and the same article as predicted."""

Counts = NDArray[np.float64]
"""Shape (articles, levels, labels + 1, 3): credit, predicted, gold. The last label is all labels together."""

_FIELDS = 6
"""The numbers per stored cell: article, level, label, credit, predicted, gold."""


class Tally:
    """Collects the counts of articles, about a kilobyte per article.

    Args:
        counters: the functions that count an article. No two of them may count the same level.
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
        """The labels of either side so far, sorted."""
        return tuple(sorted(self._labels.keys() - {ALL}))

    def add(self, gold: Article, predicted: Article) -> None:
        """Counts a gold article and the same article as predicted."""
        row = len(self._ids)
        self._ids.append(gold.id)
        for counter in self._counters:
            for level, cells in counter(gold, predicted).items():
                level_index = self._levels.setdefault(level, len(self._levels))
                for label, cell in cells.items():
                    label_index = self._labels.setdefault(label, len(self._labels))
                    # Flat doubles instead of objects: an article has dozens of cells.
                    self._cells.extend((row, level_index, label_index, *cell))

    def counts(self, *, levels: Sequence[str], labels: Sequence[str]) -> Counts:
        """Returns the counts of some levels and labels. Articles are in the order of their ids."""
        cells = np.frombuffer(self._cells, dtype=np.float64).reshape(-1, _FIELDS)
        stream_rows, level_indices, label_indices = cells[:, :3].astype(np.int64).T
        # Order the articles by id, so that a bootstrap draws the same articles whatever the order of the stream.
        rank = np.empty(len(self._ids), dtype=np.int64)
        rank[sorted(range(len(self._ids)), key=self._ids.__getitem__)] = np.arange(len(self._ids))
        rows = rank[stream_rows]
        # Map each stored label to its column in the result, or to -1 if it was not asked for.
        column_of = {ALL: len(labels)} | {label: index for index, label in enumerate(labels)}
        columns = np.array([column_of.get(label, -1) for label in self._labels], dtype=np.int64)[label_indices]
        counts = np.zeros((len(self._ids), len(levels), len(labels) + 1, 3))
        for index, level in enumerate(levels):
            chosen = (level_indices == self._levels.get(level, -1)) & (columns >= 0)
            counts[rows[chosen], index, columns[chosen]] = cells[chosen, 3:]
            # A level without cells for all labels together gets their sum.
            if not (columns[chosen] == len(labels)).any():
                counts[:, index, -1] = counts[:, index, :-1].sum(axis=1)
        return counts
