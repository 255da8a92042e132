"""The folder of an archive run: its manifest, its parts, and the lock that keeps a second run out.

    manifest.json       the run's model, settings and inputs; once it is finished, also its parts and counts
    part-00000.jsonl    the labelled articles of the first chunk, and so on
    errors.jsonl        the articles that could not be read or labelled or were left out, if there are any
    unfinished/         until the run is finished, a record of each part that is done
    .lock               locked by the run while it writes

A part is done once its record is in `unfinished/`. The record is written after the part, so a run that was killed
between the two writes the part again.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from afteraction.data import Article, DataError, write_articles
from afteraction.data.files import atomic_write, sha256
from afteraction.data.locks import lock_folder
from afteraction.model.archive.chunks import Chunk, Failure, LeftOut
from afteraction.model.archive.manifest import (
    MANIFEST,
    Manifest,
    PartRecord,
    Record,
    Result,
    difference,
    part_path,
    read_manifest,
    read_record,
)
from afteraction.model.gate import is_skipped
from afteraction.model.json_files import write_json

_ERRORS = "errors.jsonl"
_UNFINISHED = "unfinished"


class _Done(Record):
    """A file in `unfinished/`."""

    part: PartRecord
    failures: tuple[dict[str, str | None], ...]


class RunFolder:
    """The open folder of a run. Created by `open_run`."""

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
            DataError: the part cannot be written; nothing of it is then kept.
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
            skipped=sum(map(is_skipped, articles)),
            size=path.stat().st_size,
            sha256=sha256(path),
        )
        self._record(part, [asdict(failure) for failure in failures])

    def copy(self, source: Path, part: PartRecord, failures: Iterable[dict[str, str | None]]) -> None:
        """Copies a part from another run's folder.

        Raises:
            DataError: the part cannot be read or written, or has changed since that run wrote it.
        """
        if not source.is_file():
            raise DataError(f"{source}: was deleted after its run wrote it")
        with atomic_write(self.part_path(part.number), durable=True) as temporary:
            shutil.copyfile(source, temporary)
            if sha256(temporary) != part.sha256:
                raise DataError(f"{source}: changed since its run wrote it: its SHA-256 differs")
        self._record(part, failures)

    def finish(self) -> Manifest:
        """Writes `errors.jsonl`, completes the manifest, and removes the records of single parts.

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
            skipped=sum(part.skipped for part in parts),
            errors_sha256=checksum,
            parts=parts,
        )
        self.manifest = self.manifest.model_copy(update={"result": result})
        write_json(self.path / MANIFEST, self.manifest, durable=True)
        shutil.rmtree(self.path / _UNFINISHED, ignore_errors=True)
        return self.manifest

    def _record(self, part: PartRecord, failures: Iterable[dict[str, str | None]]) -> None:
        write_json(self._unfinished(part.number), _Done(part=part, failures=tuple(failures)), durable=True)
        self._parts[part.number] = part

    def _unfinished(self, number: int) -> Path:
        return self.path / _UNFINISHED / f"part-{number:05}.json"

    def _read_done(self) -> Iterator[_Done]:
        """Yields the records of the parts that are done, in the order of their numbers."""
        paths = (self.path / _UNFINISHED).glob("part-*.json")
        for path in sorted(paths, key=lambda path: (len(path.name), path.name)):
            done = read_record(path, _Done)
            part = self.part_path(done.part.number)
            if not part.is_file() or part.stat().st_size != done.part.size:
                raise DataError(
                    f"{part}: was deleted or changed after it was written; to write it again, delete {path}"
                )
            yield done


@contextmanager
def open_run(path: Path, manifest: Manifest) -> Iterator[RunFolder]:
    """Opens the folder of a new or resumed run, and keeps other runs out until the block ends.

    Args:
        path: the folder. It is created if it does not exist.
        manifest: the manifest of the run, without a result.

    Raises:
        DataError: the folder holds another run or something else, is in use by a run, or cannot be written.
    """
    with lock_folder(path):
        file = path / MANIFEST
        if file.is_file():
            before = read_manifest(path)
            if found := difference(before, manifest):
                raise DataError(f"{path}: holds another run: {found}; choose another --output")
            manifest = before
        elif any(not each.name.startswith(".") for each in path.iterdir()):
            raise DataError(f"{path}: is not empty and holds no run; choose another --output")
        for pattern in (f".{MANIFEST}.*", f".{_ERRORS}.*", ".part-*", f"{_UNFINISHED}/.part-*"):
            for temporary in path.glob(pattern):
                temporary.unlink()  # left by a killed run
        if not file.is_file():
            write_json(file, manifest, durable=True)
        if manifest.result is not None:
            shutil.rmtree(path / _UNFINISHED, ignore_errors=True)
        yield RunFolder(path, manifest)


def read_failures(folder: Path, manifest: Manifest) -> Iterator[dict[str, str | None]]:
    """Yields the lines of a finished run's `errors.jsonl`.

    Raises:
        DataError: the file is missing, or has changed since the run wrote it.
    """
    result = manifest.result
    if result is None or not result.errors:
        return
    path = folder / _ERRORS
    if not path.is_file() or sha256(path) != result.errors_sha256:
        raise DataError(f"{path}: changed since its run wrote it: its SHA-256 differs")
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield json.loads(line)
