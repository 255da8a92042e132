"""Streams the records of JSON: one per line, in an array, or one after another."""

import codecs
import io
import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

from pydantic_core import from_json

from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError, clip, first_line
from afteraction.data.files import bounded_lines
from afteraction.data.inputs.streams import Stream, decode, not_utf8

_BLOCK = 1 << 20

LARGEST_VALUE = 2**28
"""The maximum number of characters of a value. A few kilobytes of a compressed file can expand to this many."""

_BETWEEN = re.compile(r"[\s,]*")
_CUT = 16
"""An error within this many characters of a block's end may mean that the block cuts a value."""


class Record(NamedTuple):
    """One record of an input: its number among the records, from 1, its place for messages, and its values."""

    number: int
    place: str
    values: dict[str, Any]


def read_json(stream: Stream, *, name: str, by_line: bool, on_error: OnError) -> Iterator[Record]:
    """Streams the records of JSON Lines, of an array, or of objects that follow each other in any layout.

    A line that is not a record is reported, and reading continues with the next line. In the other layouts, nothing
    after invalid JSON can be read.

    Args:
        stream: the open input.
        name: its name in messages.
        by_line: whether its name says that it has one record per line, as `.jsonl` does.
        on_error: called for each faulty record.

    Raises:
        DataError: the array or the sequence of objects is damaged.
    """
    first = stream.head.strip()
    try:
        value = from_json(first)
    except ValueError:
        lines = by_line and not first.startswith(b"[")
    else:
        lines = not isinstance(value, list)
    read = _read_lines if lines else _read_values
    yield from read(stream.file, name, on_error)


def _read_lines(file: io.BufferedIOBase, name: str, on_error: OnError) -> Iterator[Record]:
    number = 0
    for line_number, line in enumerate(bounded_lines(file, name=name), start=1):
        # A mark may begin any line of files that were joined.
        if not (line := line.removeprefix(codecs.BOM_UTF8).strip()):
            continue
        number += 1
        place = f"{name}: line {line_number}"
        try:
            yield Record(number, place, _object(from_json(line), place))
        except DataError as error:
            on_error(error)
        except ValueError as error:
            on_error(_no_json(line, place, error))


def _read_values(file: io.BufferedIOBase, name: str, on_error: OnError) -> Iterator[Record]:
    for number, value in enumerate(_values(file, name), start=1):
        place = f"{name}: item {number}"
        try:
            yield Record(number, place, _object(value, place))
        except DataError as error:
            on_error(error)


def _values(file: io.BufferedIOBase, name: str) -> Iterator[Any]:
    """Streams the values of an array, or values that follow each other, with one block or one value in memory."""
    text = _Text(file, name)
    in_array = text.skip() == "["
    if in_array:
        text.position += 1
    for number in count(1):
        following = text.skip()
        if in_array and following == "]":
            text.position += 1
            if text.skip():
                raise DataError(f"{name}: something follows the array; nothing after item {number - 1} is read")
            return
        if not following:
            if in_array:
                raise DataError(f"{name}: the array is not closed after item {number - 1}: was the file cut short?")
            return
        try:
            yield text.value()
        except DataError:
            raise
        except (ValueError, RecursionError) as error:
            problem = f"{name}: item {number}: invalid JSON: {first_line(error)}"
            raise DataError(f"{problem}; it and what follows is not read") from None


class _Text:
    """Decodes a file in blocks, and scans it for JSON values."""

    def __init__(self, file: io.BufferedIOBase, name: str) -> None:
        self._file, self._name = file, name
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._scan = json.JSONDecoder().raw_decode
        self._content, self._bytes, self._ended = "", 0, False
        self.position = 0

    def skip(self) -> str:
        """Skips white space and commas. Returns the next character, or an empty string at the end of the file."""
        while True:
            self.position = _BETWEEN.match(self._content, self.position).end()  # type: ignore[union-attr]
            if self.position < len(self._content) or self._ended:
                return self._content[self.position : self.position + 1]
            self._read_on(_BLOCK)

    def value(self) -> Any:
        """Reads the value at the position. Reads more blocks while the value may be cut by the end of a block."""
        size = _BLOCK
        while True:
            try:
                value, end = self._scan(self._content, self.position)
            except json.JSONDecodeError as error:
                at_end = error.pos > len(self._content) - _CUT or error.msg.startswith("Unterminated string")
                if self._ended or not at_end:
                    raise
            else:
                if end < len(self._content) or self._ended:  # a number could continue in the next block
                    self.position = end
                    return value
            self._read_on(size)
            size *= 2  # so that a long value is not scanned again and again

    def _read_on(self, size: int) -> None:
        if len(self._content) - self.position > LARGEST_VALUE:
            raise DataError(f"{self._name}: a value of more than {LARGEST_VALUE >> 20} million characters")
        block = self._file.read(size)
        waiting = len(self._decoder.getstate()[0])
        try:
            more = self._decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise not_utf8(self._name, self._bytes - waiting + error.start, error.object[error.start]) from None
        self._bytes += len(block)
        self._content, self.position, self._ended = self._content[self.position :] + more, 0, not block


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DataError(f"{place}: {clip(json.dumps(value))} is not an object; a record is an object with a text")
    return value


def _no_json(line: bytes, place: str, error: ValueError) -> DataError:
    """Returns the error about a line that is not JSON, or not UTF-8."""
    try:
        decode(line, place=place)
    except DataError as not_utf_8:
        return not_utf_8
    problem = first_line(error).replace(" at line 1 column", " at column")
    return DataError(f"{place}: invalid JSON: {problem}; each line is one record, a JSON object")
