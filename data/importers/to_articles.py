"""The rules by which every import converts raw annotation to articles. Their changes are counted in the import's log.

1. Offsets are converted to code points and checked against the surface that the file gives (`offsets.py`).
2. Labels are renamed or dropped, also those of entities. Unknown labels are renamed; a dropped one stays unknown.
3. A span that crosses a paragraph break is split there; each piece keeps the label and the entity.
4. White space at the edges of a span is trimmed; a span of only white space is dropped.
5. Of overlapping spans, the longest is kept; of equally long ones, the earliest; then the first in the file.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace

from afteraction.data.articles.article import PARAGRAPH_BREAK, Article, Span
from afteraction.data.articles.article_files import OnError
from afteraction.data.articles.article_lines import check_meta
from afteraction.data.errors import DataError, clip
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.label_map import LabelMap
from afteraction.data.importers.offsets import in_code_points
from afteraction.data.importers.raw import RawArticle, RawSpan

_DESCRIBED = 100
"""How many characters of a span are passed to a message: more than it shows."""


def import_articles(
    raw_articles: Iterable[RawArticle], *, labels: LabelMap, log: ImportLog, on_error: OnError
) -> Iterator[Article]:
    """Converts a stream of raw articles to articles, by the rules at the top of this module.

    Raw articles that cannot be converted are left out, and reported to `on_error`.

    Raises:
        InputError: the label map names a label that no span has (raised at the end of the stream).
    """
    ids: set[str] = set()
    for raw in raw_articles:
        try:
            if raw.id in ids:
                raise DataError(f"article {raw.id!r}: an earlier article has the same id; ids must differ")
            article = to_article(raw, labels=labels, log=log)
        except DataError as error:
            on_error(DataError(f"{raw.source}: {error}"))
            continue
        ids.add(article.id)
        yield article
    labels.check_names(log.labels)


def to_article(raw: RawArticle, *, labels: LabelMap, log: ImportLog) -> Article:
    """Converts a raw article to an article, by the rules at the top of this module.

    Raises:
        DataError: an offset does not fit the text, or the article is invalid in another way.
        InputError: a label cannot be part of a tag.
    """
    log.labels.update(span.label for span in raw.spans)
    pieces: list[RawSpan] = []
    layout = _Layout(raw.text)
    crossed = 0
    for span in in_code_points(raw, log):
        label = labels.label(span.label)
        if label is None:
            log.add("spans dropped by their label", _description(raw, span))
        else:
            of_span = _whole_pieces(raw, layout, replace(span, label=label), log)
            pieces += of_span
            crossed += max(len(of_span) - 1, 0)
            if crossed > len(raw.text):
                raise DataError(
                    f"article {raw.id!r}: its spans cross more paragraph breaks than its text has characters: a "
                    "mention lies within a paragraph"
                )
    check_meta(raw.meta)
    article = Article(
        id=raw.id,
        text=raw.text,
        spans=tuple(_without_overlaps(raw, pieces, log)),
        death_toll=raw.death_toll,
        entities=tuple(
            replace(entity, label=labels.renamed.get(entity.label, entity.label))
            for entity in raw.entities
            if entity.label not in labels.dropped
        ),
        meta=raw.meta,
        unknown_labels=tuple(dict.fromkeys(labels.renamed.get(label, label) for label in raw.unknown_labels)),
    )
    log.articles += 1
    log.spans += len(article.spans)
    return article


class _Layout:
    """The words of a text, which are separated by white space, and its paragraphs."""

    def __init__(self, text: str) -> None:
        words = [match.span() for match in re.finditer(r"\S+", text)]
        self._starts, self._ends = [start for start, _ in words], [end for _, end in words]
        self._paragraphs = [0]
        """The index of the first word of each paragraph."""
        for match in PARAGRAPH_BREAK.finditer(text):
            following = bisect_left(self._starts, match.start())
            if following > self._paragraphs[-1]:
                self._paragraphs.append(following)

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yields the part of `[start, end)` in each paragraph, without white space at its edges."""
        first, stop = bisect_right(self._ends, start), bisect_left(self._starts, end) if start < end else 0
        index = bisect_right(self._paragraphs, first)
        while first < stop:
            last = min(stop, self._paragraphs[index] if index < len(self._paragraphs) else stop) - 1
            yield max(start, self._starts[first]), min(end, self._ends[last])
            first, index = last + 1, index + 1


def _whole_pieces(raw: RawArticle, layout: _Layout, span: RawSpan, log: ImportLog) -> list[RawSpan]:
    """Splits a span at paragraph breaks and trims the white space at the edges of each piece."""
    pieces = [replace(span, start=start, end=end) for start, end in layout.pieces(span.start, span.end)]
    if not pieces:
        log.add("spans dropped that hold only white space", _description(raw, span))
    elif len(pieces) > 1:
        log.add("spans split at a paragraph break", _description(raw, span))
    elif pieces[0] != span:
        log.add("spans trimmed of white space", _description(raw, span))
    return pieces


def _without_overlaps(raw: RawArticle, spans: list[RawSpan], log: ImportLog) -> Iterator[Span]:
    """Yields the spans that rule 5 keeps, longest first."""
    taken = bytearray(len(raw.text))
    kept: set[tuple[int, int, str]] = set()
    # The sort is stable: of spans with the same offsets, the first in the file comes first.
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        key = (span.start, span.end, span.label)
        if key in kept:
            log.add("spans dropped that occur twice", _description(raw, span))
        elif taken[span.start] or taken[span.end - 1]:  # earlier spans are as long, so none lies inside
            log.add("spans dropped that overlap another", _description(raw, span))
        else:
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.add(key)
            yield Span(*key, span.entity, span.score)


def _description(raw: RawArticle, span: RawSpan) -> str:
    surface = raw.text[span.start : min(span.end, span.start + _DESCRIBED)]
    return f"article {raw.id!r}: {span.label} {clip(surface)!r}"
