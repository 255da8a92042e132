"""Inputs for prediction: files, folders and standard input, as plain text or as articles."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import OnError, is_article_file, read_articles, read_json_lines
from afteraction.data.articles.bundled import PREFIX, resolve
from afteraction.data.errors import DataError

STREAM = "-"
"""The name that means standard input."""

_TABLES = (".csv", ".json", ".tsv", ".xml")
"""Suffixes of structured files that must not be read as plain text."""


def read_inputs(names: Sequence[str], *, stream: BinaryIO | None, on_error: OnError) -> Iterator[Article]:
    """Streams the articles of some inputs.

    - A folder stands for the `.txt` and article files below it, in the order of their names. Links to other folders
      are reported and not followed.
    - An article file gives its articles.
    - Any other file is one article: plain text in UTF-8. Its id is the path as given.
    - `-` reads `stream`: JSON lines if its first line is an article, otherwise one plain text.

    A plain text without a word is reported as unreadable.

    Args:
        names: paths, `bundled:train`, `bundled:dev`, `bundled:test`, or `-`.
        stream: standard input, None if it is closed.
        on_error: called with an error for each line or file that cannot be read. Reading then continues.

    Raises:
        DataError: a name is empty or stands for nothing that exists, a folder has nothing to read, or `-` is given
            while standard input is closed.
    """
    if "" in names:
        raise DataError("an input's name is empty; is a variable of the shell unset?")
    # Check every name before anything is read. None stands for the stream.
    paths = [None if name == STREAM else _path(name) for name in names]
    for path in paths:
        if path is not None and not path.exists():
            raise DataError(f"{path}: no such file or folder")
    for path in paths:
        if path is None:
            if stream is None:
                raise DataError("standard input is closed")
            yield from _read_stream(stream, on_error)
        elif path.is_dir():
            yield from _read_folder(path, on_error)
        else:
            yield from _read_file(path, on_error)


def _path(name: str) -> Path:
    return resolve(name) if name.startswith(PREFIX) else Path(name)


def _read_folder(folder: Path, on_error: OnError) -> Iterator[Article]:
    below = sorted(folder.rglob("*"))
    links = [path for path in below if path.is_symlink() and path.is_dir()]
    files = [path for path in below if not path.is_dir() and (path.suffix.lower() == ".txt" or is_article_file(path))]
    if not files and not links:
        raise DataError(f"{folder}: no .txt and no article file below this folder")
    for link in links:
        on_error(DataError(f"{link}: a link to a folder, not followed; name the folder itself"))
    for file in files:
        yield from _read_file(file, on_error)


def _read_file(path: Path, on_error: OnError) -> Iterator[Article]:
    try:
        if is_article_file(path):
            yield from read_articles(path, on_error=on_error)
        elif path.suffix.lower() in _TABLES:
            raise DataError(f"{path}: neither plain text nor JSON Lines; `afteraction data import` reads other formats")
        else:
            yield _plain(path.read_bytes(), name=str(path))
    except OSError as error:
        on_error(DataError(f"{path}: cannot be read: {error.strerror}"))
    except DataError as error:
        on_error(error)


def _read_stream(stream: BinaryIO, on_error: OnError) -> Iterator[Article]:
    # Read up to the first line that is not blank: it shows the format.
    head = []
    for line in stream:
        head.append(line)
        if line.strip():
            break
    if head and _is_article_line(head[-1]):
        yield from read_json_lines(chain(head, stream), name="standard input", on_error=on_error)
        return
    try:
        yield _plain(b"".join([*head, stream.read()]), name="standard input")
    except DataError as error:
        on_error(error)


def _is_article_line(line: bytes) -> bool:
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and "text" in value


def _plain(content: bytes, *, name: str) -> Article:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}: not UTF-8: byte {error.start} is {content[error.start]:#04x}; convert it first"
        ) from None
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise DataError(f"{name}: holds no text")
    return Article(id=name, text=text)
