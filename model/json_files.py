"""Reads and writes our own JSON files of a model folder, and checks the checksums that they hold of other files."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from afteraction.data.errors import explain
from afteraction.data.files import atomic_write, sha256
from afteraction.model.errors import ModelError

M = TypeVar("M", bound=BaseModel)


def read_json(path: Path, kind: type[M]) -> M:
    """Reads an existing file.

    Raises:
        ModelError: the file is invalid.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ModelError(f"{path}: {explain(error, kind)}") from None


def write_json(path: Path, value: BaseModel, *, durable: bool = False) -> None:
    """Writes a file with `atomic_write`.

    Raises:
        DataError: the file cannot be written.
    """
    with atomic_write(path, durable=durable) as temporary:
        temporary.write_text(value.model_dump_json(indent=2) + "\n", encoding="utf-8")


def check_weights(path: Path, *, checksum: str, record: str, verb: str) -> None:
    """Checks that a file of weights is the one whose checksum was recorded.

    Args:
        path: the file.
        checksum: its SHA-256.
        record: the name of the file that holds the checksum, for the error message.
        verb: the command that writes the file again, such as `pack`, for the error message.

    Raises:
        ModelError: the file is missing or damaged.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such file; {verb} the model again")
    if sha256(path) != checksum:
        raise ModelError(f"{path}: damaged: its SHA-256 is not that in {record}; {verb} the model again")
