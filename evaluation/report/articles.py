"""Articles as drawn on a page: their text cut where spans begin and end, and their record at the head.

One side of a text, or two: annotated spans are marked above the line, predicted ones below it, so that both
can be seen where they differ.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from afteraction.data import DEATH_TOLL, LABELS, Article, Span
from afteraction.data.articles import PARAGRAPH_BREAK
from afteraction.evaluation.figures.scores import labels_of
from afteraction.evaluation.report.render import render_page

STYLES = 8
"""How many colours with line styles the pages' style sheet has; labels past them share."""

_TAGS = dict(zip(LABELS, ("who", "whom", "where", "toll"), strict=True))
_HEADINGS = dict(zip(LABELS, ("Who", "Whom", "Where", "How many"), strict=True))


@dataclass(frozen=True, slots=True)
class Key:
    """How a label is shown: a short tag by the text, and the number of its colour and line style."""

    label: str
    tag: str
    style: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A span as one piece of the text shows it."""

    key: Key
    score: float | None
    begins: bool
    ends: bool
    differs: bool
    """Whether the span is not on the other side too."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text under the same spans throughout."""

    text: str
    above: Mark | None
    below: Mark | None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The pieces of a paragraph, and the blank lines that follow it."""

    pieces: tuple[Piece, ...]
    gap: str


@dataclass(frozen=True, slots=True)
class Named:
    """Someone or something that an article names, with its other names; annotation has no score."""

    name: str
    others: tuple[str, ...]
    score: float | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of an article's record; `toll` says in words how many were killed, on that line alone."""

    heading: str
    key: Key
    named: tuple[Named, ...]
    toll: str | None = None


class Legend:
    """The keys of some labels: the default labels first, which always look the same, then the others in order."""

    def __init__(self, labels: Iterable[str]) -> None:
        given = tuple(dict.fromkeys(labels))
        usual = [label for label in LABELS if label in given]
        others = [label for label in given if label not in LABELS]
        styles = {label: LABELS.index(label) for label in usual}
        styles |= {label: place % STYLES for place, label in enumerate(others, start=len(LABELS) if usual else 0)}
        self.keys = {label: Key(label, _TAGS.get(label) or _short(label, given), styles[label]) for label in styles}

    def __getitem__(self, label: str) -> Key:
        return self.keys[label]


def paragraphs(
    text: str, *, above: Sequence[Span], below: Sequence[Span], differing: Collection[Span], legend: Legend
) -> tuple[Paragraph, ...]:
    """Cuts a text for drawing; the pieces and gaps, joined, are the text.

    Args:
        text: an article's.
        above: spans to mark above the line, as an article has them: in order, none overlapping another.
        below: spans to mark below it, likewise.
        differing: those of either side that are to stand out.
        legend: has every span's label.
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


def record(article: Article, *, legend: Legend) -> tuple[Fact, ...]:
    """Who, whom, where and how many by an article's spans and toll.

    Where the legend has other labels than the default ones, what bears each label, and the toll if there is one.
    """
    named: dict[str, list[Named]] = {}
    for label, name in _predicted(article) if article.entities else _annotated(article):
        named.setdefault(label, []).append(name)
    shown = [label for label in legend.keys if label in named]
    if article.death_toll is not None and DEATH_TOLL not in shown:
        shown.append(DEATH_TOLL)
    toll = "no figure" if article.death_toll is None else f"{article.death_toll} killed"
    default = Legend(LABELS)
    return tuple(
        Fact(
            _HEADINGS.get(label, label),
            legend.keys.get(label) or default[label],
            tuple(named.get(label, ())),
            toll if label == DEATH_TOLL else None,
        )
        for label in (LABELS if legend.keys.keys() <= set(LABELS) else shown)
    )


def meta_items(meta: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """An article's `meta` as pairs of words, without what is empty; what is no string stands as JSON."""
    full = ((name, value) for name, value in meta.items() if value not in (None, "", [], {}))
    return tuple(
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) for name, value in full
    )


def _predicted(article: Article) -> Iterator[tuple[str, Named]]:
    for entity in article.entities:
        others = (mention for mention in entity.mentions if mention.casefold() != entity.name.casefold())
        yield entity.label, Named(entity.name, tuple(others), entity.score)


def _annotated(article: Article) -> Iterator[tuple[str, Named]]:
    """What the groups of an annotation name; a span without a group stands with those of the same words."""
    groups: dict[tuple[str, str | None, str], dict[str, str]] = {}
    for span in article.spans:
        surface = article.surface(span)
        words = " ".join(surface.casefold().split())
        groups.setdefault((span.label, span.entity, words if span.entity is None else ""), {}).setdefault(
            words, surface
        )
    for (label, _, _), surfaces in groups.items():
        name = max(surfaces.values(), key=len)
        yield label, Named(name, tuple(surface for surface in surfaces.values() if surface != name), None)


def _marker(side: Sequence[Span], differing: Collection[Span], legend: Legend) -> Callable[[int, int], Mark | None]:
    """Gives the mark of the piece `[left, right)` of a text, which no span's edge cuts."""
    starts = [span.start for span in side]

    def mark(left: int, right: int) -> Mark | None:
        place = bisect_right(starts, left) - 1
        if place < 0 or side[place].end < right:
            return None
        span = side[place]
        return Mark(legend[span.label], span.score, span.start == left, span.end == right, span in differing)

    return mark


def _short(label: str, labels: Sequence[str]) -> str:
    """The shortest beginning of a label, of three characters or more, that no other has."""
    others = [other for other in labels if other != label]
    beginnings = (label[:size] for size in range(3, len(label)))
    return next((short for short in beginnings if not any(other.startswith(short) for other in others)), label)


@dataclass(frozen=True, slots=True)
class DrawnArticle:
    """An article as a page of articles shows it."""

    id: str
    meta: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    paragraphs: tuple[Paragraph, ...]


def view_articles(articles: Iterable[Article], *, title: str, limit: int) -> str:
    """Draws articles as an HTML page, each with its record at its head.

    Args:
        articles: annotated or predicted ones; all are read, so that the page can say how many it leaves out.
        title: of the page, such as the file's name.
        limit: how many articles to draw at most.
    """
    remaining = iter(articles)
    shown = list(islice(remaining, limit))
    left_out = sum(1 for _ in remaining)
    legend = Legend(labels_of(shown))
    return render_page(
        "view.html.j2",
        title=title,
        keys=tuple(legend.keys.values()),
        drawn=[_draw(article, legend) for article in shown],
        left_out=left_out,
        scored=any(span.score is not None for article in shown for span in article.spans),
    )


def _draw(article: Article, legend: Legend) -> DrawnArticle:
    return DrawnArticle(
        article.id,
        meta_items(article.meta),
        record(article, legend=legend),
        paragraphs(article.text, above=article.spans, below=(), differing=(), legend=legend),
    )
