"""What article files hold: counts, lengths, labels, and what two files share."""

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
    """How often a label is given."""

    label: str
    spans: int
    articles: int
    surfaces: int
    """Different texts under it, whatever their case."""
    entities: int
    """Groups of spans that mean the same; a span without a group is one of its own."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What a file holds; lengths are in words, split at white space."""

    file: str
    articles: int
    without_spans: int
    with_death_toll: int
    words: int
    lengths: tuple[float, float, float, float, float]
    """Of the shortest article, the quartiles, and the longest."""
    labels: tuple[LabelStats, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of one file's annotation another has too, by label.

    A surface is a span's text, whatever its case. Of the spans of `file`, `spans_seen` bear a surface that has the
    same label somewhere in `other`: what a system could know by heart. Of its entities, `entities_seen` have such a
    span.
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
    """What some files hold, and for each label of each ordered pair of them, what they share."""

    files: tuple[Stats, ...]
    overlaps: tuple[Overlap, ...]


def corpus_stats(paths: Sequence[Path]) -> CorpusStats:
    """Counts what files hold and share.

    Raises:
        DataError: a file, or a line of it, cannot be read.
    """
    counts = [_FileCount(path) for path in paths]
    return CorpusStats(
        files=tuple(count.stats() for count in counts),
        overlaps=tuple(
            _overlap(one, other, label) for one, other in permutations(counts, 2) for label in sorted(one.surfaces)
        ),
    )


class _FileCount:
    def __init__(self, path: Path) -> None:
        self.file = str(path)
        self.surfaces: dict[str, Counter[str]] = {}
        self.entities: dict[str, list[set[str]]] = {}
        """Of each label, the surfaces of each entity."""
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
                LabelStats(label, found.total(), self._articles[label], len(found), len(self.entities[label]))
                for label, found in sorted(self.surfaces.items())
            ),
        )

    def _add(self, article: Article) -> None:
        self._lengths.append(len(article.text.split()))
        self._without_spans += not article.spans
        self._with_death_toll += article.death_toll is not None
        entities: dict[tuple[str, str | int], set[str]] = {}
        for span in article.spans:
            surface = article.surface(span).casefold()
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
