"""The folder of an archive run: its manifest, its parts, and the lock that keeps a second run out.

    manifest.json       what the run is: model, settings, inputs; once it is finished, also its parts and counts
    part-00000.jsonl    the labelled articles of the first chunk, and so on
    errors.jsonl        the articles that could not be read or labelled, if there are any
    unfinished/         until the run is finished: a record of each part that is done
    .lock               what a run holds locked while it writes

A part is done once its record is in `unfinished/`. The record is written after the part, so that a run that is killed
between the two writes the part again.
"""

import fcntl
import json
import logging
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from afteraction.data import Article, DataError, write_articles
from afteraction.data.errors import explain
from afteraction.data.files import atomic_write, sha256, sync
from afteraction.model.archive.chunks import Chunk, Failure, LeftOut
from afteraction.model.archive.sources import SourceRecord
from afteraction.model.json_files import write_json

_log = logging.getLogger(__name__)

Setting = str | int | None

_MANIFEST = "manifest.json"
_ERRORS = "errors.jsonl"
_UNFINISHED = "unfinished"
_LOCK = ".lock"

R = TypeVar("R", bound=BaseModel)


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelRecord(_Record):
    """The model of a run. It may be moved and renamed, so only its files are compared."""

    name: str
    files: dict[str, str]
    """The SHA-256 of each file; none for the rules."""


class PartRecord(_Record):
    """One part of a run."""

    number: Annotated[int, Field(ge=0)]
    articles: int
    errors: int
    """The number of its lines in `errors.jsonl`."""
    left_out: int
    """How many of these are articles that were left out on request."""
    size: int
    """Bytes."""
    sha256: str


class Result(_Record):
    """What a finished run wrote."""

    articles: int
    errors: int
    left_out: int
    """How many of the errors are articles that were left out on request."""
    errors_sha256: str | None
    """None if there are no errors, and so no `errors.jsonl`."""
    parts: tuple[PartRecord, ...]


class Manifest(_Record):
    """The content of `manifest.json`. It has no times, so that a run that was broken off gives the same bytes."""

    version: Literal[1] = 1
    versions: dict[str, str]
    """The versions of afteraction and of what else the result depends on."""
    model: ModelRecord
    settings: dict[str, Setting]
    inputs: tuple[SourceRecord, ...]
    result: Result | None = None
    """None until the run is finished."""


class _Done(_Record):
    """A file in `unfinished/`."""

    part: PartRecord
    failures: tuple[dict[str, str | None], ...]


