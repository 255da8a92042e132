"""Errors that a user can act on, and helpers that word them.

    InputError                  wrong input from the user: an argument, a config, a file
    ├── DataError               an article, or the file that it came from
    │   ├── FaultySpansError    the spans of an article (in articles/article.py)
    │   └── InputNotice         not a fault: something a reader did that the user should know
    ├── ConfigError             a training config (in train)
    └── ModelError              a model folder or an encoder (in model)

Each message is one line that names the file, line or key and the remedy.
"""

import difflib
from collections.abc import Iterable
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails


class InputError(ValueError):
    """The user's input is wrong: an argument, a config or a file. The message is one line."""


class DataError(InputError):
    """An article, or the file that it came from, is invalid."""

    article: str | None = None
    """The id of the article, if it is known."""


class InputNotice(DataError):  # noqa: N818
    """Something a reader did that the user should know. Nothing is wrong or lost, so no command fails because of it.

    Readers pass it to `on_error` like an error.
    """


def first_line(error: BaseException) -> str:
    """Returns the first line of an error's message, or the name of its type if the message is empty."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def last_line(error: BaseException) -> str:
    """Returns the last line of an error's message, or the name of its type if the message is empty."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]


def nearest(name: str, choices: Iterable[str]) -> str:
    """Returns a hint for a wrong name: the nearest choice, or all choices if none is near."""
    names = sorted(choices)
    match = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {match[0]!r}?" if match else f"known: {', '.join(names)}"


def clip(text: str, *, length: int = 60) -> str:
    """Cuts a text to `length` characters, ending in an ellipsis. Shorter texts are returned unchanged."""
    return text if len(text) <= length else text[: length - 1] + "…"


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """Describes the first fault of a validation in one line.

    Args:
        error: the error that pydantic raised.
        model: the class that rejected the input.
    """
    first = _first_fault(error)
    location = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        fields = _fields_at(model, first["loc"][:-1])
        return f"unknown key {location!r}; {nearest(str(first['loc'][-1]), fields)}"
    if first["type"] == "missing":
        return f"the key {location!r} is missing"
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "model_type":  # pydantic's message names our class
        message = "input should be an object"
    if first["type"] == "tuple_type":  # a tuple in Python is a list in YAML
        message = "input should be a list, as in [a, b]"
    message = message[:1].lower() + message[1:]
    if not location:
        return message
    return f"{location}: {message}, got {clip(repr(first['input']))}"


def fault_location(error: ValidationError) -> tuple[int | str, ...]:
    """Returns the keys and indexes that lead to the fault that `explain` describes."""
    return _first_fault(error)["loc"]


def _first_fault(error: ValidationError) -> ErrorDetails:
    errors = error.errors(include_url=False)
    # A misspelt key is often reported as a missing key too. The misspelling says more.
    return next((fault for fault in errors if fault["type"] == "extra_forbidden"), errors[0])


def _fields_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Returns the field names of the model that a location leads to, through optional, list and dict types."""
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            inner = _model_in(model.model_fields[part].annotation)
            if inner is not None:
                model = inner
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Returns the first pydantic model in a type annotation, or None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, dict, list, tuple):
        return next((inner for part in get_args(annotation) if (inner := _model_in(part))), None)
    return None
