"""Articles as a page draws them: the record first, then the text, cut wherever a span begins or ends.

A page shows one side of a text or both. Gold spans are marked above the line and predicted spans below it, so that
both are visible where they differ.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from afteraction.data import LABELS, Article, Span
from afteraction.data.articles import PARAGRAPH_BREAK
from afteraction.evaluation.figures.scores import labels_of
from afteraction.evaluation.report.record import RecordLine, in_order, record_lines
from afteraction.evaluation.report.render import render_page

STYLES = 8
"""The number of label styles (a colour and a line) in the style sheet. Further labels reuse them."""

_TAGS = dict(zip(LABELS, ("who", "whom", "where", "toll"), strict=True))


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """How a page shows a label: a short tag next to the text, and the number of its colour and line."""

    label: str
    tag: str
    number: int


@dataclass(frozen=True, slots=True)
class Mark:
    """The part of a span that lies in one piece of the text."""

    style: LabelStyle
    score: float | None
    begins: bool
    ends: bool
    differs: bool
    """Whether the span is missing on the other side."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text in which no span begins or ends."""

    text: str
    above: Mark | None
    below: Mark | None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The pieces of a paragraph, and the blank lines after it."""

    pieces: tuple[Piece, ...]
    gap: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of an article's record, with its heading and style as a page shows them."""

    heading: str
    style: LabelStyle
    line: RecordLine


class Legend:
    """The styles of some labels: the default labels first, which look the same on every page, then the others."""

    def __init__(self, labels: Iterable[str]) -> None:
        ordered = in_order(labels)
        others = [label for label in ordered if label not in LABELS]
        numbers = {label: LABELS.index(label) for label in ordered if label in LABELS}
        first = len(LABELS) if numbers else 0  # without default labels, the others take the first styles
        numbers |= {label: number % STYLES for number, label in enumerate(others, start=first)}
        self._styles = {
            label: LabelStyle(label, _TAGS.get(label) or _short(label, ordered), number)
            for label, number in numbers.items()
        }

    def __getitem__(self, label: str) -> LabelStyle:
        return self._styles[label]

    def __contains__(self, label: str) -> bool:
        return label in self._styles

    @property
    def styles(self) -> tuple[LabelStyle, ...]:
        """The styles, in the order of the labels."""
        return tuple(self._styles.values())


_DEFAULT = Legend(LABELS)


def paragraphs(
    text: str, *, above: Sequence[Span], below: Sequence[Span], differing: Collection[Span], legend: Legend
) -> tuple[Paragraph, ...]:
    """Cuts a text for drawing. Joined together, the pieces and gaps are the text.

    Args:
        text: the text of an article.
        above: the spans to mark above the line, in order and without overlaps, as an article has them.
        below: the spans to mark below the line, in the same form.
        differing: the spans of either side that are highlighted.
        legend: the styles of the spans' labels.
    """
    gaps = {match.start(): match.end() for match in PARAGRAPH_BREAK.finditer(text)}
    edges = {0, len(text), *gaps, *gaps.values()} | {edge for s in (*above, *below) for edge in (s.start, s.end)}
    mark_above, mark_below = (_marker(side, differing, legend) for side in (above, below))
    drawn: list[Paragraph] = []
    pieces: list[Piece] = []
    for left, right in pairwise(sorted(edges)):
        if left in gaps:
            drawn.append(Paragraph(tuple(pieces), text[left:right]))
            pieces = []
        else:
            pieces.append(Piece(text[left:right], mark_above(left, right), mark_below(left, right)))
    return (*drawn, Paragraph(tuple(pieces), ""))


def facts(article: Article, *, legend: Legend) -> tuple[Fact, ...]:
    """Returns an article's record with the styles of a legend. The legend's labels determine the lines."""
    lines = record_lines(article, labels=[style.label for style in legend.styles])
    return tuple(
        Fact(
            line.heading.capitalize() if line.label in LABELS else line.heading,
            # A record has lines for all default labels, even for those that no span in the legend has.
            legend[line.label] if line.label in legend else _DEFAULT[line.label],
            line,
        )
        for line in lines
    )


def meta_items(meta: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Returns the non-empty items of an article's `meta` as strings. Values that are not strings become JSON."""
    return tuple(
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in meta.items()
        if value not in (None, "", [], {})
    )


def _marker(side: Sequence[Span], differing: Collection[Span], legend: Legend) -> Callable[[int, int], Mark | None]:
    """Returns a function that gives the mark of a piece `[left, right)`, or None if no span covers the piece."""
    starts = [span.start for span in side]

    def mark(left: int, right: int) -> Mark | None:
        index = bisect_right(starts, left) - 1
        if index < 0 or side[index].end < right:
            return None
        span = side[index]
        return Mark(legend[span.label], span.score, span.start == left, span.end == right, span in differing)

    return mark


def _short(label: str, labels: Sequence[str]) -> str:
    """Returns the shortest prefix of a label that no other label has, at least three characters long."""
    others = [other for other in labels if other != label]
    prefixes = (label[:size] for size in range(3, len(label)))
    return next((short for short in prefixes if not any(other.startswith(short) for other in others)), label)


@dataclass(frozen=True, slots=True)
class DrawnArticle:
    """An article as `view_articles` shows it."""

    id: str
    meta: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    paragraphs: tuple[Paragraph, ...]


def view_articles(articles: Iterable[Article], *, title: str, limit: int) -> str:
    """Draws articles as an HTML page, each under its record.

    Args:
        articles: gold or predicted articles. All are read, so that the page can say how many it leaves out.
        title: the title of the page, such as the file's name.
        limit: the most articles to draw.
    """
    remaining = iter(articles)
    shown = list(islice(remaining, limit))
    left_out = sum(1 for _ in remaining)
    # A system may give entities without spans.
    legend = Legend(sorted({*labels_of(shown), *(entity.label for article in shown for entity in article.entities)}))
    return render_page(
        "view.html.j2",
        title=title,
        styles=legend.styles,
        drawn=[_draw(article, legend) for article in shown],
        left_out=left_out,
        scored=any(span.score is not None for article in shown for span in article.spans),
    )


def _draw(article: Article, legend: Legend) -> DrawnArticle:
    return DrawnArticle(
        article.id,
        meta_items(article.meta),
        facts(article, legend=legend),
        paragraphs(article.text, above=article.spans, below=(), differing=(), legend=legend),
    )
