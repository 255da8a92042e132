"""How far two annotators of the same articles agree: spans, death tolls, and which spans mean the same."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from afteraction.data.articles.article import Article, Span
from afteraction.data.errors import DataError
from afteraction.evaluation.counting.spans import count_overlapping
from afteraction.evaluation.figures.bootstrap import Floats, bootstrap_totals
from afteraction.evaluation.figures.scores import interval

SAMPLES = 2000
"""How many samples the bootstrap over articles draws."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of agreement with its 95 % interval, by percentile bootstrap over articles."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """How far spans of a label agree; `label` is None for all of them together.

    `exact` and `overlap` count pairs of spans, one of each annotator. Their F1, 2 pairs / (first + second), is None
    where neither has a span.
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
    """Spans that stand against each other, or one that stands alone."""

    article: str
    first: Span | None
    second: Span | None
    first_text: str | None
    second_text: str | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement on the articles that both annotators have.

    `tolls` counts the articles where either gives a death toll, and `tolls_same` those where both give the same. Of
    the pairs of spans that both annotators have in an article, `links` counts those that either puts into one
    entity, and `links_same` those that both do.
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


def annotator_agreement(first: Iterable[Article], second: Iterable[Article], *, seed: int = 0) -> Agreement:
    """Compares two annotators' articles by id; spans by characters alone, whatever their tokens.

    A label that either leaves unknown in an article is not compared there. Death tolls are compared as the ranges that
    they are. The differences are in the first annotator's order.

    Raises:
        DataError: an annotator has an article twice, or the texts of an article differ.
    """
    pairs, only_first, only_second = _paired(first, second)
    comparisons = [_Comparison(one, other) for one, other in pairs]
    labels = sorted({span.label for comparison in comparisons for side in comparison.sides for span in side})
    counts = np.array([[comparison.counts(label) for label in labels] for comparison in comparisons], dtype=np.int64)
    counts = counts.reshape(len(comparisons), len(labels), 4)
    every = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
    rows = _rows([*labels, None], every, seed=seed)
    tolls = [(one.death_toll, other.death_toll) for one, other in pairs if one.death_toll or other.death_toll]
    links = [link for comparison in comparisons for link in comparison.links()]
    return Agreement(
        articles=len(pairs),
        only_first=only_first,
        only_second=only_second,
        labels=tuple(rows[:-1]),
        all=rows[-1],
        tolls=len(tolls),
        tolls_same=sum(one == other for one, other in tolls),
        links=len(links),
        links_same=sum(one and other for one, other in links),
        differences=tuple(found for comparison in comparisons for found in comparison.differences()),
    )


def matched(first: Sequence[Span], second: Sequence[Span]) -> list[tuple[int, int]]:
    """As many pairs of overlapping spans as can be, each span in one at most; of such choices, the most shared text.

    Spans of each side do not overlap among themselves. Returns indices into both.
    """
    from scipy.optimize import linear_sum_assignment

    if not first or not second:
        return []
    starts = np.maximum.outer([span.start for span in first], [span.start for span in second])
    ends = np.minimum.outer([span.end for span in first], [span.end for span in second])
    shared = np.maximum(ends - starts, 0)
    weights = (shared > 0) * (1 + shared / (1 + shared.sum()))
    rows, columns = linear_sum_assignment(weights, maximize=True)
    return [(row, column) for row, column in zip(rows.tolist(), columns.tolist(), strict=True) if shared[row, column]]


class _Comparison:
    """The two sides of an article, without the labels that either leaves unknown."""

    def __init__(self, one: Article, other: Article) -> None:
        unknown = {*one.unknown_labels, *other.unknown_labels}
        self._article = one
        self.sides = tuple([span for span in article.spans if span.label not in unknown] for article in (one, other))
        keys = [{(span.start, span.end, span.label): span for span in side} for side in self.sides]
        self._exact = [(span, keys[1][key]) for key, span in keys[0].items() if key in keys[1]]

    def counts(self, label: str) -> tuple[int, int, int, int]:
        """The spans of each side with a label, and their exact and overlapping pairs."""
        first, second = ([span for span in side if span.label == label] for side in self.sides)
        exact = sum(span.label == label for span, _ in self._exact)
        edges = ([(span.start, span.end) for span in side] for side in (first, second))
        return len(first), len(second), exact, count_overlapping(*edges)

    def links(self) -> Iterator[tuple[bool, bool]]:
        """Pairs of exactly matched spans of a label that either annotator puts into one entity: whether each does."""
        for one, other in combinations(self._exact, 2):
            if one[0].label == other[0].label:
                same = [one[side].entity is not None and one[side].entity == other[side].entity for side in (0, 1)]
                if any(same):
                    yield same[0], same[1]

    def differences(self) -> Iterator[Difference]:
        """Spans that are not in both, those that overlap side by side, whatever their labels."""
        agreed = {id(span) for pair in self._exact for span in pair}
        first, second = ([span for span in side if id(span) not in agreed] for side in self.sides)
        pairs = matched(first, second)
        partners = {row: second[column] for row, column in pairs}
        alone = set(range(len(second))) - {column for _, column in pairs}
        found = [(span, partners.get(row)) for row, span in enumerate(first)]
        for one, other in sorted([*found, *((None, second[column]) for column in sorted(alone))], key=_first_start):
            texts = [None if span is None else self._article.surface(span) for span in (one, other)]
            yield Difference(self._article.id, one, other, *texts)


def _first_start(pair: tuple[Span | None, Span | None]) -> int:
    return min(span.start for span in pair if span is not None)


def _paired(first: Iterable[Article], second: Iterable[Article]) -> tuple[list[tuple[Article, Article]], int, int]:
    ones, others = _by_id(first), _by_id(second)
    shared = [article_id for article_id in ones if article_id in others]
    for article_id in shared:
        if ones[article_id].text != others[article_id].text:
            raise DataError(f"article {article_id!r}: the two files have different texts; annotate the same text")
    pairs = [(ones[article_id], others[article_id]) for article_id in shared]
    return pairs, len(ones) - len(shared), len(others) - len(shared)


def _by_id(articles: Iterable[Article]) -> dict[str, Article]:
    found: dict[str, Article] = {}
    for article in articles:
        if article.id in found:
            raise DataError(f"article {article.id!r} is there twice in one file; take one out")
        found[article.id] = article
    return found


def _rows(labels: Sequence[str | None], counts: NDArray[np.int64], *, seed: int) -> list[LabelAgreement]:
    """One row per label, from counts of shape (articles, labels, 4)."""
    totals = counts.sum(axis=0)
    drawn = bootstrap_totals(counts, samples=SAMPLES, seed=seed) if len(counts) else np.empty((0, *totals.shape))
    rows = []
    for index, label in enumerate(labels):
        first, second, exact, overlap = totals[index].tolist()
        rates = [_rate(totals[index], drawn[:, index], kind) for kind in (2, 3)]
        rows.append(LabelAgreement(label, first, second, exact, overlap, *rates))
    return rows


def _rate(total: NDArray[np.int64], drawn: Floats, kind: int) -> Rate | None:
    spans = total[0] + total[1]
    if not spans:
        return None
    held = drawn[drawn[:, 0] + drawn[:, 1] > 0]  # a sample without a span of the label has no F1
    bounds = interval(2 * held[:, kind] / (held[:, 0] + held[:, 1]))
    return Rate(2 * int(total[kind]) / int(spans), bounds.low, bounds.high)
