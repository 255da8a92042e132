"""Cuts a stream of inputs into chunks. A chunk becomes one part of an archive run, and is one job of an engine."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Literal, Self

from afteraction.data import Article, DataError, InputNotice

Format = Literal["jsonl", "jsonl.gz", "jsonl.zst", "parquet"]
"""The suffix of a run's parts."""

PART_SIZE = 512
"""The default number of records in a part: about a minute of work for a core. A multiple of `ARTICLES_AT_ONCE`."""

Read = Callable[[Callable[[DataError], None]], Iterator[Article]]
"""A function that starts reading the inputs. Its argument is called with each error instead of raising it."""

_PLACE = re.compile(r"(?P<place>.+?: (?:line|row|item) [0-9,]+|.+?): (?P<reason>.*)", re.DOTALL)
"""The error message of a reader: the file, the line, row or item if there is one, and the reason."""

_HELD_IN_MEMORY = 1 << 20
"""The size in bytes of successive errors that are kept in memory. More are kept in a temporary file."""


def printable(text: str) -> str:
    """Returns a text that can be written as UTF-8. Bytes of a file name that are not UTF-8 are escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Failure:
    """An article that could not be read or labelled: a line of `errors.jsonl`."""

    id: str | None
    """None if it is not known."""
    place: str
    """The place of the article, such as `archive.jsonl: line 7`."""
    reason: str

    @classmethod
    def of_error(cls, error: DataError) -> Self:
        """Returns the failure that a reader reported."""
        message = printable(str(error))
        name = None if error.article is None else printable(error.article)
        match = _PLACE.fullmatch(message)
        return cls(name, match["place"], match["reason"]) if match else cls(name, "the inputs", message)


class LeftOut(Failure):
    """An article that was left out on request, which is not an error."""


Record = Article | Failure


@dataclass(frozen=True, slots=True)
class Chunk:
    """Successive records of the inputs, before or after labelling. Every run cuts the same chunks."""

    number: int
    """The chunk's number among all chunks of the inputs, from 0."""
    start: int
    """The number of records in the inputs before the first record of the chunk."""
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of the work: every `count`-th chunk. `number` counts from 1."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parses a shard, such as `3/16`.

        Raises:
            DataError: the text is not a valid shard.
        """
        match = re.fullmatch(r"([0-9]+)/([0-9]+)", text)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise DataError(f"shard {text!r}: write it as 3/16, the first is 1/16 and the last 16/16")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def has(self, number: int) -> bool:
        """Returns whether a chunk belongs to this shard."""
        return number % self.count == self.number - 1


def read_chunks(
    read: Read,
    *,
    size: int,
    wanted: Callable[[int], bool],
    check: Callable[[], None],
    on_notice: Callable[[InputNotice], None],
    should_stop: Callable[[], bool],
) -> Iterator[Chunk]:
    """Yields the wanted chunks of some inputs. The records between them are also read, to count them.

    Args:
        read: starts reading the inputs.
        size: the number of records in a chunk. The last chunk may have fewer.
        wanted: returns whether the chunk with a number is wanted.
        check: called at the end, and before yielding or skipping a chunk with an input that could not be read. It
            raises an error if the inputs have changed.
        on_notice: called with a reader's notices, which are not errors.
        should_stop: returns whether to stop. An incomplete chunk is then left out.
    """
    number = 0
    held: list[Record] = []
    unreadable = False
    for position, record in enumerate(_records(read, on_notice)):
        number = position // size
        if wanted(number):
            held.append(record)
        unreadable = unreadable or isinstance(record, Failure)
        if (position + 1) % size == 0:
            if unreadable:
                check()
            if held:
                yield Chunk(number, number * size, tuple(held))
            held, unreadable = [], False
        if should_stop():
            return
    check()
    if held:
        yield Chunk(number, number * size, tuple(held))


def _records(read: Read, on_notice: Callable[[InputNotice], None]) -> Iterator[Record]:
    """Yields articles and failures in the order of the inputs.

    A reader may report any number of errors before its next article, so they are not all held in memory.
    """
    with SpooledTemporaryFile(_HELD_IN_MEMORY, "w+", encoding="utf-8") as pending:

        def hold(error: DataError) -> None:
            if isinstance(error, InputNotice):
                on_notice(error)
            else:
                pending.write(json.dumps(asdict(Failure.of_error(error))) + "\n")

        for article in read(hold):
            yield from _drain(pending)
            yield article
        yield from _drain(pending)


def _drain(pending: IO[str]) -> Iterator[Failure]:
    if not pending.tell():
        return
    pending.seek(0)
    for line in pending:
        yield Failure(**json.loads(line))
    pending.seek(0)
    pending.truncate()
