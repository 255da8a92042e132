"""The form of an input, recognised by its name and first bytes, and the remedies for files that cannot be read."""

import re
from enum import Enum
from pathlib import Path

from pydantic_core import from_json

from afteraction.data.errors import DataError
from afteraction.data.files import COMPRESSIONS
from afteraction.data.inputs.markup import is_page


class Form(Enum):
    """A form of inputs that can be read, with the suffixes of its files."""

    JSON_LINES = (".jsonl", ".ndjson")
    JSON = (".json",)
    """An array of records, or records one after another in any layout."""
    CSV = (".csv",)
    TSV = (".tsv",)
    PARQUET = (".parquet",)
    HTML = (".html", ".htm", ".xhtml")
    TEXT = (".txt", ".text")


_WORD = "a word processor's file; save it as plain text (.txt)"
_SHEET = "a spreadsheet; save the sheet as CSV, in UTF-8"
_PICTURE = "a picture, without text that could be read"
_PACKED = "an archive of files; unpack it, and name the folder"
_SQUEEZED = "compressed; unpack it, or compress it with gzip or zstd"
_XML = "XML; `afteraction predict` reads its texts once they are in .txt, .html or .jsonl files"
_DATABASE = "a database or an array of numbers; export its table as Parquet or CSV"
_PDF = "a PDF; convert it to text first, for example with pdftotext"

REFUSED = {
    **dict.fromkeys((".rtf", ".doc", ".docx", ".odt", ".pages"), _WORD),
    **dict.fromkeys((".xls", ".xlsx", ".ods", ".numbers"), _SHEET),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".bmp", ".webp", ".svg"), _PICTURE),
    **dict.fromkeys((".zip", ".tar", ".tgz", ".7z", ".rar", ".warc", ".epub"), _PACKED),
    **dict.fromkeys((".bz2", ".xz", ".lz4", ".br"), _SQUEEZED),
    **dict.fromkeys((".xml", ".rss", ".tei"), _XML),
    **dict.fromkeys((".db", ".sqlite", ".feather", ".arrow", ".avro", ".orc", ".pkl", ".npy", ".npz"), _DATABASE),
    ".pdf": _PDF,
}
"""The problem with files of some suffixes, and the remedy."""

_MAGIC = (
    (b"%PDF", _PDF),
    (rb"{\rtf", _WORD),
    (b"\xd0\xcf\x11\xe0", "an old Office file; save it as plain text (.txt), a sheet as CSV"),
    (b"PK\3\4", "a ZIP archive or an Office file; unpack it, or save it as plain text (.txt), a sheet as CSV"),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"II*\0", _PICTURE),
    (b"MM\0*", _PICTURE),
    (b"7z\xbc\xaf", _PACKED),
    (b"Rar!\x1a", _PACKED),
    (b"WARC/", _PACKED),
    (b"BZh", _SQUEEZED),
    (b"\xfd7zXZ", _SQUEEZED),
    (b"SQLite format 3\0", _DATABASE),
    (b"ARROW1", _DATABASE),
    (b"Obj\1", _DATABASE),
    (b"\x93NUMPY", _DATABASE),
    (b"PAR1", "Parquet; let its name end in .parquet, and give the name rather than a stream"),
)

_XML_START = re.compile(rb"\s*<\?xml\b", re.IGNORECASE)
_JSON_START = re.compile(rb'\s*(?:\{\s*(?:"[^"\n]*"\s*:|\})|\{\s*$|\[\s*(?:\{|\[\s*["{]|$))')


def form_of_name(path: Path) -> Form | None:
    """Returns the form that a file's name implies, or None if it implies none.

    A compression suffix may follow, except for Parquet.
    """
    suffix, compressed = _suffix(path)
    return next((form for form in Form if suffix in form.value and not (compressed and form is Form.PARQUET)), None)


def form_of_stream(head: bytes) -> Form:
    """Returns the form of standard input, by its first line that is not blank."""
    if _is_page(head):
        return Form.HTML
    if starts_as_json(head):
        return Form.JSON
    return Form.TEXT


def starts_as_json(head: bytes) -> bool:
    """Returns whether the beginning of a text is that of JSON records rather than of prose in brackets."""
    if _JSON_START.match(head):
        return True
    if not head.lstrip().startswith((b"{", b"[")):
        return False
    try:
        value = from_json(head)
    except ValueError:
        return False
    return isinstance(value, dict) or any(isinstance(item, dict | list | str) for item in value)


def check_name(path: Path) -> None:
    """Raises a DataError if a file's name says that it cannot be read."""
    suffix, compressed = _suffix(path)
    if compressed and suffix in Form.PARQUET.value:
        raise DataError(f"{path}: a compressed Parquet file; unpack it")
    if suffix in REFUSED:
        raise DataError(f"{path}: {REFUSED[suffix]}")


def check_head(head: bytes, form: Form | None, *, name: str) -> None:
    """Raises a DataError if an input begins with bytes that are not text, or with XML that is not HTML."""
    for magic, problem in _MAGIC:
        if head.startswith(magic):
            raise DataError(f"{name}: {problem}")
    if form is not Form.HTML and _XML_START.match(head) and not _is_page(head):
        raise DataError(f"{name}: {_XML}")
    if b"\0" in head:
        raise DataError(
            f"{name}: not text: byte {head.index(0)} is zero; if it is UTF-16, give it a byte order mark or convert it"
        )


def _suffix(path: Path) -> tuple[str, bool]:
    """Returns a file's suffix without that of its compression, and whether it is compressed."""
    suffix = path.suffix.lower()
    return (Path(path.stem).suffix.lower(), True) if suffix in COMPRESSIONS else (suffix, False)


def _is_page(head: bytes) -> bool:
    return is_page(head.decode("utf-8", "replace"))


SUFFIXES = tuple(suffix for form in Form for suffix in form.value)
"""The suffixes of files that can be read."""
