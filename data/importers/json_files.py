"""Files of JSON objects as annotation tools export them: one object per line, or all in one list."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError, explain, first_line
from afteraction.data.files import atomic_write, numbered_lines
from afteraction.data.importers.raw import RawArticle

M = TypeVar("M", bound=BaseModel)


class ToolModel(BaseModel):
    """Base class for the keys that an importer reads. Other keys are ignored: tools add new ones with every release."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


def read_objects(
    path: Path, model: type[M], convert: Callable[[M, str], RawArticle | None], *, on_error: OnError
) -> Iterator[RawArticle]:
    """Streams the raw articles of a file of JSON objects.

    The file may be compressed. One object per line is read line by line; a list is read as a whole.

    Args:
        path: the file.
        model: the schema of one object.
        convert: converts an object and its position ("FILE: line 3") to a raw article, or returns None to skip it.
        on_error: is called for each invalid object; reading continues with the next one.

    Raises:
        DataError: the file cannot be read, or begins like a list but is not JSON.
    """
    for where, item in _items(path):
        try:
            raw = convert(model.model_validate(_parsed(item)), where)
        except ValidationError as error:
            on_error(DataError(f"{where}: {explain(error, model)}"))
        except DataError as error:
            on_error(DataError(f"{where}: {error}"))
        else:
            if raw is not None:
                yield raw


def find_text_key(fields: Mapping[str, Any], *, given: str | None) -> str:
    """Returns the key of an object's text: the given key, else the key of the only string field, else `text`.

    Raises:
        DataError: there is no string under that key, or the choice is not clear (several strings, none of them `text`).
    """
    names = [name for name, value in fields.items() if isinstance(value, str)]
    key = given or (names[0] if len(names) == 1 else "text")
    if key not in names:
        raise DataError(f"no text under {key!r}; name its key with --text-key: {', '.join(sorted(names)) or 'none'}")
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


def _items(path: Path) -> Iterator[tuple[str, object]]:
    """Yields the items of a list, or else the unparsed lines, each with its position ("FILE: line 3")."""
    lines = numbered_lines(path)
    for number, line in lines:
        if number == 1 and line.lstrip().startswith(b"["):
            whole = b"\n".join([line, *(rest for _, rest in lines)])
            for index, item in enumerate(_parsed_list(path, whole), start=1):
                yield f"{path}: item {index}", item
        elif line.strip():
            yield f"{path}: line {number}", line


def _parsed_list(path: Path, content: bytes) -> Any:
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise DataError(f"{path}: begins as a list, but is not JSON: {first_line(error)}") from None


def _parsed(item: object) -> object:
    """Returns an item; one that is a line (bytes) is parsed first."""
    if not isinstance(item, bytes):
        return item
    try:
        return from_json(item, allow_inf_nan=False)
    except ValueError as error:
        raise DataError(f"not JSON, neither a list of objects nor one a line: {first_line(error)}") from None


def _formatted(item: dict[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False, allow_nan=False)
