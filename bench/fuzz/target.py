"""Fuzzing targets, and checks of their results and errors."""

import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from afteraction.data import LABELS, Article, DataError, InputError, Span, format_article, parse_article

_held: list[TemporaryDirectory[str]] = []  # removed at exit


@dataclass(frozen=True, slots=True)
class Target:
    """A function of the bytes of a file, and the seeds that its inputs are made from.

    The function may raise InputError. Any other exception is a fault. `weight` is how often it runs, relative to the
    others.
    """

    run: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    weight: float = 1.0


@cache
def folder() -> Path:
    """Returns a folder for the files that targets read, in memory if the machine supports it."""
    memory = Path("/dev/shm")  # noqa: S108  # the folder in it is new, and ours
    _held.append(TemporaryDirectory(dir=memory if memory.is_dir() else None))
    return Path(_held[-1].name)


def written(name: str, data: bytes) -> Path:
    """Writes the file that a target reads."""
    path = folder() / name
    path.write_bytes(data)
    return path


def refused(error: Exception) -> None:
    """Accepts an error instead of raising it. It must be our own, with a message of one line."""
    check_message(error)


def check_message(error: Exception) -> None:
    if not isinstance(error, DataError | InputError):
        raise TypeError(f"not an error of ours: {error!r}")
    if "\n" in str(error) or not str(error).strip():
        raise AssertionError(f"not one line: {str(error)!r}")


def check_articles(articles: Iterable[Article]) -> int:
    """Checks that articles can be written and read again, and returns their number."""
    count = 0
    for article in articles:
        count += 1
        again = parse_article(format_article(article).encode())
        if again != article and not _has_nan(article):
            raise AssertionError(f"{article!r} comes back as {again!r}")
    return count


def _has_nan(article: Article) -> bool:
    return any(span.score is not None and math.isnan(span.score) for span in article.spans)


def article_of(data: bytes, *, annotated: bool = True) -> Article:
    """Makes an article from bytes: its text, and spans at positions that depend on them."""
    text = data.decode("utf-8", "replace")
    chance = Random(zlib.crc32(data))  # noqa: S311
    spans: list[Span] = []
    position = 0
    while annotated and position < len(text) and len(spans) < 500:
        start = position + chance.choice((0, 1, 2, 5, 20, 100))
        end = start + chance.choice((1, 2, 4, 8, 20, 60))
        surface = text[start:end]
        if len(surface) == end - start and surface.strip() == surface and "\n" not in surface:
            entity, score = chance.choice((None, f"e{chance.randrange(5)}")), chance.choice((None, chance.random()))
            spans.append(Span(start, end, chance.choice(LABELS), entity, score))
        position = end
    return Article("a", text, tuple(spans))
