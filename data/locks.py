"""Locks that keep a second process out of a folder."""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from afteraction.data.errors import DataError
from afteraction.data.files import sync

_log = logging.getLogger(__name__)

_LOCK = ".lock"


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Creates a folder and locks it. The lock ends with the process, however that ends.

    Raises:
        DataError: another process has locked it, or it cannot be written.
    """
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if new:
            sync(folder.parent)
        file: IO[bytes] = (folder / _LOCK).open("ab")
    except OSError as error:
        reason = "a file of that name is there" if folder.is_file() else error.strerror
        raise DataError(f"{folder}: cannot be written: {reason}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(f"{folder}: another run is writing in this folder; wait for it, or stop it") from None
        except OSError as error:  # some network file systems have no locks
            _log.warning("%s: cannot be locked (%s): take care that no second run writes in it", folder, error.strerror)
        yield
