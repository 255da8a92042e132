"""The one form of an article between the rooms: frozen values whose invariants hold once constructed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from afteraction.data.errors import DataError, clip

LARGEST_COUNT = 2**63 - 1
"""What a column of integers holds."""

PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*\n")
"""A blank line, whatever white space it holds; CRLF counts as a line's end."""


@dataclass(frozen=True, slots=True)
class Toll:
    """How many people were killed: a closed range, open above where `high` is None.

    Raises:
        DataError: `low` is negative or above `high`.
    """

    low: int
    high: int | None

    def __post_init__(self) -> None:
        for name, value in (("low", self.low), ("high", self.high)):
            if not (_is_int(value) or (name == "high" and value is None)):
                raise DataError(f"death toll: {name} is {value!r}, not a whole number")
            if value is not None and value > LARGEST_COUNT:
                raise DataError(f"death toll: {name} is {value}, more than a count can be")
        if self.low < 0 or (self.high is not None and self.high < self.low):
            raise DataError(f"death toll: low {self.low}, high {self.high}: needs 0 <= low <= high")

    def __str__(self) -> str:
        if self.high is None:
            return f"at least {self.low}"
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled piece of an article's text: code points `[start, end)`.

    `entity` groups the spans of an article that mean the same thing; `score` is a probability that a
    model gave, None on annotation.
    """

    start: int
    end: int
    label: str
    entity: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class SpanFault:
    """What is wrong with a span: `code` stands for the kind of fault, `problem` goes on from the span's text."""

    span: Span
    surface: str
    code: str
    problem: str

    def __str__(self) -> str:
        return f"{self.span.label} [{self.span.start}, {self.span.end}) {clip(self.surface)!r} {self.problem}"


class FaultySpansError(DataError):
    """Spans of an article are not as they must be: it holds the fault of each, its message names the first."""

    def __init__(self, article: str, faults: tuple[SpanFault, ...]) -> None:
        super().__init__(article, faults)
        self.article = article
        self.faults = faults

    def __str__(self) -> str:
        return f"article {self.article!r}: {self.faults[0]}"


@dataclass(frozen=True, slots=True)
class Entity:
    """The mentions of an article that mean the same; `name` is the one that names it best.

    `score` is the highest of the mentions' scores, None where they have none: on annotation, and from rules.
    """

    id: str
    label: str
    name: str
    mentions: tuple[str, ...]
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A text with its annotation, or with a model's prediction in its place.

    Spans are kept in order of their start, whatever order they are given in. The invariants are those
    of the annotation guidelines: a span lies in the text, holds something, neither begins nor ends on
    white space, stays within its paragraph and overlaps no other.

    `unknown_labels` are those that nobody looked for all over the text: a span may bear such a label, but that
    none does says nothing. Without any, what lies outside all spans bears no label.

    Raises:
        FaultySpansError: spans break an invariant; names the article and the first offending text.
        DataError: another field is not as it must be.
    """

    id: str
    text: str
    spans: tuple[Span, ...] = ()
    death_toll: Toll | None = None
    entities: tuple[Entity, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    unknown_labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id.strip():
            raise DataError(f"an article needs an id, a string that is not blank: got {self.id!r}")
        if not isinstance(self.text, str):
            raise DataError(f"article {self.id!r}: the text is {type(self.text).__name__}, not a string")
        for name, value in (("id", self.id), ("text", self.text)):
            if not value.isascii() and (lone := re.search("[\ud800-\udfff]", value)):
                raise DataError(f"article {self.id!r}: lone surrogate at {lone.start()} of the {name}: not Unicode")
        unknown = self.unknown_labels
        if not all(isinstance(label, str) and label for label in unknown) or len(set(unknown)) < len(unknown):
            raise DataError(f"article {self.id!r}: unknown labels {list(unknown)}: must be names, all different")
        object.__setattr__(self, "spans", tuple(sorted(self.spans, key=lambda span: (span.start, span.end))))
        if self.spans and (faults := tuple(self._faults())):
            raise FaultySpansError(self.id, faults)

    def _faults(self) -> Iterator[SpanFault]:
        breaks = [match.span() for match in PARAGRAPH_BREAK.finditer(self.text)]
        previous_end = 0
        for span in self.spans:
            if fault := self._fault(span, previous_end=previous_end, breaks=breaks):
                surface = self.text[max(span.start, 0) : max(span.end, 0)]
                yield SpanFault(span, surface, *fault)
            if span.end <= len(self.text):
                previous_end = max(previous_end, span.end)

    def _fault(self, span: Span, *, previous_end: int, breaks: list[tuple[int, int]]) -> tuple[str, str] | None:
        """A code and what the span is or does that it must not, the gravest alone."""
        if not isinstance(span.label, str) or not span.label:
            return "no-label", f"has no label: {span.label!r}"
        if not 0 <= span.start < span.end <= len(self.text):
            return "outside-text", f"is empty or outside the text of {len(self.text)} characters"
        if self.text[span.start].isspace() or self.text[span.end - 1].isspace():
            return "white-space", "begins or ends on white space"
        if span.start < previous_end:
            return "overlap", "overlaps the span before it"
        if any(span.start < start and end < span.end for start, end in breaks):
            return "paragraph", "crosses a paragraph break"
        if span.score is not None and not 0.0 <= span.score <= 1.0:
            return "score", f"has the score {span.score}, which is no probability"
        return None

    def surface(self, span: Span) -> str:
        """The text under a span."""
        return self.text[span.start : span.end]

    def with_fields(self, **changes: Any) -> "Article":
        """A copy with some fields changed, its invariants checked anew."""
        return Article(**{f.name: changes.get(f.name, getattr(self, f.name)) for f in fields(self)})


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
