"""Agreement between two annotators of the same articles: spans, death tolls, and which spans form one entity."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import comb
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from afteraction.data.articles.article import Article, Span
from afteraction.data.errors import DataError
from afteraction.evaluation.counting.spans import count_overlapping, overlaps
from afteraction.evaluation.counting.tolls import is_scored
from afteraction.evaluation.figures.bootstrap import Floats, bootstrap_totals
from afteraction.evaluation.figures.scores import interval

SAMPLES = 2000
"""The number of samples of the bootstrap over articles."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of agreement with its 95 % interval, by percentile bootstrap over articles."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """The agreement on the spans of one label, or of all labels together if `label` is None.

    `first` and `second` are the numbers of spans of each annotator. `exact` and `overlap` count pairs of spans, one
    from each annotator. Their F1 is 2 pairs / (first + second), or None if neither annotator has a span.
    """

    label: str | None
    first: int
    second: int
    exact: int
    overlap: int
    exact_f1: Rate | None
    overlap_f1: Rate | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Two overlapping spans that differ, or one span that the other annotator does not have."""

    article: str
    first: Span | None
    second: Span | None
    first_text: str | None
    second_text: str | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement on the articles that both annotators have.

    `only_first` and `only_second` count the articles of one annotator only. `tolls` counts the articles in which at
    least one annotator gives a death toll and the other does not leave it unknown, `tolls_same` those in which both
    give the same one. `links` counts pairs of spans that both annotators have and at least one of them puts into one
    entity, `links_same` those that both do.
    """

    articles: int
    only_first: int
    only_second: int
    labels: tuple[LabelAgreement, ...]
    all: LabelAgreement
    tolls: int
    tolls_same: int
    links: int
    links_same: int
    differences: tuple[Difference, ...]


class PairObserver(Protocol):
    """An object that receives each article as both annotators have it, such as `WorstArticles`."""

    def add(self, first: Article, second: Article, /) -> None:
        """Adds an article as each annotator has it."""
        ...


def annotator_agreement(
    first: Iterable[Article], second: Iterable[Article], *, observers: Sequence[PairObserver] = (), seed: int = 0
) -> Agreement:
    """Compares the articles of two annotators by id. Spans are compared by characters, not by tokens.

    A label that is unknown to either annotator in an article is not compared there, and neither is a death toll that
    either leaves unknown. Death tolls are compared as ranges. The differences are in the order of the first
    annotator's articles. The observers receive both sides of each article, with only the spans that are compared.

    Raises:
        DataError: an article occurs twice on one side, or the two texts of an article differ.
    """
    pairs, only_first, only_second = _paired(first, second)
    comparisons = [_Comparison(one, other) for one, other in pairs]
    for (one, other), comparison in zip(pairs, comparisons, strict=True):
        first_spans, second_spans = comparison.sides
        for observer in observers:
            observer.add(one.with_fields(spans=first_spans), other.with_fields(spans=second_spans))
    labels = sorted({span.label for comparison in comparisons for side in comparison.sides for span in side})
    counts = np.array([[comparison.counts(label) for label in labels] for comparison in comparisons], dtype=np.int64)
    counts = counts.reshape(len(comparisons), len(labels), 4)  # keeps the shape if there are no articles or no labels
    with_total = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
    rows = _rows([*labels, None], with_total, seed=seed)
    known = [(one.death_toll, other.death_toll) for one, other in pairs if is_scored(one) and is_scored(other)]
    tolls = [pair for pair in known if pair != (None, None)]
    links = [comparison.links() for comparison in comparisons]
    return Agreement(
        articles=len(pairs),
        only_first=only_first,
        only_second=only_second,
        labels=tuple(rows[:-1]),
        all=rows[-1],
        tolls=len(tolls),
        tolls_same=sum(one == other for one, other in tolls),
        links=sum(either for either, _ in links),
        links_same=sum(both for _, both in links),
        differences=tuple(difference for comparison in comparisons for difference in comparison.differences()),
    )


def matched(first: Sequence[Span], second: Sequence[Span]) -> list[tuple[int, int]]:
    """Matches overlapping spans one to one: the most pairs possible, and with equally many, the most shared text.

    The spans of one side must not overlap each other. Returns pairs of indices into `first` and `second`.
    """
    # Two pairs exclude each other if they share a span. The pairs of a span are consecutive in the order of the text,
    # so the best matching of the first pairs is found from the best matchings of fewer pairs, in linear time.
    pairs = [*overlaps(first, second)]
    best = [(0, 0)]  # of the first pairs: how many are matched, and their shared text
    free: list[int] = []  # for each pair, the number of pairs before it that share no span with it
    row_start = column_start = 0
    for index, (row, column, shared) in enumerate(pairs):
        row_start = row_start if index and pairs[index - 1][0] == row else index
        column_start = column_start if index and pairs[index - 1][1] == column else index
        free.append(min(row_start, column_start))
        count, text = best[free[index]]
        best.append(max(best[index], (count + 1, text + shared)))
    chosen = []
    remaining = len(pairs)
    while remaining:
        if best[remaining] == best[remaining - 1]:
            remaining -= 1
        else:
            chosen.append(pairs[remaining - 1][:2])
            remaining = free[remaining - 1]
    return chosen[::-1]


