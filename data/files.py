"""File helpers that all rooms share: atomic writing, hashing, compressed lines, batches."""

import codecs
import errno
import hashlib
import io
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from afteraction.data.errors import DataError, InputError, first_line

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
"""Arrow's name for each compression, by file suffix."""

LONGEST_LINE = 256 * 2**20
"""The maximum number of bytes of a line. A few kilobytes of a compressed file can expand to this many."""

_BATCH_BYTES = 2**30
"""The maximum size of a batch of rows, unless a single row is larger."""

_ZIP = b"PK\3\4"

_FULL = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT), "PytorchStreamWriter failed", "unexpected pos ")
"""Texts of errors which mean that the disk or a user's quota is full. The last two are from PyTorch."""

_temporaries: set[Path] = set()
_TEMPORARY = re.compile(r"[a-z0-9_]{8}")
"""The suffix of a temporary file: hexadecimal digits. Earlier versions used other letters too."""

T = TypeVar("T")


@contextmanager
def atomic_write(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Yields a temporary path that replaces `path` once the block succeeds.

    If `path` is a symbolic link, the file that it points to is replaced. Missing parent folders are created.
    If the block fails, an existing file is left unchanged. If the process is killed, the temporary file may remain: for
    `a.txt`, its name is `.a.txt.` and some letters.

    Args:
        path: the file to write.
        durable: whether the file is synced to the disk, so that it survives a power cut. This takes milliseconds per
            file.

    Raises:
        DataError: `path` is a folder, its parent folder cannot be created, or it cannot be written (for example, the
            disk is full).
    """
    if path.is_dir():
        raise DataError(f"{path}: cannot be written: it is a folder")
    target = path.resolve()
    # Registered before it is created, so that a signal at any moment leaves no file behind.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    _temporaries.add(temporary)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch(mode=0o600, exist_ok=False)
        with full_disk_reported(path):
            yield temporary
        temporary.chmod(0o666 & ~_umask())
        if durable:
            sync(temporary)
        temporary.replace(target)
        if durable:
            sync(target.parent)  # the folder holds the file's name
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or first_line(error)}") from None
    finally:
        with suppress(OSError):  # it may never have been created
            temporary.unlink()
        _temporaries.discard(temporary)


def is_disk_full(error: BaseException | None) -> bool:
    """Returns whether an error of PyTorch or another library says that the disk is full."""
    return any(text in str(error) for text in _FULL)


@contextmanager
def full_disk_reported(path: Path) -> Iterator[None]:
    """Converts whatever libraries raise on a full disk to an error that names a path.

    Raises:
        DataError: the disk is full.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        if not is_disk_full(error):
            raise
        raise DataError(f"{path}: cannot be written: {os.strerror(errno.ENOSPC)}") from None


def make_private_folder(path: Path) -> None:
    """Creates a folder and its missing parents, accessible only to their owner. Existing folders stay unchanged.

    Raises:
        OSError: it cannot be created.
    """
    for folder in (*reversed(path.parents), path):
        folder.mkdir(mode=0o700, exist_ok=True)


def _umask() -> int:
    """Returns the process's umask, the permissions that a new file does not get. It can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def remove_temporaries() -> None:
    """Removes the temporary files that `atomic_write` has not yet renamed, before the process ends abruptly."""
    for temporary in [*_temporaries]:
        temporary.unlink(missing_ok=True)


def remove_leftovers(*paths: Path) -> None:
    """Removes the temporary files that a killed process has left next to the given files.

    No other process may be writing these files: the caller must hold a lock or be sure otherwise.
    """
    for path in paths:
        for leftover in path.parent.glob(f".{path.name}.*"):
            if _TEMPORARY.fullmatch(leftover.name.removeprefix(f".{path.name}.")):
                leftover.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Waits until a file's content, or a folder's list of names, is on the disk.

    Raises:
        OSError: it cannot be written.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """Returns the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Streams `(number, line)` for each line of a file, plain or compressed.

    Numbers start at 1. Lines have no line ends.

    Raises:
        DataError: the file cannot be read.
    """
    if not path.is_file():
        raise DataError(f"{path}: {'a folder, not a file' if path.is_dir() else 'no such file'}")
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            for number, line in enumerate(bounded_lines(io.BufferedReader(stream), name=str(path)), start=1):
                if number == 1 and line.startswith(_ZIP):
                    raise DataError(f"{path}: a ZIP archive: unpack it, and import what is in it")
                yield number, line.removeprefix(codecs.BOM_UTF8).rstrip(b"\r\n")
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: cannot be read: {first_line(error)}") from None


@contextmanager
def readable(name: str, *, as_what: str = "") -> Iterator[None]:
    """Converts the errors that Arrow and Python raise for the values of a table to one that names its file.

    Arrow raises its own errors for a damaged file, and Python's errors for a value that Python cannot represent: text
    that is not UTF-8, a date after the year 9999, an unknown time zone.

    Raises:
        DataError: the block raises such an error. An `InputError` is passed through unchanged.
    """
    try:
        yield
    except InputError:
        raise
    except LookupError as error:
        raise DataError(f"{name}: cannot be read{as_what}: unknown time zone {first_line(error)}") from None
    except (OSError, EOFError, OverflowError, ValueError, pa.ArrowException) as error:
        raise DataError(f"{name}: cannot be read{as_what}: {first_line(error)}") from None


def bounded_lines(stream: BinaryIO | io.BufferedIOBase, *, name: str) -> Iterator[bytes]:
    """Streams the lines of a file with their line ends.

    Args:
        stream: the file, which may be decompressed while it is read.
        name: its name for the error message.

    Raises:
        DataError: a line is longer than `LONGEST_LINE`, as in a file made to exhaust memory.
    """
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise DataError(f"{name}: a line of more than {LONGEST_LINE >> 20} MB: not a file with a record per line")
        yield line


class RowLines:
    """The lines of a CSV file for `csv.reader`, with at most `LONGEST_LINE` characters per row.

    A row continues on the next line while a quote is open. Call `row_is_read` after each row.

    Args:
        readline: reads a line of at most the given number of characters, as a file's `readline` does.
        name: the file's name for the error message.

    Raises:
        DataError: a row is longer, as in a file made to exhaust memory.
    """

    def __init__(self, readline: Callable[[int], str], *, name: str) -> None:
        self._readline, self._name = readline, name
        self._taken = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._readline(LONGEST_LINE + 1):
            self._taken += len(line)
            if self._taken > LONGEST_LINE:
                raise DataError(
                    f"{self._name}: a row of more than {LONGEST_LINE >> 20} million characters: is a quote not closed?"
                )
            yield line

    def row_is_read(self) -> None:
        """Resets the count for the next row."""
        self._taken = 0


def row_batches(file: pq.ParquetFile, *, most: int, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Streams the rows of a Parquet file in batches that fit in memory.

    A value that is stored once may belong to every row, so a few kilobytes can hold millions of long texts. No value is
    longer than its whole row group, whose size is in the file's metadata.

    Args:
        file: the open file.
        most: the largest number of rows in a batch.
        columns: the columns to read, None for all.
    """
    metadata = file.metadata
    for group in range(metadata.num_row_groups):
        # The sizes of single columns are not used: pyarrow ends the process on the statistics of a damaged column.
        rows = min(max(_BATCH_BYTES // max(metadata.row_group(group).total_byte_size, 1), 1), most)
        yield from file.iter_batches(batch_size=rows, row_groups=[group], columns=columns)


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cuts a stream into lists of `size` items. The last list may be shorter.

    Replace it with `itertools.batched` once Python 3.12 is the oldest supported version.
    """
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch
