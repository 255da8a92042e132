"""Reads the lines of a CoNLL file: tokens with tags, blank lines, comments, and marks at the start of documents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from afteraction.data.errors import DataError, InputError
from afteraction.data.files import numbered_lines
from afteraction.data.importers.record import RECORD_KEY
from afteraction.data.importers.tools.conll_tags import parse_tag

DOCUMENT_START = "-DOCSTART-"

_HEADER = {"token", "tokens", "word", "words", "form"}
"""Names of the column of tokens, in files that begin with the names of their columns."""

_MARK = re.compile(r"#\s*(?:newdoc\s+id|newdoc|id)(?=[=\s]|$)\s*=?\s*(?P<id>[^\t]*)")
_RECORD = re.compile(rf"#\s*{RECORD_KEY}\s*=\s*(?P<record>.*)")
_TEXT = re.compile(r"#\s*text\s*=\s?(?P<text>.*)")


@dataclass(frozen=True, slots=True)
class ConllColumns:
    """The columns of the token and the tag in a line, counted from 0; negative numbers count from the end."""

    token: int = 0
    tag: int = -1


@dataclass(frozen=True, slots=True)
class TokenLine:
    """The cells of a token's line, with the line's number.

    `squeezed` are the cells without empty ones, for files that align their columns with several tabs.
    """

    number: int
    cells: tuple[str, ...]
    squeezed: tuple[str, ...]
    comment: bool = False
    """Whether the line begins with `#`, so that it is a comment unless it fits the file's columns."""
    indented: bool = False
    """Whether the line begins with white space, so that its token may be white space itself."""


@dataclass(frozen=True, slots=True)
class DocumentMark:
    """A line at which a document begins, or that has the `record` of the document that has just begun."""

    number: int
    id: str | None = None
    record: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SentenceText:
    """The text of the sentence that follows: `# text = ...`."""

    text: str


Line = TokenLine | DocumentMark | SentenceText | None
"""A line of a file, or None for a blank line."""


def parse_columns(text: str) -> ConllColumns:
    """Parses the names of the columns, from the first on, as in `token,_,_,tag`.

    Raises:
        InputError: `token` and `tag` do not occur exactly once each, or another name is not `_`.
    """
    names = text.split(",")
    if sorted(name for name in names if name != "_") != ["tag", "token"]:
        raise InputError(f"--columns {text}: name each column token, tag or _, as in --columns token,_,_,tag")
    return ConllColumns(names.index("token"), names.index("tag"))


def read_lines(path: Path) -> Iterator[Line]:
    """Streams the lines of a file. Comments that are not marks become token lines if they could be such lines.

    Raises:
        DataError: the file cannot be read, or a record is invalid.
    """
    begun = False
    for number, content in numbered_lines(path):
        try:
            line = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: line {number}: not UTF-8 at byte {error.start}: convert the file first") from None
        parts = tuple(map(str.strip, line.split("\t" if "\t" in line else " ")))
        squeezed = tuple(filter(None, parts))
        if not squeezed:
            yield None
        elif squeezed[0] == DOCUMENT_START:
            yield DocumentMark(number)
        elif not line.startswith("#"):
            if begun or not _is_header(squeezed):
                yield TokenLine(number, _cells(parts, line, squeezed), squeezed, indented=line[0].isspace())
            begun = True
        elif match := _RECORD.fullmatch(line):
            yield DocumentMark(number, record=_record(match["record"], f"{path}: line {number}"))
        elif (match := _TEXT.fullmatch(line)) and "\t" not in line:
            yield SentenceText(match["text"])
        elif match := _MARK.match(line):
            yield DocumentMark(number, id=match["id"].strip() or None)
        elif len(squeezed) > 1:
            yield TokenLine(number, _cells(parts, line, squeezed), squeezed, comment=True)


def _is_header(cells: tuple[str, ...]) -> bool:
    """Returns whether the first line of cells names the columns, and so has no tag."""
    return bool(_HEADER & set(map(str.lower, cells[:2]))) and all(parse_tag(cell) is None for cell in cells)


def _cells(parts: tuple[str, ...], line: str, squeezed: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the cells of a line. Between tabs, empty cells are included, except at the end."""
    if "\t" not in line:
        return squeezed
    stop = max(index for index, part in enumerate(parts) if part) + 1
    return parts[:stop]


def _record(text: str, where: str) -> dict[str, Any]:
    try:
        record = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise DataError(f"{where}: {RECORD_KEY} is not JSON: {error}") from None
    if not isinstance(record, dict):
        raise DataError(f"{where}: {RECORD_KEY} is not a JSON object, but {text[:60]}")
    return record
