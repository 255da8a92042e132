"""The files below a folder that can be read, and a notice about the files that are left out."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from afteraction.data.articles.article_files import OnError
from afteraction.data.errors import DataError, InputNotice
from afteraction.data.inputs.forms import SUFFIXES, form_of_name

_FROM_MACOS = "__MACOSX"
"""The folder that macOS adds to a ZIP archive."""

_NAMED = 10
"""How many of the files left out are named. All of them are counted by suffix."""


def files_below(folder: Path, *, on_error: OnError) -> Iterator[Path]:
    """Streams the files below a folder that can be read, judged by their names and sorted by name within each folder.

    A notice at the end names the files left out. A link to a folder is reported and not followed. Hidden files and
    folders are passed over, and so is what macOS adds to a ZIP archive.

    Raises:
        DataError: there is nothing to read below the folder.
    """
    left_out: Counter[str] = Counter()
    named: list[str] = []
    found = False
    for path in _below(folder, on_error):
        if path.is_dir():
            found = True
            on_error(DataError(f"{path}: a link to a folder, not followed; name the folder itself"))
        elif form_of_name(path):
            found = True
            yield path
        else:
            left_out[path.suffix.lower() or "without a suffix"] += 1
            if len(named) < _NAMED:
                named.append(str(path.relative_to(folder)))
    if not found:
        there = f": {_in_words(left_out, named)} cannot be read" if left_out else ""
        raise DataError(f"{folder}: nothing to read below this folder{there}; it may hold {', '.join(SUFFIXES)}")
    if left_out:
        on_error(InputNotice(f"{folder}: left out {_in_words(left_out, named)}"))


def _below(folder: Path, on_error: OnError) -> Iterator[Path]:
    """Streams all visible files and links to folders below a folder.

    Only the names in it and its parents are in memory.
    """
    try:
        with os.scandir(folder) as scan:
            visible = (entry for entry in scan if not entry.name.startswith(".") and entry.name != _FROM_MACOS)
            entries = sorted(visible, key=lambda entry: entry.name)
    except OSError as error:
        on_error(DataError(f"{folder}: cannot be read: {error.strerror}"))
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path), on_error)
        else:
            yield Path(entry.path)


def _in_words(left_out: Counter[str], named: list[str]) -> str:
    total = left_out.total()
    kinds = ", ".join(f"{count:,} {suffix}" for suffix, count in sorted(left_out.items()))
    more = ", …" if total > len(named) else ""
    return f"{total:,} file{'' if total == 1 else 's'} of other forms ({kinds}): {', '.join(named)}{more}"
