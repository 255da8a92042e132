"""Finds what looks like annotation in an object, so that no import leaves it out silently."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from afteraction.data.importers.span_forms import ENDS, LABELS, STARTS

_NAMES = {"accept", "cats", "choices", "label", "labels"}
"""Keys that have annotation whatever their value is."""
_PARTS = re.compile(
    r"annotat|answer|argument|chain|cluster|coref|draft|entit|event|extract|label|link|mention|predict|relation|response|"
    r"slot|span|suggest|(?:^|_)(?:ents?|ner|tags?)(?:$|_)|templat|trigger",
    re.IGNORECASE,
)
"""Parts of the names of keys that have annotation if their value is a list or an object."""
_TAG = re.compile(r"[BIESLUMW][-_]\w.*|O")
_ENOUGH = 50
"""The number of items of a list that are examined."""


def unread_annotation(item: Any, read: Collection[str]) -> Iterator[str]:
    """Yields the keys of an object that look like annotation and are not among those that were read.

    A key looks like annotation if it has one of the common names and is not empty, or if its value has labelled offsets
    or tags in it.
    """
    if isinstance(item, dict):
        for key, value in item.items():
            if key in read or not value:
                continue
            named = key in _NAMES or (isinstance(value, list | dict) and _PARTS.search(key))
            if named or looks_like_annotation(value):
                yield key


def looks_like_annotation(value: Any) -> bool:
    """Returns whether a value has labelled offsets, `[start, end, label]` or B and I tags in it, at any depth."""
    if isinstance(value, dict):
        offsets = any(key in value for key in STARTS) and any(key in value for key in (*ENDS, "length"))
        return (offsets and any(key in value for key in LABELS)) or any(map(looks_like_annotation, value.values()))
    if not isinstance(value, list) or not value:
        return False
    if len(value) >= 3 and {type(part) for part in value[:3]} == {int, str}:
        numbers = [part for part in value[:3] if isinstance(part, int)]
        return len(numbers) == 2 and numbers[0] <= numbers[1]
    if all(isinstance(part, str) for part in value):
        return any(part != "O" for part in value) and all(_TAG.fullmatch(part) for part in value)
    return any(map(looks_like_annotation, value[:_ENOUGH]))
