"""The kind of error that each wrong or missed span belongs to.

A span is correct if the other side has a span with the same offsets and label. All other spans are grouped: spans that
share characters belong to one group.

Overlaps can form chains. For example, a gold span overlaps two predicted ones, and one of these overlaps a second gold
span. A chain is cut at its smallest overlap between two spans that each overlap other spans too (the first one, if
several are smallest). This is repeated until, in each group, one span of one side overlaps all spans of the other side.
No cut leaves a span alone.

Each group is one error, so every span that is not correct is in exactly one error:

- `missed`: one gold span alone;
- `spurious`: one predicted span alone;
- `split`: one gold span and several predicted ones, whatever their labels;
- `merged`: several gold spans and one predicted one, whatever their labels;
- one span of each side: `label` if only the label differs, `boundary` if only the offsets differ, `both` if both do.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from afteraction.data import Article, Span
from afteraction.evaluation.counting.spans import overlaps

ErrorKind = Literal["boundary", "label", "both", "missed", "spurious", "split", "merged"]
ERROR_KINDS: tuple[ErrorKind, ...] = get_args(ErrorKind)

_CONTEXT = 60
"""How many characters an example shows on each side of its spans."""


@dataclass(frozen=True, slots=True)
class SpanError:
    """Gold and predicted spans that form one error, in order. One of the sides may be empty."""

    kind: ErrorKind
    gold: tuple[Span, ...]
    predicted: tuple[Span, ...]

    @property
    def label(self) -> str:
        """The label that the error counts for: that of its first gold span or, without one, first predicted span."""
        return (self.gold or self.predicted)[0].label


@dataclass(frozen=True, slots=True)
class ErrorExample:
    """An error with the text around it. `text` begins at the offset `start` of the article."""

    article: str
    error: SpanError
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """Errors per label and kind, as `counts[label][kind]`. Each label with an error has every kind."""

    counts: dict[str, dict[ErrorKind, int]]
    examples: tuple[ErrorExample, ...]
    """The first few errors of each label and kind."""

    @property
    def total(self) -> int:
        """The number of errors."""
        return sum(sum(kinds.values()) for kinds in self.counts.values())


class ErrorCounter:
    """Counts the errors of a stream of articles.

    Args:
        examples: how many examples to keep of each label and kind.
    """

    def __init__(self, *, examples: int = 3) -> None:
        self._limit = examples
        self._counts: dict[str, dict[ErrorKind, int]] = {}
        self._examples: list[ErrorExample] = []

    def add(self, gold: Article, predicted: Article) -> None:
        """Adds a gold article and the same article as predicted."""
        for error in span_errors(gold, predicted):
            kinds = self._counts.setdefault(error.label, dict.fromkeys(ERROR_KINDS, 0))
            kinds[error.kind] += 1
            if kinds[error.kind] <= self._limit:
                self._examples.append(_example(gold, error))

    def result(self) -> ErrorCounts:
        """Returns the counts so far, sorted by label. Examples are sorted by label, then by kind."""
        examples = sorted(
            self._examples, key=lambda example: (example.error.label, ERROR_KINDS.index(example.error.kind))
        )
        return ErrorCounts({label: dict(self._counts[label]) for label in sorted(self._counts)}, tuple(examples))


def span_errors(gold: Article, predicted: Article) -> list[SpanError]:
    """Returns the errors of a predicted article, in the order of the text."""
    gold_keys = {(span.start, span.end, span.label) for span in gold.spans}
    predicted_keys = {(span.start, span.end, span.label) for span in predicted.spans}
    not_predicted = [span for span in gold.spans if (span.start, span.end, span.label) not in predicted_keys]
    not_gold = [span for span in predicted.spans if (span.start, span.end, span.label) not in gold_keys]
    links = _without_chains([_Link(*pair) for pair in overlaps(not_predicted, not_gold)])
    missed = _except(not_predicted, {link.gold for link in links})
    spurious = _except(not_gold, {link.predicted for link in links})
    errors = [SpanError("missed", (span,), ()) for span in missed]
    errors += [SpanError("spurious", (), (span,)) for span in spurious]
    for group in _groups(links):
        errors.append(
            _error(
                gold=tuple(not_predicted[index] for index in sorted({link.gold for link in group})),
                predicted=tuple(not_gold[index] for index in sorted({link.predicted for link in group})),
            )
        )
    return sorted(errors, key=lambda error: min(span.start for span in (*error.gold, *error.predicted)))


@dataclass(frozen=True, slots=True)
class _Link:
    """Two spans, by their indices, that share `overlap` characters."""

    gold: int
    predicted: int
    overlap: int


def _without_chains(links: Sequence[_Link]) -> list[_Link]:
    """Removes the links whose two spans both have another link, the smallest overlap first."""
    gold = Counter(link.gold for link in links)
    predicted = Counter(link.predicted for link in links)
    cut = set()
    for link in sorted(links, key=lambda link: link.overlap):
        if gold[link.gold] > 1 and predicted[link.predicted] > 1:
            gold[link.gold] -= 1
            predicted[link.predicted] -= 1
            cut.add(link)
    return [link for link in links if link not in cut]


def _groups(links: Sequence[_Link]) -> list[list[_Link]]:
    """Groups the links that share a span. In the order of the text, these are neighbours."""
    groups: list[list[_Link]] = []
    for link in links:
        last = groups[-1][-1] if groups else None
        if last is not None and (last.gold == link.gold or last.predicted == link.predicted):
            groups[-1].append(link)
        else:
            groups.append([link])
    return groups


def _except(spans: Sequence[Span], indices: set[int]) -> list[Span]:
    return [span for index, span in enumerate(spans) if index not in indices]


def _error(*, gold: tuple[Span, ...], predicted: tuple[Span, ...]) -> SpanError:
    """Returns the error of the spans in one group, with at least one span on each side."""
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
