"""The error browser of a report: the articles with most errors, both sides of each drawn on one text."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from afteraction.data import Article, Span
from afteraction.evaluation.figures.errors import ErrorKind, SpanError, span_errors
from afteraction.evaluation.figures.slices import ArticleSlicer, Slice, SpanSlicer
from afteraction.evaluation.report.articles import Key, Legend, Paragraph, meta_items, paragraphs

SHOWN = 500
"""How many articles a report shows: a browser stays quick with as many."""

Pair = tuple[Article, Article]
"""An annotated article, and the same as a system labelled it."""


class WorstArticles:
    """Of a stream, keeps the articles with most errors, never more than `limit` at a time.

    Attributes:
        seen: how many articles there were.
    """

    def __init__(self, *, limit: int = SHOWN) -> None:
        self.seen = 0
        self._limit = limit
        self._heap: list[tuple[int, int, Pair]] = []

    def add(self, gold: Article, predicted: Article) -> None:
        """Takes an annotated article and the same as a system labelled it."""
        # Of articles with as many errors the earlier ones stay; no two numbers are the same, so pairs never compare.
        entry = (len(span_errors(gold, predicted)), -self.seen, (gold, predicted))
        self.seen += 1
        if len(self._heap) < self._limit:
            heapq.heappush(self._heap, entry)
        else:
            heapq.heappushpop(self._heap, entry)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Those kept, most errors first."""
        return tuple(pair for _, _, pair in sorted(self._heap, reverse=True))


@dataclass(frozen=True, slots=True)
class Quote:
    """A span by its words."""

    key: Key
    text: str
    score: float | None


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """An error in words; `label` is the one it counts for, `slices` the places of those that its spans are in."""

    kind: ErrorKind
    label: str
    annotated: tuple[Quote, ...]
    predicted: tuple[Quote, ...]
    slices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BrowsedArticle:
    """An article as the browser shows it; `slices` are the places of those that it is in as a whole."""

    id: str
    meta: tuple[tuple[str, str], ...]
    paragraphs: tuple[Paragraph, ...]
    errors: tuple[ErrorLine, ...]
    slices: tuple[int, ...]

    @property
    def kinds(self) -> list[tuple[ErrorKind, int]]:
        """How many errors of each kind it has, the most frequent first."""
        return Counter(error.kind for error in self.errors).most_common()


class Browser:
    """Prepares pairs for drawing.

    Args:
        legend: has the labels of both sides.
        slicers: what the report was sliced by.
        slices: the report's, which the filter offers in this order.
    """

    def __init__(
        self, *, legend: Legend, slicers: Iterable[ArticleSlicer | SpanSlicer], slices: Sequence[Slice]
    ) -> None:
        slicers = tuple(slicers)
        self._legend = legend
        self._by_article = [slicer for slicer in slicers if isinstance(slicer, ArticleSlicer)]
        self._by_span = [slicer for slicer in slicers if isinstance(slicer, SpanSlicer)]
        self._places = {(one.dimension, one.value): place for place, one in enumerate(slices)}

    def draw(self, gold: Article, predicted: Article) -> BrowsedArticle:
        """Draws both sides of an article."""
        errors = span_errors(gold, predicted)
        differing = {span for error in errors for span in (*error.gold, *error.predicted)}
        of_span = [(slicer.dimension, slicer.of(gold)) for slicer in self._by_span]
        return BrowsedArticle(
            gold.id,
            meta_items(gold.meta),
            paragraphs(gold.text, above=gold.spans, below=predicted.spans, differing=differing, legend=self._legend),
            tuple(self._line(gold, error, of_span) for error in errors),
            self._found((slicer.dimension, slicer.value(gold)) for slicer in self._by_article),
        )

    def _line(
        self, article: Article, error: SpanError, of_span: Sequence[tuple[str, Callable[[Span], str]]]
    ) -> ErrorLine:
        annotated, predicted = (
            tuple(Quote(self._legend[s.label], " ".join(article.surface(s).split()), s.score) for s in side)
            for side in (error.gold, error.predicted)
        )
        values = ((dimension, of(span)) for dimension, of in of_span for span in (*error.gold, *error.predicted))
        return ErrorLine(error.kind, error.label, annotated, predicted, self._found(values))

    def _found(self, values: Iterable[tuple[str, str | None]]) -> tuple[int, ...]:
        """The places of those slices that the report has: of a dimension with many values it has the commonest."""
        return tuple(sorted({self._places[value] for value in values if value in self._places}))
