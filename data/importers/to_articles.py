"""The rules by which every import turns raw annotation into articles. What they change is counted in the import's log.

1. Offsets are converted to code points and checked against the surface that the file gives (`offsets.py`).
2. Labels are renamed or dropped.
3. A span that crosses a paragraph break is split there; each piece keeps the label and the entity.
4. White space at the edges of a span is trimmed; a span of only white space is dropped.
5. Where spans overlap, the longest stays; of equally long ones, the earliest; then the one listed first in the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from afteraction.data.articles.article import PARAGRAPH_BREAK, Article, Span
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError, clip
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.label_map import LabelMap
from afteraction.data.importers.offsets import in_code_points
from afteraction.data.importers.raw import RawArticle, RawSpan


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
                raise DataError(f"article {raw.id!r}: the id is an earlier article's too; ids must differ")
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
    for span in in_code_points(raw, log):
        label = labels.label(span.label)
        if label is None:
            log.add("spans dropped by their label", _description(raw, span))
        else:
            pieces += _whole_pieces(raw, replace(span, label=label), log)
    article = Article(
        id=raw.id,
        text=raw.text,
        spans=tuple(_without_overlaps(raw, pieces, log)),
        death_toll=raw.death_toll,
        entities=raw.entities,
        meta=raw.meta,
        unknown_labels=raw.unknown_labels,
    )
    log.articles += 1
    log.spans += len(article.spans)
    return article


def _whole_pieces(raw: RawArticle, span: RawSpan, log: ImportLog) -> Iterator[RawSpan]:
    """Splits a span at paragraph breaks and trims the white space at the edges of each piece."""
    edges = [span.start]
    for match in PARAGRAPH_BREAK.finditer(raw.text, span.start, span.end):
        edges += match.span()
    edges.append(span.end)
    # The edges alternate: start of a piece, end of that piece.
    pieces = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        surface = raw.text[start:end]
        start += len(surface) - len(surface.lstrip())
        if surface.strip():
            pieces.append(replace(span, start=start, end=start + len(surface.strip())))
    if not pieces:
        log.add("spans dropped that hold only white space", _description(raw, span))
    elif len(pieces) > 1:
        log.add("spans split at a paragraph break", _description(raw, span))
    elif pieces[0] != span:
        log.add("spans trimmed of white space", _description(raw, span))
    yield from pieces


def _without_overlaps(raw: RawArticle, spans: list[RawSpan], log: ImportLog) -> Iterator[Span]:
    """Yields the spans that rule 5 keeps, longest first."""
    taken = bytearray(len(raw.text))
    kept: set[tuple[int, int, str]] = set()
    # The sort is stable, so that of spans with the same offsets the file's first comes first.
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        key = (span.start, span.end, span.label)
        if key in kept:
            log.add("spans dropped that occur twice", _description(raw, span))
        elif any(taken[span.start : span.end]):
            log.add("spans dropped that overlap another", _description(raw, span))
        else:
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.add(key)
            yield Span(*key, span.entity, span.score)


def _description(raw: RawArticle, span: RawSpan) -> str:
    return f"article {raw.id!r}: {span.label} {clip(raw.text[span.start : span.end])!r}"
