"""Converts offsets from the units of annotation tools to code points."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import regex

from afteraction.data.errors import DataError, clip
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.raw import RawArticle, RawSpan, Units

_CLUSTER = regex.compile(r"\X")
"""An extended grapheme cluster (Unicode Standard Annex 29)."""


def in_code_points(raw: RawArticle, log: ImportLog) -> tuple[RawSpan, ...]:
    """Returns an article's spans with offsets in code points, each checked against its surface.

    If the article does not name its units, the first units that all its spans fit are used, in the order of `Units`.
    A span fits if it lies within the text and the text there equals its surface, up to white space. If the spans fit no
    units and the article allows it, a surface may be a part of the text there; each such span is counted in the log.

    Raises:
        DataError: the spans fit no units; or they fit several with different results, and a span has no surface.
    """
    candidates = [raw.units] if raw.units else [Units.CODE_POINTS, *_other_units(raw.text)]
    fitting: list[tuple[RawSpan, ...]] = []
    faults: list[DataError] = []
    for units in candidates:
        try:
            fitting.append(_converted(raw, units))
        except DataError as error:
            faults.append(error)
    if not fitting and raw.partial_surfaces:
        for units in candidates:
            with suppress(DataError):
                return _counted(raw, _converted(raw, units, partial=True), log)
    if not fitting:
        raise DataError(f"{faults[0]} (tried {', '.join(candidates)})")
    if len(set(fitting)) > 1 and any(span.surface is None for span in raw.spans):
        raise DataError(
            f"article {raw.id!r}: the file gives no text for its spans, and its offsets may count "
            f"{' or '.join(candidates)}: say which with --units"
        )
    return fitting[0]


def _other_units(text: str) -> list[Units]:
    """Returns the units in which offsets into a text differ from code points."""
    others = []
    if not text.isascii() and max(text) > "\uffff":
        others.append(Units.UTF16)
    if "\r\n" in text:
        others.append(Units.CRLF_AS_ONE)
    if not text.isascii() and len(_positions(text, Units.GRAPHEMES)) <= len(text):
        others.append(Units.GRAPHEMES)
    return others


def _counted(raw: RawArticle, spans: tuple[RawSpan, ...], log: ImportLog) -> tuple[RawSpan, ...]:
    for span in spans:
        found = raw.text[span.start : span.end]
        if span.surface is not None and span.surface.split() != found.split():
            log.add(
                "spans whose text in the file is a part of the text at their offsets, which count",
                f"article {raw.id!r}: {span.label} {clip(found)!r}, in the file {clip(span.surface)!r}",
            )
    return spans


def _converted(raw: RawArticle, units: Units, *, partial: bool = False) -> tuple[RawSpan, ...]:
    positions = _positions(raw.text, units)
    spans = []
    for span in raw.spans:
        where = f"article {raw.id!r}: {span.label} [{span.start}, {span.end})"
        if not 0 <= span.start <= span.end < len(positions):
            raise DataError(f"{where} is outside the text of {len(positions) - 1} {units}")
        start, end = positions[span.start], positions[span.end]
        if start is None or end is None:
            raise DataError(f"{where} begins or ends within a character")
        if span.surface is not None and not _fits(span.surface, found := raw.text[start:end], partial=partial):
            raise DataError(f"{where} is {clip(span.surface)!r} in the file, but the text there is {clip(found)!r}")
        spans.append(replace(span, start=start, end=end))
    return tuple(spans)


def _fits(surface: str, found: str, *, partial: bool) -> bool:
    given, there = surface.split(), found.split()
    return given == there or (partial and bool(given) and " ".join(given) in " ".join(there))


def _positions(text: str, units: Units) -> Sequence[int | None]:
    """Maps each offset in the given units to one in code points, or to None if it is within a character."""
    if units is Units.CODE_POINTS:
        return range(len(text) + 1)
    if units is Units.GRAPHEMES:
        return [*(cluster.start() for cluster in _CLUSTER.finditer(text)), len(text)]
    positions: list[int | None] = []
    previous = ""
    for index, character in enumerate(text):
        if not (units is Units.CRLF_AS_ONE and previous + character == "\r\n"):
            positions.append(index)
        if units is Units.UTF16 and character > "\uffff":
            positions.append(None)
        previous = character
    return [*positions, len(text)]
