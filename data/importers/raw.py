"""Annotation as written in a file, before the import rules are applied."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from afteraction.data.articles.article import Entity, Toll


class Units(StrEnum):
    """The unit in which offsets are counted."""

    CODE_POINTS = "code-points"
    """Unicode code points, as in Python."""
    UTF16 = "utf-16"
    """UTF-16 code units, as in JavaScript and Java: most emoji count as two."""
    CRLF_AS_ONE = "crlf-as-one"
    """Code points, with a carriage return and its line feed counted as one. Such offsets were counted before the line
    ends were converted, or by a program that converts them while reading."""
    GRAPHEMES = "graphemes"
    """User-perceived characters, an option of doccano's projects: an emoji with its skin tone, a letter with its
    accents, a carriage return with its line feed."""


@dataclass(frozen=True, slots=True)
class RawSpan:
    """A labelled span as written in a file: it may overlap others, be blank, or not match its surface.

    `[start, end)` is half-open and counts the article's units.
    `surface` is the text that the file gives for the span, or None if it gives none.
    """

    start: int
    end: int
    label: str
    surface: str | None = None
    entity: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class RawArticle:
    """An annotated text as written in a file, with its spans in the file's order.

    `units` are the units of the spans' offsets, or None if they have to be inferred from the surfaces.
    `partial_surfaces` says that a span's surface may be only a part of the text at its offsets.
    `source` is the file and line, for error messages.
    """

    id: str
    text: str
    spans: tuple[RawSpan, ...] = ()
    death_toll: Toll | None = None
    entities: tuple[Entity, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    unknown_labels: tuple[str, ...] = ()
    units: Units | None = Units.CODE_POINTS
    partial_surfaces: bool = False
    source: str = ""
