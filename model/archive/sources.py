"""Checksums of what an archive run reads, its inputs and its model's files, so that no change goes unnoticed."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from afteraction.data import DataError, resolve
from afteraction.data.articles.bundled import PREFIX
from afteraction.data.files import sha256
from afteraction.data.inputs.folders import files_below
from afteraction.data.inputs.read import STREAM
from afteraction.model.archive.chunks import printable
from afteraction.model.card import CALIBRATION, CARD, TRAINING

_BLOCK = 1 << 20

_ONE_A_LINE = (".jsonl", ".ndjson")
_ONE_A_FILE = (".txt", ".html", ".htm")


class SourceRecord(BaseModel):
    """One input of a run: a file, or a folder with all readable files below it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    """The name as given."""
    files: int
    size: int
    """The total size of the files in bytes."""
    sha256: str
    """The checksum of the file; for a folder, of the names, sizes and checksums of its files."""


class Sources:
    """The inputs of a run, read once in full to recognise later changes.

    Args:
        names: the inputs as given: files, folders, or bundled articles such as `bundled:test`.
        output: the folder that the run writes.

    Raises:
        DataError: an input does not exist, cannot be read twice, or contains the output.
    """

    def __init__(self, names: Sequence[str], *, output: Path) -> None:
        self._paths = [(name, _path(name, output=output)) for name in names]
        self._state: dict[str, str] = {}
        self.total: int | None = None
        """The number of articles, once the files are read; None before that, or if counting them would be slow."""

    def read(self) -> tuple[SourceRecord, ...]:
        """Reads all files for their checksums, and counts the articles where that is cheap."""
        self._state = self._fingerprint()
        self.total = 0
        return tuple(self._record(name, path) for name, path in self._paths)

    def check(self) -> None:
        """Checks by their sizes and modification times that all files are still those that were read.

        Raises:
            DataError: a file was deleted or changed.
        """
        now = self._fingerprint()
        for name, state in self._state.items():
            if now[name] != state:
                raise DataError(
                    f"{name}: was changed or deleted while the run was reading it; what is written so far is kept: "
                    "restore the input, and run the same command again"
                )

    def _record(self, name: str, path: Path) -> SourceRecord:
        whole = hashlib.sha256()
        files = size = 0
        checksum = ""
        for file in _files(path):
            checksum, length, articles = _read(file)
            whole.update(
                f"{file.relative_to(path).as_posix()}\0{length}\0{checksum}\n".encode(errors="surrogateescape")
            )
            files, size = files + 1, size + length
            self.total = None if self.total is None or articles is None else self.total + articles
        return SourceRecord(
            path=printable(name), files=files, size=size, sha256=whole.hexdigest() if path.is_dir() else checksum
        )

    def _fingerprint(self) -> dict[str, str]:
        return {name: _state_of(path) for name, path in self._paths}


def model_files(folder: Path) -> dict[str, str]:
    """Returns the SHA-256 of each file in a model folder that may affect predictions, by its path in the folder."""
    records = {CALIBRATION, CARD, TRAINING}
    below = (path for path in sorted(folder.rglob("*")) if path.is_file())
    files = (path for path in below if path.name not in records and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def _path(name: str, *, output: Path) -> Path:
    if name == STREAM:
        raise DataError(
            "standard input cannot be read a second time, so a run in a folder could not resume; save it to a file "
            "first, or let --output name a file, such as out.jsonl"
        )
    path = resolve(name) if name.startswith(PREFIX) else Path(name)
    if not name:
        raise DataError("an input's name is empty; is a variable of the shell unset?")
    if not path.exists():
        raise DataError(f"{name}: no such file or folder")
    if not path.is_file() and not path.is_dir():
        raise DataError(f"{name}: neither a file nor a folder, so a run in a folder could not resume; save it first")
    if path.is_dir() and output.resolve().is_relative_to(path.resolve()):
        raise DataError(f"{output}: lies in the input {name}, which would grow as it is read; choose another --output")
    return path


def _files(path: Path) -> Iterator[Path]:
    """Returns the file itself, or the readable files below a folder."""
    return files_below(path, on_error=lambda _error: None) if path.is_dir() else iter([path])


def _read(path: Path) -> tuple[str, int, int | None]:
    """Returns the checksum, size and number of articles of a file. The number is None if counting would be slow."""
    digest = hashlib.sha256()
    size = lines = 0
    last = b""
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                size += len(block)
                lines += block.count(b"\n")
                last = block
    except OSError as error:
        # The reader will report it as unreadable. If it can be read later, the input counts as changed.
        return f"unreadable: {error.strerror}", 0, None
    name = path.name.lower()
    if name.endswith(_ONE_A_LINE):
        return digest.hexdigest(), size, lines + (not last.endswith(b"\n") and bool(last))
    if name.endswith(_ONE_A_FILE):
        return digest.hexdigest(), size, 1
    return digest.hexdigest(), size, _rows(path) if name.endswith(".parquet") else None


def _rows(path: Path) -> int | None:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException):
        return None


def _state_of(path: Path) -> str:
    digest = hashlib.sha256()
    for file in _files(path):
        try:
            stat = file.stat()
        except OSError:
            continue  # the file was deleted, which changes the digest
        digest.update(f"{file}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()
