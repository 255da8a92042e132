"""Statistics of article files: counts, lengths, labels, and the overlap of two files."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import read_articles


@dataclass(frozen=True, slots=True)
class LabelStats:
    """The counts of one label in a file."""

    label: str
    spans: int
    articles: int
    surfaces: int
    """The number of different span texts, regardless of case and white space."""
    entities: int
    """The number of entities. A span without an entity counts as one."""


@dataclass(frozen=True, slots=True)
class Stats:
    """The statistics of a file. Lengths are counts of words, split at white space."""

    file: str
    articles: int
    without_spans: int
    with_death_toll: int
    words: int
    lengths: tuple[float, float, float, float, float]
    """The lengths of the articles: shortest, lower quartile, median, upper quartile, longest."""
    labels: tuple[LabelStats, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of the annotation of `file` also occurs in `other`, for one label.

    A surface is a span's text, regardless of case and white space.
    `surfaces_seen` is the number of surfaces that have the same label somewhere in `other`.
    `spans_seen` is the number of spans with such a surface: those that a system could have memorised. `entities_seen`
    is the number of entities with such a span.
    """

    file: str
    other: str
    label: str
    surfaces: int
    surfaces_seen: int
    spans: int
    spans_seen: int
    entities: int
    entities_seen: int


@dataclass(frozen=True, slots=True)
class CorpusStats:
    """The statistics of some files, and the overlaps of every ordered pair of files, one per label."""

    files: tuple[Stats, ...]
    overlaps: tuple[Overlap, ...]


def corpus_stats(paths: Sequence[Path]) -> CorpusStats:
    """Computes the statistics of some files.

    Raises:
        DataError: a file or one of its lines cannot be read.
    """
    counts = [_FileCount(path) for path in paths]
    return CorpusStats(
        files=tuple(count.stats() for count in counts),
        overlaps=tuple(
            _overlap(one, other, label) for one, other in permutations(counts, 2) for label in sorted(one.surfaces)
        ),
    )


class _FileCount:
    """Counts the annotation of a file."""

    def __init__(self, path: Path) -> None:
        self.file = str(path)
        self.surfaces: dict[str, Counter[str]] = {}
        self.entities: dict[str, list[set[str]]] = {}
        """The surfaces of each entity, by label."""
        self._articles: Counter[str] = Counter()
        self._lengths: list[int] = []
        self._without_spans = self._with_death_toll = 0
        for article in read_articles(path):
            self._add(article)

    def stats(self) -> Stats:
        lengths = np.array(self._lengths or [0])
        shortest, lower, median, upper, longest = np.quantile(lengths, [0, 0.25, 0.5, 0.75, 1]).tolist()
        return Stats(
            file=self.file,
            articles=len(self._lengths),
            without_spans=self._without_spans,
            with_death_toll=self._with_death_toll,
            words=int(lengths.sum()),
            lengths=(shortest, lower, median, upper, longest),
            labels=tuple(
                LabelStats(label, counts.total(), self._articles[label], len(counts), len(self.entities[label]))
                for label, counts in sorted(self.surfaces.items())
            ),
        )

    def _add(self, article: Article) -> None:
        self._lengths.append(len(article.text.split()))
        self._without_spans += not article.spans
        self._with_death_toll += article.death_toll is not None
        entities: dict[tuple[str, str | int], set[str]] = {}
        for span in article.spans:
            surface = " ".join(article.surface(span).casefold().split())
            self.surfaces.setdefault(span.label, Counter())[surface] += 1
            key = span.start if span.entity is None else span.entity
            entities.setdefault((span.label, key), set()).add(surface)
        for (label, _), surfaces in entities.items():
            self.entities.setdefault(label, []).append(surfaces)
        self._articles.update({span.label for span in article.spans})


def _overlap(one: _FileCount, other: _FileCount, label: str) -> Overlap:
    own, others = one.surfaces[label], other.surfaces.get(label, Counter())
    shared = own.keys() & others.keys()
    return Overlap(
        file=one.file,
        other=other.file,
        label=label,
        surfaces=len(own),
        surfaces_seen=len(shared),
        spans=own.total(),
        spans_seen=sum(own[surface] for surface in shared),
        entities=len(one.entities[label]),
        entities_seen=sum(not shared.isdisjoint(surfaces) for surfaces in one.entities[label]),
    )
