"""The article type that all rooms exchange: frozen dataclasses that check their invariants when constructed."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from afteraction.data.errors import DataError, clip

LARGEST_COUNT = 2**63 - 1
"""The largest count that fits into a 64-bit integer column."""

LONGEST_TEXT = 10_000_000
"""The maximum number of characters of a text, several times the length of the longest novels. On longer texts, a
tokenizer may run out of memory and end the process."""

PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*\n")
"""A blank line, with or without white space in it. CRLF counts as a line end."""


_LONGEST_SURFACE = 1000
"""How many characters of a faulty span its fault quotes. In a broken file, every span may be as long as the text."""


@dataclass(frozen=True, slots=True)
class Toll:
    """The number of people killed, as a closed range. If `high` is None, there is no upper limit.

    Raises:
        DataError: a limit is not a whole number or is too large, or `low` is negative or above `high`.
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
    """A labelled range of an article's text: code points `[start, end)`.

    `entity` is shared by the spans of an article that refer to the same thing. `score` is the model's probability for
    the span, None for annotated spans.
    """

    start: int
    end: int
    label: str
    entity: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class SpanFault:
    """One fault of a span.

    `surface` is the text of the span, or the beginning of a very long one. `code` names the kind of fault. `problem` is
    a phrase that follows the span's text in a message.
    """

    span: Span
    surface: str
    code: str
    problem: str

    def __str__(self) -> str:
        return f"{self.span.label} [{self.span.start}, {self.span.end}) {clip(self.surface)!r} {self.problem}"


class FaultySpansError(DataError):
    """Some spans of an article are invalid. `faults` has one fault per invalid span; the message names the first."""

    def __init__(self, article: str, faults: tuple[SpanFault, ...]) -> None:
        super().__init__(article, faults)
        self.article = article
        self.faults = faults

    def __str__(self) -> str:
        return f"article {self.article!r}: {self.faults[0]}"


@dataclass(frozen=True, slots=True)
class Entity:
    """A group of mentions in an article that refer to the same thing. `name` is the most informative mention.

    `score` is the highest score of the mentions.
    It is None if they have no scores, as in annotation and in the output of rules.
    """

    id: str
    label: str
    name: str
    mentions: tuple[str, ...]
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A text with its annotation, or with a model's prediction.

    Spans are sorted by their start, whatever order they are given in. As in the annotation guidelines, every span must
    be non-empty and inside the text, must not begin or end on white space, must not cross a paragraph break, and must
    not overlap another span.

    `unknown_labels` are the labels that were not annotated throughout the text. Spans may still have one of these
    labels, but text outside the spans may have it too. If there are no unknown labels, text outside all spans has no
    label.

    `death_toll_score` is the model's probability that `death_toll` is right. If that is None, it is the probability
    that there is no figure. None in annotation and in the output of rules.

    Raises:
        FaultySpansError: spans break an invariant. The message names the article and the first offending text.
        DataError: another field is invalid.
    """

    id: str
    text: str
    spans: tuple[Span, ...] = ()
    death_toll: Toll | None = None
    entities: tuple[Entity, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    unknown_labels: tuple[str, ...] = ()
    death_toll_score: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id.strip():
            raise DataError(f"an article needs an id, a string that is not blank: got {self.id!r}")
        if not isinstance(self.text, str):
            raise DataError(f"article {self.id!r}: the text is {type(self.text).__name__}, not a string")
        if len(self.text) > LONGEST_TEXT:
            raise DataError(
                f"article {self.id!r}: the text has {len(self.text):,} characters, more than {LONGEST_TEXT:,}; "
                "cut it into its articles"
            )
        for name, value in (("id", self.id), ("text", self.text)):
            if not value.isascii() and (lone := re.search("[\ud800-\udfff]", value)):
                raise DataError(f"article {self.id!r}: lone surrogate at {lone.start()} of the {name}: not Unicode")
        if self.death_toll_score is not None and not 0.0 <= self.death_toll_score <= 1.0:
            raise DataError(f"article {self.id!r}: the death toll's score is {self.death_toll_score}, no probability")
        unknown = self.unknown_labels
        if not all(isinstance(label, str) and label for label in unknown) or len(set(unknown)) < len(unknown):
            raise DataError(f"article {self.id!r}: unknown labels {list(unknown)}: must be names, all different")
        object.__setattr__(self, "spans", tuple(sorted(self.spans, key=lambda span: (span.start, span.end))))
        if self.spans and (faults := tuple(self._faults())):
            raise FaultySpansError(self.id, faults)

    def _faults(self) -> Iterator[SpanFault]:
        """Streams at most one fault per span."""
        breaks = [match.span() for match in PARAGRAPH_BREAK.finditer(self.text)] if "\n" in self.text else []
        previous_end = 0
        for span in self.spans:
            if fault := self._fault(span, previous_end=previous_end, breaks=breaks):
                start = max(span.start, 0)
                yield SpanFault(span, self.text[start : min(max(span.end, 0), start + _LONGEST_SURFACE)], *fault)
            # A span past the end of the text would make every later span overlap it.
            if span.end <= len(self.text):
                previous_end = max(previous_end, span.end)

    def _fault(self, span: Span, *, previous_end: int, breaks: list[tuple[int, int]]) -> tuple[str, str] | None:
        """Returns the most serious fault of a span as `(code, problem)`, or None."""
        if not isinstance(span.label, str) or not span.label:
            return "no-label", f"has no label: {span.label!r}"
        if not 0 <= span.start < span.end <= len(self.text):
            return "outside-text", f"is empty or outside the text of {len(self.text)} characters"
        if self.text[span.start].isspace() or self.text[span.end - 1].isspace():
            return "white-space", "begins or ends on white space"
        if span.start < previous_end:
            return "overlap", "overlaps the span before it"
        following = bisect_right(breaks, (span.start, len(self.text)))
        if following < len(breaks) and breaks[following][1] < span.end:
            return "paragraph", "crosses a paragraph break"
        if span.score is not None and not 0.0 <= span.score <= 1.0:
            return "score", f"has the score {span.score}, which is not a probability"
        return None

    def surface(self, span: Span) -> str:
        """Returns the text of a span."""
        return self.text[span.start : span.end]

    def with_fields(self, **changes: Any) -> "Article":
        """Returns a copy with some fields changed. Checks the invariants again."""
        return Article(**{f.name: changes.get(f.name, getattr(self, f.name)) for f in fields(self)})


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
