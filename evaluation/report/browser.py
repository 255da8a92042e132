"""The error browser of a report: the articles with the most errors, with both sides drawn on one text."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from afteraction.data import Article, Span
from afteraction.evaluation.figures.errors import ErrorKind, SpanError, span_errors
from afteraction.evaluation.figures.slices import REST, ArticleSlicer, Slice, SpanSlicer
from afteraction.evaluation.report.articles import LabelStyle, Legend, Paragraph, meta_items, paragraphs

SHOWN = 500
"""The most articles that a report shows. Web browsers stay fast with this many."""

Pair = tuple[Article, Article]
"""A gold article and the same article as predicted."""


class WorstArticles:
    """Keeps the articles with the most errors from a stream, never more than `limit` at a time.

    Attributes:
        seen: the number of articles in the stream so far.
    """

    def __init__(self, *, limit: int = SHOWN) -> None:
        self.seen = 0
        self._limit = limit
        self._heap: list[tuple[int, int, Pair]] = []

    def add(self, gold: Article, predicted: Article) -> None:
        """Adds a gold article and the same article as predicted."""
        # Among articles with equally many errors, the earlier ones stay. The second number is unique, so that the heap
        # never has to compare two pairs.
        entry = (len(span_errors(gold, predicted)), -self.seen, (gold, predicted))
        self.seen += 1
        if len(self._heap) < self._limit:
            heapq.heappush(self._heap, entry)
        else:
            heapq.heappushpop(self._heap, entry)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The articles that were kept, those with the most errors first."""
        return tuple(pair for _, _, pair in sorted(self._heap, reverse=True))


@dataclass(frozen=True, slots=True)
class Quote:
    """The text of a span, with the style of its label."""

    style: LabelStyle
    text: str
    score: float | None


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """An error in words. `label` is the label it counts for. `slices` are the indices of the slices of its spans."""

    kind: ErrorKind
    label: str
    gold: tuple[Quote, ...]
    predicted: tuple[Quote, ...]
    slices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BrowsedArticle:
    """An article as the browser shows it. `slices` are the indices of the slices that contain the whole article."""

    id: str
    meta: tuple[tuple[str, str], ...]
    paragraphs: tuple[Paragraph, ...]
    errors: tuple[ErrorLine, ...]
    slices: tuple[int, ...]

    @property
    def kinds(self) -> list[tuple[ErrorKind, int]]:
        """The number of errors of each kind, the most frequent kind first."""
        return Counter(error.kind for error in self.errors).most_common()


class Browser:
    """Prepares pairs of articles for drawing.

    Args:
        legend: the styles of the labels of both sides.
        slicers: the slicers of the report.
        slices: the report's slices, in the order in which the filter offers them.
    """

    def __init__(
        self, *, legend: Legend, slicers: Iterable[ArticleSlicer | SpanSlicer], slices: Sequence[Slice]
    ) -> None:
        slicers = tuple(slicers)
        self._legend = legend
        self._by_article = [slicer for slicer in slicers if isinstance(slicer, ArticleSlicer)]
        self._by_span = [slicer for slicer in slicers if isinstance(slicer, SpanSlicer)]
        self._indices = {(part.dimension, part.value): index for index, part in enumerate(slices)}

    def draw(self, gold: Article, predicted: Article) -> BrowsedArticle:
        """Draws both sides of an article."""
        errors = span_errors(gold, predicted)
        differing = {span for error in errors for span in (*error.gold, *error.predicted)}
        values_of = [(slicer.dimension, slicer.values_of(gold)) for slicer in self._by_span]
        return BrowsedArticle(
            gold.id,
            meta_items(gold.meta),
            paragraphs(gold.text, above=gold.spans, below=predicted.spans, differing=differing, legend=self._legend),
            tuple(self._line(gold, error, values_of) for error in errors),
            self._slices((slicer.dimension, slicer.value(gold)) for slicer in self._by_article),
        )

    def _line(
        self, article: Article, error: SpanError, values_of: Sequence[tuple[str, Callable[[Span], str]]]
    ) -> ErrorLine:
        gold, predicted = (
            tuple(Quote(self._legend[s.label], " ".join(article.surface(s).split()), s.score) for s in side)
            for side in (error.gold, error.predicted)
        )
        spans = (*error.gold, *error.predicted)
        values = ((dimension, value_of(span)) for dimension, value_of in values_of for span in spans)
        return ErrorLine(error.kind, error.label, gold, predicted, self._slices(values))

    def _slices(self, values: Iterable[tuple[str, str | None]]) -> tuple[int, ...]:
        """Returns the indices of the slices with these values. The rare values of a dimension share a slice."""
        found = {
            self._indices.get((dimension, value), self._indices.get((dimension, REST)))
            for dimension, value in values
            if value is not None
        }
        return tuple(sorted(index for index in found if index is not None))
