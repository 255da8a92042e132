"""Annotation as a file gives it, before any rule is applied to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from afteraction.data.articles.article import Entity, Toll


class Units(StrEnum):
    """What an offset counts."""

    CODE_POINTS = "code-points"
    """Unicode code points, as Python does."""
    UTF16 = "utf-16"
    """UTF-16 code units, as JavaScript and Java do: most emoji are two."""
    CRLF_AS_ONE = "crlf-as-one"
    """Code points, but a carriage return with its line feed is one: the offsets were counted before the line ends
    were changed, or by a program that changes them as it reads."""
    GRAPHEMES = "graphemes"
    """What one sees as a character, as doccano counts if a project says so: an emoji with its skin, a letter with its
    accents, a carriage return with its line feed."""


@dataclass(frozen=True, slots=True)
class RawSpan:
    """A labelled span as a file gives it, which may overlap others, be blank, or lie beside its surface.

    `[start, end)` counts the units of the article; `surface` is what the file says is there, None if it doesn't say.
    """

    start: int
    end: int
    label: str
    surface: str | None = None
    entity: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class RawArticle:
    """An annotated text as a file gives it, its spans in the file's order.

    `units` are those of the spans' offsets, None if they must be found out by the surfaces; `source` is the file,
    and the line in it, for errors.
    """

    id: str
    text: str
    spans: tuple[RawSpan, ...] = ()
    death_toll: Toll | None = None
    entities: tuple[Entity, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    unknown_labels: tuple[str, ...] = ()
    units: Units | None = Units.CODE_POINTS
    source: str = ""
