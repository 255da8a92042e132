"""The manifest of an archive run: a description of the run and, once it is finished, of what it wrote."""

from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from afteraction.data import DataError
from afteraction.data.errors import explain
from afteraction.model.archive.sources import SourceRecord

MANIFEST = "manifest.json"
"""The file of a run's folder that holds its `Manifest`."""

Setting = str | int | None

R = TypeVar("R", bound=BaseModel)


class Record(BaseModel):
    """A part of the information that a run records about itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelRecord(Record):
    """The model of a run. It may be moved and renamed, so only its files are compared."""

    name: str
    files: dict[str, str]
    """The SHA-256 of each file; empty for the rules."""


class PartRecord(Record):
    """One part of a run."""

    number: Annotated[int, Field(ge=0)]
    articles: int
    errors: int
    """The number of lines of this part in `errors.jsonl`."""
    left_out: int
    """How many of the errors are articles that were left out on request."""
    skipped: int = 0
    """How many of the articles were not read because of the gate."""
    size: int
    """In bytes."""
    sha256: str


class Result(Record):
    """What a finished run wrote."""

    articles: int
    errors: int
    left_out: int
    """How many of the errors are articles that were left out on request."""
    skipped: int = 0
    """How many articles were not read because of the gate."""
    errors_sha256: str | None
    """None if there are no errors and so no `errors.jsonl`."""
    parts: tuple[PartRecord, ...]


class Manifest(Record):
    """The content of `manifest.json`. It has no times, so an interrupted and resumed run gives the same bytes."""

    version: Literal[1] = 1
    versions: dict[str, str]
    """The versions of afteraction and of other packages that the result depends on."""
    model: ModelRecord
    settings: dict[str, Setting]
    inputs: tuple[SourceRecord, ...]
    result: Result | None = None
    """None until the run is finished."""


def read_manifest(folder: Path) -> Manifest:
    """Reads the manifest of a run's folder.

    Raises:
        DataError: the folder does not hold a run, or the manifest is damaged.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise DataError(f"{folder}: {'holds no run: it has no ' + MANIFEST if folder.is_dir() else 'no such folder'}")
    return read_record(path, Manifest)


def part_path(folder: Path, manifest: Manifest, number: int) -> Path:
    """Returns the path of a part of a run."""
    return folder / f"part-{number:05}.{manifest.settings['format']}"


def difference(before: Manifest, now: Manifest) -> str | None:
    """Returns the first difference between two runs in words; None if they are the same."""
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


def read_record(path: Path, kind: type[R]) -> R:
    """Reads a record from a file of a run's folder.

    Raises:
        DataError: the file cannot be read, or is damaged.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise DataError(f"{path}: damaged: {explain(error, kind)}") from None


def _word(value: Setting) -> str:
    return "none" if value is None else str(value)
