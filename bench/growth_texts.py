"""Texts of any length with labelled spans, for the rows of `growth_rows.py`."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import count
from pathlib import Path

from afteraction.data import Article, Span, Toll

Work = Callable[[], object]
Row = Callable[[int], Work]
"""Makes the work of a row for a text of about this many characters. Making the work is not measured."""

Piece = tuple[str, str | None]
"""A piece of a text and its label, None for text outside spans."""


def word(number: int) -> str:
    """Returns a capitalised word of letters, a different one for each number."""
    letters = ""
    while True:
        number, letter = divmod(number, 26)
        letters = chr(ord("a") + letter) + letters
        if not number:
            return letters.rjust(4, "x").capitalize()


def annotated(pieces: Iterable[Piece], size: int, *, death_toll: Toll | None = None) -> Article:
    """Joins pieces into an article of about `size` characters."""
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    for surface, label in pieces:
        if length >= size:
            break
        if label is not None:
            spans.append(Span(length, length + len(surface), label))
        parts.append(surface)
        length += len(surface)
    return Article("a", "".join(parts), tuple(spans), death_toll)


def repeated(form: str, label: str, *, after: str = " fled. ") -> Iterator[Piece]:
    """Yields spans of a form, with the same text after each.

    The form may have `{number}` and `{word}`, which differ from span to span, and `{other}`, one of 97 words in turn.
    """
    for number in count():
        yield form.format(number=number, word=word(number), other=word(number % 97)), label
        yield after, None


@cache
def folder() -> Path:
    """Returns a folder for the inputs of rows that read files."""
    made = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, made)
    return made
