"""Finds near-duplicates: MinHash proposes pairs, and the exact Jaccard similarity of their shingles decides."""

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
"""The hashes of a text's shingles, in ascending order and without repetition."""

SHINGLE_WORDS = 4
"""The number of words in a shingle."""

MIN_SIMILARITY = 0.6
"""Two articles with at least this Jaccard similarity are near-duplicates."""

_BANDS, _ROWS = 16, 4
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Match:
    """An earlier article that a new one nearly repeats."""

    index: int
    """The index of the earlier article, in the order in which articles were added."""
    similarity: float
    identical: bool
    """Whether the texts are equal, apart from white space."""


class DuplicateIndex:
    """Finds near-duplicates among the articles added so far, and groups them.

    Two articles are linked if their MinHash signatures share a band and the Jaccard similarity of their shingles is
    `MIN_SIMILARITY` or more. This depends on the two texts only, not on other articles. The probability that the bands
    miss a pair of similarity s is (1 - s^4)^16: 11 % at 0.6, 1 % at 0.7, 0.02 % at 0.8.

    A group is a connected component of the links.
    """

    def __init__(self) -> None:
        from datasketch import MinHash, MinHashLSH  # slow to import, and other commands do not need it

        self._empty = MinHash(num_perm=_BANDS * _ROWS, hashfunc=int)
        self._lsh = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))
        self._shingles: list[Shingles] = []
        self._sources: list[int] = []
        # A disjoint-set forest that leads from each article to the first of its group.
        self._parents: list[int] = []
        self._texts: dict[bytes, dict[int, int]] = {}
        """The first article with a text in each source that has it."""

    def __len__(self) -> int:
        return len(self._parents)

    def add(self, text: str, *, source: int = 0) -> list[Match]:
        """Adds an article, and returns the earlier ones that it nearly repeats.

        At most one match is returned per group and source. `source` is the number of the file, so that a match in one
        file does not hide a match in another. A text without words matches nothing.
        """
        index = len(self)
        self._parents.append(index)
        self._sources.append(source)
        digest = hashlib.blake2b(" ".join(text.split()).encode(), digest_size=16).digest()
        copies = self._texts.setdefault(digest, {})
        own = self._shingles[next(iter(copies.values()))] if copies else shingles(text)
        self._shingles.append(own)
        return self._near(index, copies) if len(own) else []

    def first_of_group(self, index: int) -> int:
        """Returns the index of the first article in an article's group."""
        while self._parents[index] != index:
            self._parents[index] = self._parents[self._parents[index]]  # halves the path for later searches
            index = self._parents[index]
        return index

    def _near(self, index: int, copies: dict[int, int]) -> list[Match]:
        """Returns the near-duplicates of an article among the earlier ones, and links them.

        `copies` has the first article with the same text in each source. Further copies are not searched for.
        """
        own = self._shingles[index]
        signature = self._signature(own)
        matches = [Match(copy, 1.0, identical=True) for copy in copies.values()]
        matched = {(self.first_of_group(copy), source) for source, copy in copies.items()}
        for other in sorted(self._lsh.query(signature)):
            key = self.first_of_group(other), self._sources[other]
            if key not in matched and (similarity := jaccard(own, self._shingles[other])) >= MIN_SIMILARITY:
                matched.add(key)
                matches.append(Match(other, similarity, identical=False))
        for match in matches:
            self._join(match.index, index)
        if copies.setdefault(self._sources[index], index) == index:
            self._lsh.insert(index, signature)
        return matches

    def _signature(self, own: Shingles) -> "MinHash":
        signature = self._empty.copy()
        signature.update_batch(own.tolist())
        return signature

    def _join(self, one: int, other: int) -> None:
        first, second = sorted((self.first_of_group(one), self.first_of_group(other)))
        self._parents[second] = first


def shingles(text: str) -> Shingles:
    """Returns the hashes of all runs of `SHINGLE_WORDS` words, regardless of case.

    A text with fewer words is one run. A text without words has no runs.
    """
    words = np.fromiter(map(_word_hash, _WORD.findall(text.casefold())), dtype=np.uint64)
    if not len(words):
        return np.empty(0, dtype=np.uint32)
    width = min(SHINGLE_WORDS, len(words))
    # Combine the hashes of the words of each run, one word at a time for all runs.
    mixed = np.zeros(len(words) - width + 1, dtype=np.uint64)
    for shift in range(width):
        mixed = (mixed ^ words[shift : shift + len(mixed)]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return np.unique((mixed >> np.uint64(32)).astype(np.uint32))


def jaccard(one: Shingles, other: Shingles) -> float:
    """Returns the Jaccard similarity of two sets of shingles. It is 0 if both are empty."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    union = len(one) + len(other) - common
    return common / union if union else 0.0


@lru_cache(maxsize=1 << 18)
def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
