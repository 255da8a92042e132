"""What people hand over to be labelled: files, folders and streams, plain text or articles."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from afteraction.data.article import Article, DataError
from afteraction.data.formats import OnError, is_article_file, read_articles, read_json_lines

STREAM = "-"
"""The name that means standard input."""


def read_inputs(names: Sequence[str], *, stream: BinaryIO, on_error: OnError) -> Iterator[Article]:
    """Streams the articles of some inputs.

    A folder stands for the `.txt` and article files below it, in the order of their names. An article file
    gives its articles, any other file is one article in plain text, UTF-8, whose id is its path as given.
    `-` reads `stream`: JSON lines if its first line is an article's, else one plain text.

    Args:
        names: paths, or `-`.
        stream: what `-` means.
        on_error: is told of each line and file that cannot be read; the others go on.

    Raises:
        DataError: a name is neither a file nor a folder, or a folder holds nothing to read.
    """
    paths = [None if name == STREAM else Path(name) for name in names]
    for path in paths:
        if path is not None and not path.exists():
            raise DataError(f"{path}: no such file or folder")
    for path in paths:
        if path is None:
            yield from _read_stream(stream, on_error)
        elif path.is_dir():
            files = sorted(file for file in path.rglob("*") if _is_readable(file))
            if not files:
                raise DataError(f"{path}: no .txt and no article file below this folder")
            for file in files:
                yield from _read_file(file, on_error)
        else:
            yield from _read_file(path, on_error)


def _is_readable(path: Path) -> bool:
    return not path.is_dir() and (path.suffix.lower() == ".txt" or is_article_file(path))


def _read_file(path: Path, on_error: OnError) -> Iterator[Article]:
    try:
        if is_article_file(path):
            yield from read_articles(path, on_error=on_error)
        else:
            yield _plain(path.read_bytes(), name=str(path))
    except OSError as error:
        on_error(DataError(f"{path}: cannot be read: {error.strerror}"))
    except DataError as error:
        on_error(error)


def _read_stream(stream: BinaryIO, on_error: OnError) -> Iterator[Article]:
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
    return Article(id=name, text=text.removeprefix("\ufeff"))
