"""Reads the lines of a CoNLL file: tokens with tags, blank lines, and marks at the start of documents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from afteraction.data.errors import DataError, InputError
from afteraction.data.files import numbered_lines
from afteraction.data.importers.record import RECORD_KEY

DOCUMENT_START = "-DOCSTART-"

_TAG = re.compile(r"O|(?P<prefix>[BIESLU])-(?P<label>.+)")
_MARK = re.compile(r"#\s*(?:newdoc\s+id|newdoc|id)(?=[=\s]|$)\s*=?\s*(?P<id>[^\t]*)")
_RECORD = re.compile(rf"#\s*{RECORD_KEY}\s*=\s*(?P<record>.*)")


@dataclass(frozen=True, slots=True)
class ConllColumns:
    """The columns of the token and the tag in a line, counted from 0; negative numbers count from the end."""

    token: int = 0
    tag: int = -1


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token and its tag, with the line's number. The tag `O` has the prefix `O` and an empty label."""

    number: int
    token: str
    prefix: str
    label: str


@dataclass(frozen=True, slots=True)
class DocumentMark:
    """A line at which a document begins, or that has the `record` of the document that has just begun."""

    number: int
    id: str | None = None
    record: dict[str, Any] | None = None


def parse_columns(text: str) -> ConllColumns:
    """Parses the names of the columns, from the first on, as in `token,_,_,tag`.

    Raises:
        InputError: `token` and `tag` do not occur exactly once each, or another name is not `_`.
    """
    names = text.split(",")
    if sorted(name for name in names if name != "_") != ["tag", "token"]:
        raise InputError(f"--columns {text}: name each column token, tag or _, as in --columns token,_,_,tag")
    return ConllColumns(names.index("token"), names.index("tag"))


def read_lines(path: Path, columns: ConllColumns) -> Iterator[TokenRow | DocumentMark | None]:
    """Streams the lines of a file; a blank line is None, and comments that mark nothing are skipped.

    A line that begins with `#` is a comment unless it has a tag and as many columns as the first token's line. A line
    that begins with white space and lacks one column has an empty token: in some corpora, tokens are white space.

    Raises:
        DataError: the file cannot be read, or a line is invalid.
    """
    width = None
    for number, content in numbered_lines(path):
        try:
            line = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: line {number}: not UTF-8 at byte {error.start}: convert the file first") from None
        cells = [cell for cell in map(str.strip, line.split("\t" if "\t" in line else " ")) if cell]
        if width == len(cells) + 1 > 1 and line[0].isspace():
            cells.insert(0, "")
        if not cells:
            yield None
        elif cells[0] == DOCUMENT_START:
            yield DocumentMark(number)
        elif not line.startswith("#"):
            width = width or len(cells)
            yield _row(cells, columns, number, path=path)
        elif match := _RECORD.fullmatch(line):
            yield DocumentMark(number, record=_record(match["record"], f"{path}: line {number}"))
        elif match := _MARK.match(line):
            yield DocumentMark(number, id=match["id"].strip() or None)
        elif width in (None, len(cells)) and _is_tag(cells, columns):
            width = len(cells)
            yield _row(cells, columns, number, path=path)


def _is_tag(cells: list[str], columns: ConllColumns) -> bool:
    return len(cells) > max(columns.token, columns.tag, 1) and _TAG.fullmatch(cells[columns.tag]) is not None


def _row(cells: list[str], columns: ConllColumns, number: int, *, path: Path) -> TokenRow:
    if len(cells) <= max(columns.token, columns.tag, 1):
        raise DataError(
            f"{path}: line {number}: has {len(cells)} column(s), but needs a token and a tag (see --columns)"
        )
    tag = _TAG.fullmatch(cells[columns.tag])
    if not tag:
        raise DataError(
            f"{path}: line {number}: the tag {cells[columns.tag]!r} is neither O nor like B-LABEL (--columns says "
            "where the tag is)"
        )
    return TokenRow(number, cells[columns.token], tag["prefix"] or "O", tag["label"] or "")


def _record(text: str, where: str) -> dict[str, Any]:
    try:
        record = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise DataError(f"{where}: {RECORD_KEY} is not JSON: {error}") from None
    if not isinstance(record, dict):
        raise DataError(f"{where}: {RECORD_KEY} is not a JSON object, but {text[:60]}")
    return record
