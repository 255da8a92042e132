"""Reads the files of a tar archive in memory, with limits on every size that the archive declares.

Python's `tarfile` reads the header of a long name, or of further properties, as a whole, whatever size it claims, and
`gzip` unpacks as much as it is asked for. A small archive can therefore exhaust memory. This module reads nothing
beyond the limits, and only regular files.
"""

import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from afteraction.data.errors import DataError, clip, first_line

_LARGEST_NAME = 64 * 2**10
"""The maximum number of bytes of the header before a file: its long name or properties."""

_MOST_MEMBERS = 100_000
_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 2**20
_GZIP = b"\x1f\x8b"
_PROPERTIES = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)


def read_tar(
    path: Path, *, wanted: Callable[[str], bool], largest_file: int, largest_archive: int
) -> Iterator[tuple[str, bytes]]:
    """Yields the name and content of each regular file of a tar archive, plain or gzipped, whose name is wanted.

    The limits are in bytes, unpacked.

    Raises:
        DataError: the archive cannot be read, is damaged, or exceeds a limit.
    """
    try:
        with path.open("rb") as file:
            packed = file.peek(2)[:2] == _GZIP
            with gzip.open(file) if packed else file as stream:
                yield from _Reader(path, cast("BinaryIO", stream), largest_file, largest_archive).files(wanted)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataError(f"{path}: not a tar archive, or a damaged one: {first_line(error)}") from None


class _Reader:
    """Reads a tar archive from its beginning, counting what was read."""

    def __init__(self, path: Path, stream: BinaryIO, largest_file: int, largest_archive: int) -> None:
        self._path = path
        self._stream = stream
        self._largest_file = largest_file
        self._largest_archive = largest_archive
        self._size = 0

    def files(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
        """Yields the wanted files."""
        long_name: str | None = None
        for number in range(_MOST_MEMBERS):
            header = self._stream.read(_BLOCK)
            if header.count(0) == len(header) and (number or header):  # zeros, or nothing after a file, end the archive
                return
            member = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
            name = long_name or member.name
            if member.type == tarfile.GNUTYPE_LONGNAME:
                long_name = self._content(member, name, limit=_LARGEST_NAME).rstrip(b"\0").decode(errors="replace")
            elif member.type in _PROPERTIES:
                properties = self._content(member, name, limit=_LARGEST_NAME)
                if member.type != tarfile.XGLTYPE:
                    long_name = _path_in(properties) or long_name
            elif member.type == tarfile.GNUTYPE_LONGLINK:
                self._skip(member, name, limit=_LARGEST_NAME)
            elif member.isreg() and not member.issparse() and wanted(name):
                yield name, self._content(member, name, limit=self._largest_file)
                long_name = None
            else:
                # Links, folders and devices have no content, whatever size they claim.
                if member.isreg() or member.type not in tarfile.SUPPORTED_TYPES:
                    self._skip(member, name, limit=self._largest_file)
                long_name = None
        raise self._too_large(f"more than {_MOST_MEMBERS:,} files make")

    def _content(self, member: tarfile.TarInfo, name: str, *, limit: int) -> bytes:
        self._check(member, name, limit=limit)
        content = self._read(member.size)
        self._read(-member.size % _BLOCK)
        return content

    def _skip(self, member: tarfile.TarInfo, name: str, *, limit: int) -> None:
        self._check(member, name, limit=limit)
        remaining = member.size + -member.size % _BLOCK
        while remaining:
            remaining -= len(self._read(min(remaining, _CHUNK)))

    def _check(self, member: tarfile.TarInfo, name: str, *, limit: int) -> None:
        self._size += member.size
        if not 0 <= member.size <= limit or self._size > self._largest_archive:
            raise self._too_large(f"{clip(name)!r} makes")

    def _read(self, size: int) -> bytes:
        content = self._stream.read(size)
        if len(content) < size:
            raise EOFError("it is cut off")
        return content

    def _too_large(self, what: str) -> DataError:
        return DataError(
            f"{self._path}: {what} it far larger than the published archive: this is not what NIST publishes, and is "
            "not read"
        )


def _path_in(properties: bytes) -> str | None:
    """Returns the name among the properties of a file, each of which is written as `21 path=some/name`, or None."""
    for line in properties.split(b"\n"):
        key, separator, value = line.partition(b" ")[2].partition(b"=")
        if separator and key == b"path":
            return value.decode(errors="replace")
    return None