class _Comparison:
    """One article as annotated by both annotators, without the labels that are unknown to either."""

    def __init__(self, one: Article, other: Article) -> None:
        unknown = {*one.unknown_labels, *other.unknown_labels}
        self._article = one
        self.sides = tuple([span for span in article.spans if span.label not in unknown] for article in (one, other))
        keys = [{(span.start, span.end, span.label): span for span in side} for side in self.sides]
        self._exact = [(span, keys[1][key]) for key, span in keys[0].items() if key in keys[1]]

    def counts(self, label: str) -> tuple[int, int, int, int]:
        """Counts a label's spans on the first and second side, and their exact and overlapping pairs."""
        first, second = ([span for span in side if span.label == label] for side in self.sides)
        exact = sum(span.label == label for span, _ in self._exact)
        edges = ([(span.start, span.end) for span in side] for side in (first, second))
        return len(first), len(second), exact, count_overlapping(*edges)

    def links(self) -> tuple[int, int]:
        """Counts the pairs of shared spans that at least one annotator puts into one entity, and those that both do.

        Only pairs of spans with the same label are considered.
        """
        both = Counter((one.label, one.entity, other.entity) for one, other in self._exact)
        first: Counter[tuple[str, str]] = Counter()
        second: Counter[tuple[str, str]] = Counter()
        agreed = 0
        for (label, one, other), count in both.items():
            if one is not None:
                first[label, one] += count
            if other is not None:
                second[label, other] += count
            if one is not None and other is not None:
                agreed += comb(count, 2)
        either = sum(comb(count, 2) for counts in (first, second) for count in counts.values())
        return either - agreed, agreed

    def differences(self) -> Iterator[Difference]:
        """Yields the spans that only one side has. Overlapping spans are paired, whatever their labels."""
        agreed = {id(span) for pair in self._exact for span in pair}
        first, second = ([span for span in side if id(span) not in agreed] for side in self.sides)
        pairs = matched(first, second)
        partners = {row: second[column] for row, column in pairs}
        alone = set(range(len(second))) - {column for _, column in pairs}
        of_first = [(span, partners.get(row)) for row, span in enumerate(first)]
        only_second = [(None, second[column]) for column in sorted(alone)]
        for one, other in sorted([*of_first, *only_second], key=_first_start):
            texts = [None if span is None else self._article.surface(span) for span in (one, other)]
            yield Difference(self._article.id, one, other, *texts)


def _first_start(pair: tuple[Span | None, Span | None]) -> int:
    return min(span.start for span in pair if span is not None)


def _paired(first: Iterable[Article], second: Iterable[Article]) -> tuple[list[tuple[Article, Article]], int, int]:
    """Returns the articles of both sides, and the numbers of articles on the first side only and the second only."""
    ones, others = _by_id(first), _by_id(second)
    shared = [article_id for article_id in ones if article_id in others]
    for article_id in shared:
        if ones[article_id].text != others[article_id].text:
            raise DataError(f"article {article_id!r}: the two files have different texts; annotate the same text")
    pairs = [(ones[article_id], others[article_id]) for article_id in shared]
    return pairs, len(ones) - len(shared), len(others) - len(shared)


def _by_id(articles: Iterable[Article]) -> dict[str, Article]:
    by_id: dict[str, Article] = {}
    for article in articles:
        if article.id in by_id:
            raise DataError(f"article {article.id!r} occurs twice in one file; remove one of the two")
        by_id[article.id] = article
    return by_id


def _rows(labels: Sequence[str | None], counts: NDArray[np.int64], *, seed: int) -> list[LabelAgreement]:
    """Returns one row per label. Counts have shape (articles, labels, 4): first, second, exact, overlap."""
    totals = counts.sum(axis=0)
    # Sort the articles by their counts, so that the draws do not depend on the order of the files.
    counts = counts[np.lexsort(counts.reshape(len(counts), -1).T)] if len(counts) else counts
    drawn = bootstrap_totals(counts, samples=SAMPLES, seed=seed) if len(counts) else np.empty((0, *totals.shape))
    rows = []
    for index, label in enumerate(labels):
        first, second, exact, overlap = totals[index].tolist()
        rates = [_rate(totals[index], drawn[:, index], kind) for kind in (2, 3)]
        rows.append(LabelAgreement(label, first, second, exact, overlap, *rates))
    return rows


def _rate(total: NDArray[np.int64], drawn: Floats, kind: int) -> Rate | None:
    """Returns the F1 of one kind of pairs: 2 for exact, 3 for overlapping, their index in the counts."""
    spans = total[0] + total[1]
    if not spans:
        return None
    defined = drawn[drawn[:, 0] + drawn[:, 1] > 0]  # a sample without a span of the label has no F1
    bounds = interval(2 * defined[:, kind] / (defined[:, 0] + defined[:, 1]))
    return Rate(2 * int(total[kind]) / int(spans), bounds.low, bounds.high)
