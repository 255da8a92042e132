"""Errors that a person can act on, and the words that they are put in.

    InputError                  what a person gave is wrong: an argument, a config, a file
    ├── DataError               an article, or the file that it came from
    │   └── FaultySpansError    the spans of an article (in articles/article.py)
    ├── ConfigError             a training config (in train)
    └── ModelError              a model folder or an encoder (in model)

The message of each is one line that names the file, line or key and the remedy.
"""

import difflib
from collections.abc import Iterable
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError


class InputError(ValueError):
    """What a person gave is wrong: an argument, a config, a file. The message is one line."""


class DataError(InputError):
    """An article, or the file that it came from, is not as it must be."""


def first_line(error: BaseException) -> str:
    """The first line of an error's message, or the error's type if it has none."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def nearest(name: str, choices: Iterable[str]) -> str:
    """A hint at the right name for a wrong one: the nearest choice, or all of them."""
    known = sorted(choices)
    match = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {match[0]!r}?" if match else f"known: {', '.join(known)}"


def clip(text: str, *, length: int = 60) -> str:
    """The text, cut to `length` characters where it is longer, the last of them an ellipsis."""
    return text if len(text) <= length else text[: length - 1] + "…"


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """The first fault of a validation as one line; `model` is the class that refused the input."""
    errors = error.errors(include_url=False)
    # A misspelt key is often a missing one too; the misspelling says more.
    first = next((fault for fault in errors if fault["type"] == "extra_forbidden"), errors[0])
    location = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        fields = _fields_at(model, first["loc"][:-1])
        return f"unknown key {location!r}; {nearest(str(first['loc'][-1]), fields)}"
    if first["type"] == "missing":
        return f"the key {location!r} is missing"
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "model_type":  # which names our class, where JSON's own fault does not
        message = "input should be an object"
    if first["type"] == "tuple_type":  # Python's name for what is a list in YAML
        message = "input should be a list, as in [a, b]"
    message = message[:1].lower() + message[1:]
    if not location:
        return message
    return f"{location}: {message}, got {clip(repr(first['input']))}"


def _fields_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The field names of the model that a location leads to, through optional and list types."""
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            inner = _model_in(model.model_fields[part].annotation)
            if inner is not None:
                model = inner
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, list, tuple):
        return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
    return None
