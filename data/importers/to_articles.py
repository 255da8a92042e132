"""What every import shares: raw annotation becomes articles by one set of rules, and what they changed is counted.

1. Offsets become code points, checked against the surface that the file gives (`offsets.py`).
2. Labels are renamed or dropped.
3. A span that crosses a paragraph break is split there; each piece keeps the label and the entity.
4. White space at the edges of a span is trimmed; a span of nothing else is dropped.
5. Of spans that overlap, the longer stays; of equally long ones the earlier; then the one that the file has first.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from afteraction.data.articles.article import PARAGRAPH_BREAK, Article, Span
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError, InputError, nearest
from afteraction.data.importers.offsets import clipped, in_code_points
from afteraction.data.importers.raw import RawArticle, RawSpan

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class LabelMap:
    """What becomes of a file's labels: renamed, dropped, or else kept as they are."""

    renamed: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()

    def label(self, name: str) -> str | None:
        """The label that a name stands for, None if it is dropped.

        Raises:
            InputError: a tag could not hold the label.
        """
        if name in self.dropped:
            return None
        label = self.renamed.get(name, name)
        if not label or label == "O" or any(character.isspace() for character in label):
            raise InputError(f"{label!r} can be no label: rename it with --map '{name}=NAME' or --drop '{name}'")
        return label

    def check_names(self, found: Iterable[str]) -> None:
        """Makes sure that the map names only labels that were found.

        Raises:
            InputError: it names another, which is likely misspelt.
        """
        found = set(found)
        for option, names in (("--map", self.renamed), ("--drop", self.dropped)):
            for name in sorted(names):
                if name not in found:
                    raise InputError(f"{option} {name}: the file has no label {name!r}; {nearest(name, found)}")


def parse_label_map(renamed: Sequence[str] = (), dropped: Sequence[str] = ()) -> LabelMap:
    """Reads a label map from `OLD=NEW` and `OLD`, as they are given on the command line.

    Raises:
        InputError: one is not `OLD=NEW`, or a label is given twice.
    """
    pairs = []
    for text in renamed:
        old, equals, new = text.rpartition("=")
        if not (old and equals and new):
            raise InputError(f"--map {text}: write OLD=NEW, as in --map VICTIM=TARGET")
        pairs.append((old, new))
    for name, count in Counter([*(old for old, _ in pairs), *dropped]).items():
        if count > 1:
            raise InputError(f"--map, --drop: the label {name!r} is named twice")
    return LabelMap(dict(pairs), frozenset(dropped))


class ImportLog:
    """Counts what an import read and changed, with the first examples of each change."""

    def __init__(self) -> None:
        self.articles = 0
        self.spans = 0
        self.labels: Counter[str] = Counter()
        """How many spans the file has of each label, by its own names."""
        self._changes: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = {}

    def add(self, change: str, example: str) -> None:
        """Counts a change, as in `add("spans trimmed", "article 'a1': TARGET ' a bus'")`."""
        self._changes[change] += 1
        examples = self._examples.setdefault(change, [])
        if len(examples) < _EXAMPLES:
            examples.append(example)

    def count(self, change: str) -> int:
        """How often a change was counted."""
        return self._changes[change]

    def lines(self) -> Iterator[str]:
        """The log for people to read: the totals, the file's labels, then each change with its examples."""
        labels = ", ".join(f"{name} {count:,}" for name, count in sorted(self.labels.items()))
        yield f"articles: {self.articles:,}; spans: {self.spans:,}; in the file: {labels or 'no spans'}"
        if self.articles and not self.labels:
            yield "no article has a span: is the file of this format, and annotated?"
        for change, count in self._changes.items():
            yield f"{change}: {count:,}, such as {'; '.join(self._examples[change])}"


def import_articles(
    raw_articles: Iterable[RawArticle], *, labels: LabelMap, log: ImportLog, on_error: OnError
) -> Iterator[Article]:
    """Streams raw articles as articles, by the rules at the head of this module.

    An article that cannot be one is handed to `on_error` and left out.

    Raises:
        InputError: at the end, if the label map names a label that no span has.
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
    """Turns a raw article into an article, by the rules at the head of this module.

    Raises:
        DataError: offsets that don't fit the text, or what else an article refuses.
        InputError: a label that a tag could not hold.
    """
    log.labels.update(span.label for span in raw.spans)
    pieces: list[RawSpan] = []
    for span in in_code_points(raw):
        label = labels.label(span.label)
        if label is None:
            log.add("spans dropped by their label", _said(raw, span))
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
    """The parts of a span between paragraph breaks, without white space at their edges."""
    edges = [span.start]
    for match in PARAGRAPH_BREAK.finditer(raw.text, span.start, span.end):
        edges += match.span()
    edges.append(span.end)
    pieces = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        surface = raw.text[start:end]
        start += len(surface) - len(surface.lstrip())
        if surface.strip():
            pieces.append(replace(span, start=start, end=start + len(surface.strip())))
    if not pieces:
        log.add("spans dropped that hold but white space", _said(raw, span))
    elif len(pieces) > 1:
        log.add("spans split at a paragraph break", _said(raw, span))
    elif pieces[0] != span:
        log.add("spans trimmed of white space", _said(raw, span))
    yield from pieces


def _without_overlaps(raw: RawArticle, spans: list[RawSpan], log: ImportLog) -> Iterator[Span]:
    taken = bytearray(len(raw.text))
    kept: set[tuple[int, int, str]] = set()
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        key = (span.start, span.end, span.label)
        if key in kept:
            log.add("spans dropped that are there twice", _said(raw, span))
        elif any(taken[span.start : span.end]):
            log.add("spans dropped that overlap another", _said(raw, span))
        else:
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.add(key)
            yield Span(*key, span.entity, span.score)


def _said(raw: RawArticle, span: RawSpan) -> str:
    return f"article {raw.id!r}: {span.label} {clipped(raw.text[span.start : span.end])}"