class RunFolder:
    """An open folder of a run. Made by `open_run`."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest
        self._parts = {done.part.number: done.part for done in self._read_done()}

    @property
    def parts(self) -> Mapping[int, PartRecord]:
        """Returns the parts that are done, by their numbers."""
        return self._parts

    def part_path(self, number: int) -> Path:
        """Returns the file of a part."""
        return part_path(self.path, self.manifest, number)

    def write(self, chunk: Chunk) -> None:
        """Writes a labelled chunk as a part.

        Raises:
            DataError: it cannot be written. Then nothing of it is.
        """
        articles = [record for record in chunk.records if isinstance(record, Article)]
        failures = [record for record in chunk.records if isinstance(record, Failure)]
        path = self.part_path(chunk.number)
        write_articles(articles, path, durable=True)
        part = PartRecord(
            number=chunk.number,
            articles=len(articles),
            errors=len(failures),
            left_out=sum(isinstance(failure, LeftOut) for failure in failures),
            size=path.stat().st_size,
            sha256=sha256(path),
        )
        self._record(part, [asdict(failure) for failure in failures])

    def copy(self, source: Path, part: PartRecord, failures: Iterable[dict[str, str | None]]) -> None:
        """Takes a part over from another run's folder.

        Raises:
            DataError: it cannot be read or written, or is no longer as that run wrote it.
        """
        if not source.is_file():
            raise DataError(f"{source}: has vanished since its run wrote it")
        with atomic_write(self.part_path(part.number), durable=True) as temporary:
            shutil.copyfile(source, temporary)
            if sha256(temporary) != part.sha256:
                raise DataError(f"{source}: not as its run wrote it: its SHA-256 is another")
        self._record(part, failures)

    def finish(self) -> Manifest:
        """Joins the errors, completes the manifest, and removes the records of single parts.

        Raises:
            DataError: a file cannot be written.
        """
        parts = tuple(self._parts[number] for number in sorted(self._parts))
        errors = self.path / _ERRORS
        checksum = None
        if any(part.errors for part in parts):
            with atomic_write(errors, durable=True) as temporary, temporary.open("w", encoding="utf-8") as file:
                for done in self._read_done():
                    for failure in done.failures:
                        file.write(json.dumps(failure, ensure_ascii=False) + "\n")
            checksum = sha256(errors)
        result = Result(
            articles=sum(part.articles for part in parts),
            errors=sum(part.errors for part in parts),
            left_out=sum(part.left_out for part in parts),
            errors_sha256=checksum,
            parts=parts,
        )
        self.manifest = self.manifest.model_copy(update={"result": result})
        write_json(self.path / _MANIFEST, self.manifest, durable=True)
        shutil.rmtree(self.path / _UNFINISHED, ignore_errors=True)
        return self.manifest

    def _record(self, part: PartRecord, failures: Iterable[dict[str, str | None]]) -> None:
        write_json(self._unfinished(part.number), _Done(part=part, failures=tuple(failures)), durable=True)
        self._parts[part.number] = part

    def _unfinished(self, number: int) -> Path:
        return self.path / _UNFINISHED / f"part-{number:05}.json"

    def _read_done(self) -> Iterator[_Done]:
        """Streams the records of the parts that are done, in the order of their numbers."""
        paths = (self.path / _UNFINISHED).glob("part-*.json")
        for path in sorted(paths, key=lambda path: (len(path.name), path.name)):
            done = _read(path, _Done)
            part = self.part_path(done.part.number)
            if not part.is_file() or part.stat().st_size != done.part.size:
                raise DataError(
                    f"{part}: has vanished or changed since it was written; to write it again, delete {path}"
                )
            yield done


@contextmanager
def open_run(path: Path, manifest: Manifest) -> Iterator[RunFolder]:
    """Opens the folder of a run, new or to go on with, and keeps other runs out until the block ends.

    Args:
        path: the folder. It is created if it does not exist.
        manifest: what the run is, without a result.

    Raises:
        DataError: the folder holds something else or another run, one is writing in it now, or it cannot be written.
    """
    with _locked(path):
        file = path / _MANIFEST
        if file.is_file():
            before = read_manifest(path)
            if found := difference(before, manifest):
                raise DataError(f"{path}: holds another run: {found}; choose another --output")
            manifest = before
        elif any(not each.name.startswith(".") for each in path.iterdir()):
            raise DataError(f"{path}: is not empty and holds no run; choose another --output")
        for pattern in (f".{_MANIFEST}.*", f".{_ERRORS}.*", ".part-*", f"{_UNFINISHED}/.part-*"):
            for temporary in path.glob(pattern):
                temporary.unlink()  # a killed run left it
        if not file.is_file():
            write_json(file, manifest, durable=True)
        if manifest.result is not None:
            shutil.rmtree(path / _UNFINISHED, ignore_errors=True)
        yield RunFolder(path, manifest)


def read_manifest(folder: Path) -> Manifest:
    """Reads the manifest of a run's folder.

    Raises:
        DataError: the folder holds no run, or the manifest is damaged.
    """
    path = folder / _MANIFEST
    if not path.is_file():
        raise DataError(f"{folder}: {'holds no run: it has no ' + _MANIFEST if folder.is_dir() else 'no such folder'}")
    return _read(path, Manifest)


def part_path(folder: Path, manifest: Manifest, number: int) -> Path:
    """Returns the file of a part of a run."""
    return folder / f"part-{number:05}.{manifest.settings['format']}"


def read_failures(folder: Path, manifest: Manifest) -> Iterator[dict[str, str | None]]:
    """Streams the lines of a finished run's `errors.jsonl`.

    Raises:
        DataError: the file is not as the run wrote it.
    """
    result = manifest.result
    if result is None or not result.errors:
        return
    path = folder / _ERRORS
    if not path.is_file() or sha256(path) != result.errors_sha256:
        raise DataError(f"{path}: not as its run wrote it: its SHA-256 is another")
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield json.loads(line)


def difference(before: Manifest, now: Manifest) -> str | None:
    """Returns the first difference between two runs in words, None if they are the same."""
    for old, new in ((before.versions, now.versions), (before.settings, now.settings)):
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                return f"{key.replace('_', ' ')} was {_word(old.get(key))}, now {_word(new.get(key))}"
    files = (before.model.files, now.model.files)
    for name in sorted({*files[0], *files[1]}):
        if files[0].get(name) != files[1].get(name):
            return f"the model was {before.model.name}, now {now.model.name}, whose {name} is another"
    names = [[record.path for record in manifest.inputs] for manifest in (before, now)]
    if names[0] != names[1]:
        return f"the input was {' '.join(names[0])}, now {' '.join(names[1])}"
    for old_input, new_input in zip(before.inputs, now.inputs, strict=True):
        if old_input != new_input:
            return f"the input {old_input.path} has changed since"
    return None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Creates a folder and locks it. The lock ends with the process, however that ends."""
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


def _word(value: Setting) -> str:
    return "none" if value is None else str(value)


def _read(path: Path, kind: type[R]) -> R:
    try:
        return kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise DataError(f"{path}: damaged: {explain(error, kind)}") from None
