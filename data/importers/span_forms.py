"""The forms in which files write spans: objects, triples, columns, and groups by name or by label."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from afteraction.data.errors import DataError, clip
from afteraction.data.importers.raw import RawSpan

STARTS = ("start", "start_offset", "startOffset", "start_char", "char_start", "begin", "BeginOffset", "offset")
ENDS = ("end", "end_offset", "endOffset", "end_char", "char_end", "EndOffset")
LABELS = ("label", "labels", "entity_type", "entity_group", "type", "tag", "role", "category", "Type", "class")
"""The keys of a span's start, end and label in the tools that write objects."""

_SURFACE = ("text", "surface", "word", "mention", "content", "Text")
_SCORE = ("score", "Score", "confidence")


def parse_spans(value: Any) -> list[RawSpan]:
    """Returns the spans of a value from a file, in the file's order.

    These forms are read:

    - objects, `{"start": 0, "end": 9, "label": "A"}`, also with other common names, `length` instead of an end, several
      labels in a list, or `points` with an inclusive end;
    - triples, `[0, 9, "A"]`, also with the label first or with more after the third part;
    - columns, `{"start": [0, 20], "end": [9, 24], "label": ["A", "B"]}`;
    - groups by name, `{"sc": [{...}, {...}]}`, and by label, `{"A": [[0, 9], ...]}`.

    Raises:
        DataError: a part has none of these forms.
    """
    return list(_spans(value, None))


def _spans(value: Any, label: str | None) -> Iterator[RawSpan]:
    """Yields the spans of a value. `label` is for spans without a label."""
    if value is None:
        return
    if isinstance(value, Mapping):
        value = {key: part for key, part in value.items() if part is not None}
        start, end = _first(value, STARTS), _first(value, ENDS)
        if _is_list(start) and _is_list(end):
            yield from _columns(value)
        elif start is not None or "points" in value:
            yield from _object(value, label)
        else:
            for name, group in value.items():
                yield from _spans(group, name)
    elif _is_triple(value):
        yield _triple(value)
    elif label is not None and _is_pair(value):
        yield RawSpan(int(value[0]), int(value[1]), label)
    elif _is_list(value):
        for part in value:
            yield from _spans(part, label)
    else:
        raise DataError(
            f"{clip(repr(value))} is not a span, such as {{'start': 0, 'end': 9, 'label': 'A'}} or [0, 9, 'A']"
        )


def _columns(value: Mapping[str, Any]) -> Iterator[RawSpan]:
    columns = {key: part for key, part in value.items() if _is_list(part)}
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise DataError(f"the columns of spans differ in length: {', '.join(sorted(columns))}")
    for row in zip(*columns.values(), strict=True):
        yield from _object(dict(zip(columns, row, strict=True)), None)


def _object(value: Mapping[str, Any], label: str | None) -> Iterator[RawSpan]:
    """Yields a span for each label of an object, and for each of its `points`."""
    labels = _first(value, LABELS)
    names = labels if isinstance(labels, list) else [label if labels is None else labels]
    if not names or not all(isinstance(name, str | int) and not isinstance(name, bool) for name in names):
        raise DataError(f"the span {clip(repr(dict(value)))} has no label")
    points = value.get("points")
    if points and not (isinstance(points, list) and all(isinstance(point, Mapping) for point in points)):
        raise DataError(f"the span {clip(repr(dict(value)))} has points that are not objects")
    # A point's end is the offset of its last character.
    places = [{**point, "end": (_offset(point.get("end")) or 0) + 1} for point in points] if points else [value]
    for place in places:
        start, end = _offset(_first(place, STARTS)), _offset(_first(place, ENDS))
        length = _offset(place.get("length"))
        if end is None and start is not None and length is not None:
            end = start + length
        if start is None or end is None:
            raise DataError(f"the span {clip(repr(dict(value)))} has no start and end in whole numbers")
        surface, score = _first(place, _SURFACE), _first(value, _SCORE)
        for name in names:
            yield RawSpan(
                start,
                end,
                str(name),
                surface if isinstance(surface, str) else None,
                score=float(score) if isinstance(score, int | float) else None,
            )


def _triple(value: Sequence[Any]) -> RawSpan:
    first, second, third = value[:3]
    if isinstance(first, str):
        return RawSpan(int(second), int(third), first)
    return RawSpan(int(first), int(second), str(third))


def _is_triple(value: Any) -> bool:
    """Returns whether a value is `[start, end, label]` or `[label, start, end]`, whatever follows."""
    if not _is_list(value) or len(value) < 3:
        return False
    first, second, third = value[:3]
    by_offset = _is_offset(first) and _is_offset(second) and isinstance(third, str | int)
    return by_offset or (isinstance(first, str) and _is_offset(second) and _is_offset(third))


def _is_pair(value: Any) -> bool:
    return _is_list(value) and len(value) == 2 and all(map(_is_offset, value))


def _is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_offset(value: Any) -> bool:
    return not isinstance(value, str) and _offset(value) is not None


def _offset(value: Any) -> int | None:
    """Returns a whole number, also if a table wrote it as 9.0 or "9", and None for anything else."""
    if isinstance(value, str):
        return int(value) if value.isdecimal() else None
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    return int(value) if whole else None


def _first(value: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((value[name] for name in names if name in value), None)
