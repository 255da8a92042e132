"""Checks that an article's text is not an address, JSON, or another form that only looks like text."""

import re
from collections.abc import Mapping
from typing import Any

from afteraction.data.errors import DataError, clip
from afteraction.data.inputs.fields import ANY_FIELDS, UnknownKeysError, names_text
from afteraction.data.inputs.forms import starts_as_json

_LONGEST_ADDRESS = 2000
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|www\.)\S+"  # https://..., s3://...
    r"|/data/(?:upload|local-files)/.*"  # where Label Studio stores a task's file, whose name may have spaces
    r"|(?:/|\.{1,2}/|~/|[a-z]:[\\/])\S+"
    r"|[\w./\\%~-]+\.(?:txt|html?|pdf|docx?|rtf|json|xml|csv)(?:\?\S*)?",
    re.IGNORECASE,
)

_TASK = {"annotations", "completions", "predictions"}
"""A Label Studio task has at least one of these keys besides `data`."""

_ELEMENT = re.compile(r"\s*(?:<!DOCTYPE[^<>]*>\s*)?<([A-Za-z_][\w:.-]*)(?:\s[^<>]*)?>", re.IGNORECASE)


def check_no_task(values: Mapping[str, Any]) -> None:
    """Checks that a record is not a task of an annotation tool, in which the text is nested.

    Raises:
        UnknownKeysError: it is a Label Studio task.
    """
    data = values.get("data")
    if not isinstance(data, dict) or values.keys().isdisjoint(_TASK):
        return
    for value in data.values():
        if isinstance(value, str) and (address := _address(value)):
            raise UnknownKeysError(
                f"a task of Label Studio that has its text's address, {clip(address)!r}, not the text; give the file "
                "that was uploaded there"
            )
    raise UnknownKeysError(
        "a task of Label Studio, not an article; `afteraction data import label-studio` reads such an export"
    )


def list_within(values: Mapping[str, Any]) -> str | None:
    """Returns the message that an object stands around a list of articles, as APIs answer with, or None if it does not.

    Args:
        values: an object without a text.
    """
    if names_text(values, ANY_FIELDS):
        return None
    inner = dict(values)
    for key, value in values.items():
        if isinstance(value, dict):
            inner |= {f"{key}.{name}": item for name, item in value.items()}
    for path, value in inner.items():
        first = value[0] if isinstance(value, list) and value else None
        if isinstance(first, dict) and names_text(first, ANY_FIELDS):
            return f"an object around a list of articles, {path!r}; take the list out, for example with jq"
    return None


def check_text(text: str) -> None:
    """Checks that a text can be the text of an article.

    Raises:
        DataError: it is the address of a file or a page, JSON, XML, or the source of a word processor's file.
    """
    if address := _address(text):
        raise DataError(
            f"the text is an address, {clip(address)!r}, not the text that is there; export or download the texts "
            "themselves"
        )
    beginning = text.lstrip()[:8]
    if beginning.startswith("{\\rtf"):
        raise DataError("the text is RTF; convert it to plain text first")
    if beginning.startswith(("{", "[")) and starts_as_json(_first_line(text)):
        raise DataError("the text is JSON, not an article; let a file's name end in .json or .jsonl")
    if (element := _ELEMENT.match(text)) and f"</{element[1]}>" in text:
        raise DataError("the text is XML; only its texts can be read, from .txt, .html or .jsonl files")


def _address(text: str) -> str | None:
    """Returns a stripped text if it is only the address of a file or a page, and None otherwise."""
    if len(text) > _LONGEST_ADDRESS:
        return None
    stripped = text.strip()
    return stripped if _ADDRESS.fullmatch(stripped) else None


def _first_line(text: str) -> bytes:
    return text.lstrip().partition("\n")[0].encode("utf-8", "replace")
