"""Files of JSON objects, as annotation tools export them: one a line, or all in a list."""

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

_ZIP = b"PK\3\4"


class ToolModel(BaseModel):
    """The keys of a tool's object that matter here; tools add others with every release."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


def read_objects(
    path: Path, model: type[M], convert: Callable[[M, str], RawArticle | None], *, on_error: OnError
) -> Iterator[RawArticle]:
    """Streams the raw articles of a file of JSON objects, plain or compressed; only a list is read whole.

    Args:
        path: the file.
        model: what an object must be.
        convert: makes an article of an object and of where it stands ("FILE: line 3"), None to pass it over.
        on_error: is told of each object that is not as it must be; the others go on.

    Raises:
        DataError: the file cannot be read, or begins as a list that is not JSON.
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
    """The key of the text among an object's fields: the one given, else that of the only string, else `text`.

    Raises:
        DataError: there is no string of that key, or it is not clear which.
    """
    names = [name for name, value in fields.items() if isinstance(value, str)]
    key = given or (names[0] if len(names) == 1 else "text")
    if key not in names:
        raise DataError(f"no text under {key!r}; name its key with --text-key: {', '.join(sorted(names)) or 'none'}")
    return key


def default_id(where: str) -> str:
    """The id of an article whose file gives none: the file's name and the place in it, as in `news-3`."""
    path, _, place = where.rpartition(": ")
    return f"{Path(path).name.partition('.')[0]}-{place.split()[-1]}"


def write_lines(articles: Iterable[Article], path: Path, convert: Callable[[Article], dict[str, Any]]) -> int:
    """Writes a JSON object a line for each article; returns how many.

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
    """Writes a list of JSON objects, one for each article; returns how many.

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
    """The objects of a list, or else the lines, not yet parsed, each with where it stands."""
    lines = numbered_lines(path)
    for number, line in lines:
        if number == 1 and line.lstrip().startswith(b"["):
            whole = b"\n".join([line, *(rest for _, rest in lines)])
            for place, item in enumerate(_parsed_list(path, whole), start=1):
                yield f"{path}: item {place}", item
        elif line.strip():
            yield f"{path}: line {number}", line


def _parsed_list(path: Path, content: bytes) -> Any:
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise DataError(f"{path}: begins as a list, but is not JSON: {first_line(error)}") from None


def _parsed(item: object) -> object:
    """An object, from its line if it stood on one."""
    if not isinstance(item, bytes):
        return item
    try:
        return from_json(item, allow_inf_nan=False)
    except ValueError as error:
        raise DataError(f"not JSON, neither a list of objects nor one a line: {first_line(error)}") from None


def _formatted(item: dict[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False, allow_nan=False)
