"""Opens inputs as streams of UTF-8, whatever their compression and their byte order mark."""

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import BinaryIO

import pyarrow as pa

from afteraction.data.errors import DataError
from afteraction.data.files import LONGEST_LINE

_BLOCK = 1 << 16

_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
"""Arrow's name for each compression, by a file's first bytes."""

# UTF-32 first: its mark in little-endian order begins like that of UTF-16.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

_DECLARATION = re.compile(
    rb"""<meta\b[^<>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)|<\?xml\b[^<>]*?\bencoding\s*=\s*["']([\w.:-]+)""",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 4096
"""The number of bytes at the beginning of a page that may declare its encoding."""

_AS_IN_BROWSERS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""The larger encoding in which browsers read a page that declares a smaller one, by WHATWG's Encoding Standard."""


class Stream:
    """An input that is open for reading, as bytes without compression or a byte order mark.

    UTF-16 and UTF-32 with a byte order mark become UTF-8. `head` holds the beginning of the input: everything up to the
    end of the first line that is not blank, or 64 KiB. `file` includes it too.

    Reading raises OSError if the compressed data are damaged, and DataError if the encoding is.
    """

    def __init__(self, source: BinaryIO, *, name: str) -> None:
        first, blocks = _first(_blocks(source), 4)
        for magic, compression in _COMPRESSIONS.items():
            if first.startswith(magic):
                packed = io.BufferedReader(_Blocks(blocks))
                unpacked = pa.CompressedInputStream(pa.PythonFile(packed, mode="r"), compression)
                first, blocks = _first(_blocks(io.BufferedReader(unpacked)), 4)
        for mark, encoding in _MARKS.items():
            if first.startswith(mark):
                recoded = _Blocks(_recoded(blocks, encoding, name=name))
                first, blocks = _first(_blocks(io.BufferedReader(recoded)), 4)
                break
        if first.startswith(codecs.BOM_UTF8):
            blocks = chain([next(blocks).removeprefix(codecs.BOM_UTF8)], blocks)
        self.head, blocks = _head(blocks)
        self.file = io.BufferedReader(_Blocks(blocks), _BLOCK)
        self._name = name

    def whole(self) -> bytes:
        """Returns the whole content of an input that is one text.

        Raises:
            DataError: it is longer than `LONGEST_LINE`, such as a file made to exhaust memory.
        """
        content = self.file.read(LONGEST_LINE + 1)
        if len(content) > LONGEST_LINE:
            raise DataError(
                f"{self._name}: a text of more than {LONGEST_LINE >> 20} MB: write its articles one per line"
            )
        return content


def decode(content: bytes, *, place: str) -> str:
    """Decodes UTF-8.

    Raises:
        DataError: it is not UTF-8. The message names the byte, and how to convert the file.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(place, error.start, content[error.start]) from None


def decode_page(content: bytes, *, place: str) -> str:
    """Decodes an HTML page: as UTF-8, or else in the encoding that it declares. The encoding is never guessed.

    Raises:
        DataError: it is neither, or declares no encoding.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        found = _DECLARATION.search(content, 0, _DECLARED_WITHIN)
    declared = (found[1] or found[2]).decode() if found else "utf-8"
    try:
        encoding = codecs.lookup(declared).name
        if not encoding.startswith("utf"):  # a page that declares UTF-16 in ASCII is not UTF-16
            return content.decode(_AS_IN_BROWSERS.get(encoding, encoding))
    except (LookupError, UnicodeError):
        raise DataError(f"{place}: neither UTF-8 nor {declared}, the encoding that it declares") from None
    return decode(content, place=place)


def not_utf8(place: str, position: int, byte: int) -> DataError:
    """Returns the error about a byte that is not UTF-8, at a position counted from 0."""
    return DataError(
        f"{place}: not UTF-8: byte {position} is {byte:#04x}; convert the file first, often by "
        "iconv -f WINDOWS-1252 -t UTF-8"
    )


class _Blocks(io.RawIOBase):
    """A stream of blocks of bytes as a file."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _blocks(source: BinaryIO | io.BufferedReader) -> Iterator[bytes]:
    # Read by line, so that a piped article is available as soon as its line arrives.
    return iter(partial(source.readline, _BLOCK), b"")


def _recoded(blocks: Iterable[bytes], encoding: str, *, name: str) -> Iterator[bytes]:
    """Streams blocks in some encoding as UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in blocks:
            yield decoder.decode(block).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: not {encoding.upper()}, as its byte order mark says: {error.reason}") from None


def _first(blocks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """Returns the first bytes, at least `size` unless the input is shorter, and all blocks including these bytes."""
    first = b""
    for block in blocks:
        first += block
        if len(first) >= size:
            break
    return first, chain([first], blocks)


def _head(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Returns the beginning, up to the first line that is not blank, and all blocks including those already read."""
    head, size = [], 0
    for block in blocks:
        head.append(block)
        size += len(block)
        if block.strip() or size >= _BLOCK:
            break
    first = b"".join(head)
    line = first.lstrip().partition(b"\n")[0]  # a block may hold several lines, if they are very short
    return first[: first.index(line) + len(line)], chain(head, blocks)
