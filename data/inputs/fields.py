"""The keys and columns of a record: which one holds the text, which the id, and what goes to `meta`."""

import base64
import datetime
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from pydantic_core import from_json

from afteraction.data.errors import DataError, clip, nearest
from afteraction.data.inputs.streams import decode

_TEXTS = {"text", "content", "body", "article", "articletext", "articlebody", "fulltext", "maintext", "bodytext"}
_IDS = {"id", "articleid", "docid", "documentid"}
_SHOWN = 12
"""The number of keys that a message names."""

_DEEPEST = 190
"""The maximum nesting depth of a value. JSON readers stop at 200, and `meta` adds some levels."""

_MISSING = ("NAType", "NaTType")
"""The types of the missing values of pandas, which need not be installed."""


@dataclass(frozen=True, slots=True)
class InputFields:
    """The keys of JSON records, and the columns of tables, that hold an article's text, id and title.

    If not given, the text's key is `text`, or the only key with a common name such as `content` or `body`. The id's key
    is `id`, or the only key with a common name such as `article_id`. Case, spaces and underscores do not matter. A
    title is part of the text only if its key is given: it then stands above the text, separated by a blank line.
    """

    text: str | None = None
    id: str | None = None
    title: str | None = None


ANY_FIELDS = InputFields()
"""No key is given, so each is found by its name."""


class UnknownKeysError(DataError):
    """The key of a record's text is unknown or ambiguous."""


class Keys(NamedTuple):
    """The keys of one record that hold its text, its id and its title."""

    text: str
    id: str | None
    title: str | None


@lru_cache(maxsize=1024)
def choose_keys(names: tuple[str, ...], fields: InputFields) -> Keys:
    """Chooses the keys of a record or the columns of a table.

    Raises:
        UnknownKeysError: the text's key is unclear, or the given key is missing.
    """
    text = fields.text or _only(names, "text", _TEXTS)
    if text is None or not names:
        raise UnknownKeysError(_unclear(names))
    if text not in names:
        raise UnknownKeysError(absent(text, "--text-key", names))
    return Keys(text, fields.id or _only(names, "id", _IDS), fields.title)


def unclear_id(names: Iterable[str]) -> str | None:
    """Returns the message that several of the names, and none that is `id`, may be the key of the id, or None."""
    found = [name for name in names if _folded(name) in _IDS]
    if "id" in found or len(found) < 2:
        return None
    return f"which is the id, {' or '.join(map(repr, found))}? Articles are numbered; give its key: --id-key {found[0]}"


def names_text(names: Iterable[str], fields: InputFields) -> bool:
    """Returns whether one or more of the names may be the key of the text."""
    return any(name == fields.text or _folded(name) in _TEXTS for name in names)


def absent(key: str, option: str, names: Iterable[str]) -> str:
    """Returns the message that the key given by an option is missing. It suggests the nearest existing key."""
    return f"no {key!r} ({option}); {nearest(key, names)}"


def text_of(values: Mapping[str, Any], keys: Keys) -> str:
    """Returns the text of a record.

    Raises:
        DataError: the record has no text, or another type of value in its place.
    """
    text = values.get(keys.text)
    if isinstance(text, bytes):
        text = decode(text, place=repr(keys.text))
    if text is None or (isinstance(text, str) and not text.strip()):
        raise DataError(f"no text: {keys.text!r} is {'missing or null' if text is None else 'blank'}")
    if not isinstance(text, str):
        raise DataError(f"{keys.text!r} is not a text but {clip(repr(text))}; give the text's key with --text-key")
    return text


def title_of(values: Mapping[str, Any], keys: Keys) -> str | None:
    """Returns the title that belongs above the text of a record, or None if there is none.

    Raises:
        DataError: the title is not a string.
    """
    title = values.get(keys.title) if keys.title else None
    if isinstance(title, bytes):
        title = decode(title, place=repr(keys.title))
    if title is not None and not isinstance(title, str):
        raise DataError(f"{keys.title!r} is not a title but {clip(repr(title))}")
    return title.strip() or None if title else None


def id_of(values: Mapping[str, Any], keys: Keys) -> str | None:
    """Returns the id of a record as text, or None if it has none.

    Raises:
        DataError: the value cannot be an id.
    """
    value = values.get(keys.id) if keys.id else None
    if isinstance(value, dict) and value.keys() == {"$oid"}:  # as MongoDB exports it
        value = value["$oid"]
    value = plain(value)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise DataError(f"{keys.id!r} is not an id but {clip(repr(value))}; give the id's key with --id-key")
    # A column of whole numbers with a missing value holds 7 as 7.0.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def meta_of(values: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
    """Returns the rest of a record, in a form that JSON can hold.

    The text is left out, and so is an id whose key is `id`. The keys of an object `meta` are merged with the others,
    unless one of them is also a key of the record.
    """
    rest = {
        plain(name): plain(value)
        for name, value in values.items()
        if name != keys.text and not (name == "id" and keys.id == "id")
    }
    if rest.get("meta", "") is None:
        del rest["meta"]
    inner = _object(rest.get("meta"))
    if inner is None or (inner.keys() & rest.keys()) - {"meta"}:
        return rest
    del rest["meta"]
    return inner | rest


def plain(value: Any, *, level: int = 0) -> Any:
    """Returns a value in a form that JSON can hold.

    Dates and times become ISO text, exact decimals become text, and NaN, infinities and pandas' missing values become
    None. Bytes become text, or base64 if they are not UTF-8. Numbers and arrays of NumPy become numbers and lists.

    Args:
        value: the value.
        level: the number of objects and lists around it.

    Raises:
        DataError: it is nested too deeply.
    """
    if isinstance(value, np.number | np.bool_ | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, int):  # bool is an int
        return value
    if type(value).__name__ in _MISSING:
        return None
    if isinstance(value, str):
        # A truncated text may end in half a surrogate pair, which could not be written again.
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict | list | tuple):
        if level == _DEEPEST:
            raise DataError(f"nested too deeply: more than {_DEEPEST} levels")
        if isinstance(value, dict):
            return {str(plain(name)): plain(item, level=level + 1) for name, item in value.items()}
        return [plain(item, level=level + 1) for item in value]
    if isinstance(value, datetime.date | datetime.time):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    return str(value)


def _object(value: Any) -> dict[str, Any] | None:
    """Returns an object, or one written as JSON in a cell, and None for any other value."""
    if isinstance(value, str):
        try:
            value = plain(from_json(value))
        except ValueError:
            return None
    return value if isinstance(value, dict) else None


def _only(names: Iterable[str], key: str, common: set[str]) -> str | None:
    """Returns `key` if it is among the names, or the only common name among them, or None."""
    found = [name for name in names if _folded(name) in common]
    return key if key in found else found[0] if len(found) == 1 else None


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _unclear(names: tuple[str, ...]) -> str:
    found = [name for name in names if _folded(name) in _TEXTS]
    if found:
        return f"which is the text, {' or '.join(map(repr, found))}? Give its key: --text-key {found[0]}"
    shown = ", ".join(repr(clip(name)) for name in names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return f"no 'text' among the keys {shown}; give the text's key with --text-key" if names else "no keys at all"
