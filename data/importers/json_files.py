"""Reads objects as annotation tools export them, checks and converts them one by one, and writes such files."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, ValidationError, model_validator

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError, clip, explain
from afteraction.data.files import atomic_write
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.items import parsed, read_items
from afteraction.data.importers.raw import RawArticle
from afteraction.data.importers.record import RECORD_KEY
from afteraction.data.importers.unread import unread_annotation

M = TypeVar("M", bound=BaseModel)


class ToolModel(BaseModel):
    """Base class for the keys that an importer reads. Other keys are ignored: tools add new ones with every release.

    A null counts as an absent key: tools and tables write null for missing values.
    """

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, item: Any) -> Any:
        return {key: value for key, value in item.items() if value is not None} if isinstance(item, dict) else item


def read_objects(
    path: Path,
    model: type[M],
    convert: Callable[[M, str], RawArticle | None],
    *,
    log: ImportLog,
    on_error: OnError,
    prepare: Callable[[Any], Any] = lambda item: item,
    known: Collection[str] = (),
    other_form: Callable[[Any, str], RawArticle | None] | None = None,
) -> Iterator[RawArticle]:
    """Streams the raw articles of a file of objects, in any of the forms of `items.py`.

    Keys that look like annotation but are not among the model's are counted in the log.

    Args:
        path: the file, or a folder of Parquet or Arrow files.
        model: the schema of one object.
        convert: converts an object and its position ("FILE: line 3") to a raw article, or returns None to skip it.
        log: counts what looks like annotation and was not read.
        on_error: called for each invalid object; reading continues with the next one.
        prepare: converts an object of another form to that of the model.
        known: keys that are read besides those of the model.
        other_form: reads an object of another form than the model's, or returns None.

    Raises:
        DataError: the file cannot be read, or begins like a list but is not JSON.
    """
    own = _keys_of(model)
    for where, item in read_items(path):
        try:
            content = prepare(parsed(item))
            raw = other_form(content, where) if other_form else None
            if raw is None:
                raw = convert(model.model_validate(content), where)
            for key in unread_annotation(content, {*own, *known, RECORD_KEY}):
                log.add("keys left out that look like annotation", f"{where}: {key}")
        except ValidationError as error:
            on_error(DataError(f"{where}: {explain(error, model)}"))
        except DataError as error:
            on_error(DataError(f"{where}: {error}"))
        else:
            if raw is not None:
                yield raw


def _keys_of(model: type[BaseModel]) -> set[str]:
    """Returns the names under which a model reads its fields."""
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [alias or field.alias or name]
        keys |= {choice for choice in choices if isinstance(choice, str)}
    return keys


def find_text_key(fields: Mapping[str, Any], *, given: str | None) -> str:
    """Returns the key of an object's text: the given key, or the key of the only string field, or `text`.

    Raises:
        DataError: there is no string under that key, or the choice is not clear (several strings, none of them `text`).
    """
    names = [name for name, value in fields.items() if isinstance(value, str)]
    key = given or (names[0] if len(names) == 1 else "text")
    if key not in names:
        known = clip(", ".join(map(repr, sorted(names)))) or "none"
        raise DataError(f"no text under {key!r}; name its key with --text-key: {known}")
    return key


def default_id(where: str) -> str:
    """Returns the id for an article without one: the file's name and the line or item number, as in `news-3`."""
    path, _, position = where.rpartition(": ")
    return f"{Path(path).name.partition('.')[0]}-{position.split()[-1]}"


def write_lines(articles: Iterable[Article], path: Path, convert: Callable[[Article], dict[str, Any]]) -> int:
    """Writes one JSON object per line and article; returns the number of articles.

    Raises:
        DataError: the file cannot be written.
    """
    count = 0
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        for article in articles:
            stream.write(f"{_formatted(convert(article))}\n")
            count += 1
    return count


def write_list(articles: Iterable[Article], path: Path, convert: Callable[[Article], dict[str, Any]]) -> int:
    """Writes a list of JSON objects, one per article; returns the number of articles.

    Raises:
        DataError: the file cannot be written.
    """
    count = 0
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        for article in articles:
            stream.write(f"{',' if count else '['}\n{_formatted(convert(article))}")
            count += 1
        stream.write("\n]\n" if count else "[]\n")
    return count


def _formatted(item: dict[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False, allow_nan=False)
