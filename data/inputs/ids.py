"""The ids of articles: notices about repeated ids, and numbers for articles without an id."""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import InputNotice, clip

_NAMED = 10
"""How many repeated ids are named, each once; all other articles with a repeated id are counted."""

_RECENT = 1 << 16


class Ids:
    """Gives each article its id, and reports ids that several articles have. Such articles keep their id.

    Args:
        several: whether there are several files, so that a record's number alone is not unique.
        on_error: called with a notice for each of the first ten repeated ids.
    """

    def __init__(self, *, several: bool, on_error: OnError) -> None:
        self._several, self._on_error = several, on_error
        self._seen = _Seen()
        self._named: set[str] = set()
        self._more = 0

    def given(self, name: str, place: str) -> str:
        """Records an article's own id and returns it."""
        if self._seen.add(name):
            if name not in self._named and len(self._named) < _NAMED:
                self._named.add(name)
                self._on_error(InputNotice(f"{place}: an earlier article has the id {clip(name)!r} too; both keep it"))
            else:
                self._more += 1
        return name

    def numbered(self, number: int, source: str) -> str:
        """Makes the id of an article without one: its number, after the file's name if the number is not unique.

        It is still repeated if a file is read twice.
        """
        name = f"{source}#{number}" if self._several or str(number) in self._seen else str(number)
        return self.given(name, source)

    def finish(self) -> None:
        """Reports how many more articles have the id of an earlier one, besides those that were named."""
        if self._more:
            self._on_error(InputNotice(f"{self._more:,} more articles have the id of an earlier one"))


class _Seen:
    """A grow-only set of texts. It takes eight bytes per text, so that many millions of ids fit in memory.

    It keeps a 64-bit hash of each text. New hashes are in a Python set. Whenever the set is full, it becomes a sorted
    array. Arrays of the same size are merged, so that there are only a few.
    """

    def __init__(self) -> None:
        self._recent: set[int] = set()
        self._older: list[NDArray[np.uint64]] = []

    def __contains__(self, name: str) -> bool:
        key = _hash(name)
        return key in self._recent or any(_holds(array, key) for array in self._older)

    def add(self, name: str) -> bool:
        """Adds a text. Returns whether it was there before."""
        if name in self:
            return True
        self._recent.add(_hash(name))
        if len(self._recent) == _RECENT:
            self._older.append(np.sort(np.fromiter(self._recent, dtype=np.uint64, count=_RECENT)))
            self._recent.clear()
            while len(self._older) > 1 and len(self._older[-1]) == len(self._older[-2]):
                self._older.append(np.sort(np.concatenate([self._older.pop(), self._older.pop()])))
        return False


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _holds(array: NDArray[np.uint64], key: int) -> bool:
    index = int(np.searchsorted(array, np.uint64(key)))
    return index < len(array) and int(array[index]) == key
