"""What kind of error each wrong or missed span is.

A span of one side is correct if the other side has it with the same offsets and label. Of the spans that are left,
those that share characters belong together. Where that makes a chain, such as an annotated span that overlaps two
predicted ones of which one overlaps a second annotated span, the smallest overlap between two spans that each
overlap others too is left out of account, the first among equals, until a single span on one side holds each group
together. No span is left alone by this. Every group is then one error, and every span that is not correct is in one:

- `missed`: an annotated span alone; `spurious`: a predicted span alone;
- `split`: an annotated span and several predicted ones; `merged`: several annotated spans and a predicted one,
  whatever their labels;
- one span of each side: `label` if only the label differs, `boundary` if only the offsets do, `both` if both do.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from afteraction.data import Article, Span

ErrorKind = Literal["boundary", "label", "both", "missed", "spurious", "split", "merged"]
ERROR_KINDS: tuple[ErrorKind, ...] = get_args(ErrorKind)

_CONTEXT = 60
"""How many characters an example shows on each side of its spans."""


@dataclass(frozen=True, slots=True)
class SpanError:
    """Spans that are wrong together: annotated and predicted ones, in order; one side may have none."""

    kind: ErrorKind
    gold: tuple[Span, ...]
    predicted: tuple[Span, ...]

    @property
    def label(self) -> str:
        """The label that the error counts for: of its first annotated span, else of its first predicted one."""
        return (self.gold or self.predicted)[0].label


@dataclass(frozen=True, slots=True)
class ErrorExample:
    """An error with the text around it: `text` begins at the offset `start` of the article."""

    article: str
    error: SpanError
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """Errors per label and kind: `counts[label][kind]`, every kind of every label that has an error."""

    counts: dict[str, dict[ErrorKind, int]]
    examples: tuple[ErrorExample, ...]
    """The first few of each label and kind."""

    @property
    def total(self) -> int:
        """How many errors there are."""
        return sum(sum(kinds.values()) for kinds in self.counts.values())


class ErrorCounter:
    """Counts the errors of a stream of articles.

    Args:
        examples: how many to keep of each label and kind.
    """

    def __init__(self, *, examples: int = 3) -> None:
        self._limit = examples
        self._counts: dict[str, dict[ErrorKind, int]] = {}
        self._examples: list[ErrorExample] = []

    def add(self, gold: Article, predicted: Article) -> None:
        """Takes an annotated article and the same as a system labelled it."""
        for error in span_errors(gold, predicted):
            kinds = self._counts.setdefault(error.label, dict.fromkeys(ERROR_KINDS, 0))
            kinds[error.kind] += 1
            if kinds[error.kind] <= self._limit:
                self._examples.append(_example(gold, error))

    def result(self) -> ErrorCounts:
        """What was counted so far; labels in the order of their names, examples in that of labels and kinds."""
        examples = sorted(self._examples, key=lambda found: (found.error.label, ERROR_KINDS.index(found.error.kind)))
        return ErrorCounts({label: dict(self._counts[label]) for label in sorted(self._counts)}, tuple(examples))


def span_errors(gold: Article, predicted: Article) -> list[SpanError]:
    """The errors of a predicted article, in the order of the text."""
    annotated = {(span.start, span.end, span.label) for span in gold.spans}
    found = {(span.start, span.end, span.label) for span in predicted.spans}
    wrong = [span for span in predicted.spans if (span.start, span.end, span.label) not in annotated]
    left = [span for span in gold.spans if (span.start, span.end, span.label) not in found]
    links = _without_chains([*_overlaps(left, wrong)])
    errors = [SpanError("missed", (span,), ()) for span in _others(left, {link.gold for link in links})]
    errors += [SpanError("spurious", (), (span,)) for span in _others(wrong, {link.predicted for link in links})]
    for group in _stars(links):
        errors.append(
            _error(
                gold=tuple(left[place] for place in sorted({link.gold for link in group})),
                predicted=tuple(wrong[place] for place in sorted({link.predicted for link in group})),
            )
        )
    return sorted(errors, key=lambda error: min(span.start for span in (*error.gold, *error.predicted)))


@dataclass(frozen=True, slots=True)
class _Link:
    """Two spans, by their places, that share `overlap` characters."""

    gold: int
    predicted: int
    overlap: int


def _overlaps(gold: Sequence[Span], predicted: Sequence[Span]) -> Iterator[_Link]:
    """Every pair that shares characters, in the order of the text."""
    place = other = 0
    while place < len(gold) and other < len(predicted):
        known, found = gold[place], predicted[other]
        overlap = min(known.end, found.end) - max(known.start, found.start)
        if overlap > 0:
            yield _Link(place, other, overlap)
        if known.end <= found.end:
            place += 1
        else:
            other += 1


def _without_chains(links: Sequence[_Link]) -> list[_Link]:
    """Leaves out links, smallest overlap first, whose two spans both have another one."""
    gold = Counter(link.gold for link in links)
    predicted = Counter(link.predicted for link in links)
    cut = set()
    for link in sorted(links, key=lambda link: link.overlap):
        if gold[link.gold] > 1 and predicted[link.predicted] > 1:
            gold[link.gold] -= 1
            predicted[link.predicted] -= 1
            cut.add(link)
    return [link for link in links if link not in cut]


def _stars(links: Sequence[_Link]) -> list[list[_Link]]:
    """Groups links that share a span; in the order of the text, they are neighbours."""
    groups: list[list[_Link]] = []
    for link in links:
        last = groups[-1][-1] if groups else None
        if last is not None and (last.gold == link.gold or last.predicted == link.predicted):
            groups[-1].append(link)
        else:
            groups.append([link])
    return groups


def _others(spans: Sequence[Span], places: set[int]) -> list[Span]:
    return [span for place, span in enumerate(spans) if place not in places]


def _error(*, gold: tuple[Span, ...], predicted: tuple[Span, ...]) -> SpanError:
    """The error of spans that belong together, some on each side."""
    kind: ErrorKind
    if len(predicted) > 1:
        kind = "split"
    elif len(gold) > 1:
        kind = "merged"
    elif (gold[0].start, gold[0].end) == (predicted[0].start, predicted[0].end):
        kind = "label"
    else:
        kind = "boundary" if gold[0].label == predicted[0].label else "both"
    return SpanError(kind, gold, predicted)


def _example(article: Article, error: SpanError) -> ErrorExample:
    spans = (*error.gold, *error.predicted)
    start = max(min(span.start for span in spans) - _CONTEXT, 0)
    return ErrorExample(article.id, error, article.text[start : max(span.end for span in spans) + _CONTEXT], start)
