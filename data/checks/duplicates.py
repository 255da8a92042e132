"""Articles that are nearly the same: MinHash finds candidates, their shingles' exact Jaccard similarity decides."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from datasketch import MinHash

Shingles = NDArray[np.uint32]
"""Hashes of a text's shingles, ascending, each once."""

SHINGLE_WORDS = 4
NEARLY = 0.6
"""The Jaccard similarity from which two articles count as near-duplicates."""

_BANDS, _ROWS = 16, 4
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Match:
    """An earlier article that a new one nearly repeats."""

    index: int
    """The earlier article's place in the order of adding, from 0."""
    similarity: float
    identical: bool
    """Whether the texts differ in white space only."""


class DuplicateIndex:
    """Finds near-duplicates among the articles added so far, and groups them.

    Two articles are linked if they share a band of their MinHash signatures and the Jaccard similarity of their
    shingles is `NEARLY` or more; that depends on the two texts alone, whatever else is added. The chance that the
    bands miss a pair of similarity s is (1 - s^4)^16: 11 % at 0.6, 1 % at 0.7, 0.02 % at 0.8. A group is all that
    links connect.
    """

    def __init__(self) -> None:
        from datasketch import MinHash, MinHashLSH  # takes a while to import; other commands need not wait

        self._empty = MinHash(num_perm=_BANDS * _ROWS, hashfunc=int)
        self._lsh = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))
        self._shingles: list[Shingles] = []
        self._sources: list[int] = []
        self._parents: list[int] = []
        self._texts: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._parents)

    def add(self, text: str, *, source: int = 0) -> list[Match]:
        """Adds an article; returns the earlier ones that it nearly repeats, one a group and source at most.

        `source` stands for the file, so that a repetition within it does not hide one in another. A text without a
        word repeats nothing.
        """
        index = len(self)
        self._parents.append(index)
        self._sources.append(source)
        digest = hashlib.blake2b(" ".join(text.split()).encode(), digest_size=16).digest()
        first = self._texts.setdefault(digest, index)
        if first != index:
            self._shingles.append(self._shingles[first])
            if not len(self._shingles[first]):
                return []
            self._join(first, index)
            return [Match(first, 1.0, identical=True)]
        found = shingles(text)
        self._shingles.append(found)
        return self._near(index) if len(found) else []

    def first_of_group(self, index: int) -> int:
        """The first article that was added to an article's group."""
        while self._parents[index] != index:
            self._parents[index] = self._parents[self._parents[index]]
            index = self._parents[index]
        return index

    def _near(self, index: int) -> list[Match]:
        own = self._shingles[index]
        signature = self._signature(own)
        matches = []
        met: set[tuple[int, int]] = set()
        for other in sorted(self._lsh.query(signature)):
            place = self.first_of_group(other), self._sources[other]
            if place not in met and (similarity := jaccard(own, self._shingles[other])) >= NEARLY:
                met.add(place)
                matches.append(Match(other, similarity, identical=False))
        for match in matches:
            self._join(match.index, index)
        self._lsh.insert(index, signature)
        return matches

    def _signature(self, found: Shingles) -> "MinHash":
        signature = self._empty.copy()
        signature.update_batch(found.tolist())
        return signature

    def _join(self, one: int, other: int) -> None:
        first, second = sorted((self.first_of_group(one), self.first_of_group(other)))
        self._parents[second] = first


def shingles(text: str) -> Shingles:
    """Hashes of every run of `SHINGLE_WORDS` words, whatever their case; of the whole text if it is shorter."""
    words = np.fromiter(map(_word_hash, _WORD.findall(text.casefold())), dtype=np.uint64)
    if not len(words):
        return np.empty(0, dtype=np.uint32)
    width = min(SHINGLE_WORDS, len(words))
    mixed = np.zeros(len(words) - width + 1, dtype=np.uint64)
    for shift in range(width):
        mixed = (mixed ^ words[shift : shift + len(mixed)]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return np.unique((mixed >> np.uint64(32)).astype(np.uint32))


def jaccard(one: Shingles, other: Shingles) -> float:
    """The share of two texts' shingles that both have; of none and none, 0."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    union = len(one) + len(other) - common
    return common / union if union else 0.0


@lru_cache(maxsize=1 << 18)
def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
