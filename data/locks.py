"""Locks that keep a second process out of a folder."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from afteraction.data.errors import DataError
from afteraction.data.files import sync

_log = logging.getLogger(__name__)

_LOCK = ".lock"


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Creates a folder and locks it. The lock is released when the block or the process ends.

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
            _log.warning("%s: cannot be locked (%s): make sure that no other run writes in it", folder, error.strerror)
        yield


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Locks a folder of this process until the block or the process ends, if the file system supports locks.

    Nothing is written to the folder, and it may be renamed while it is locked.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def is_held(folder: Path) -> bool:
    """Returns whether a running process has locked a folder with `hold_folder`.

    Raises:
        OSError: the folder cannot be opened.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False
