"""Helpers for writing model folders: the check that an output is free, and the files that are copied unchanged."""

from collections.abc import Iterable
from pathlib import Path

from afteraction.data.files import atomic_write
from afteraction.model.card import CALIBRATION, CARD, TRAINING
from afteraction.model.errors import ModelError
from afteraction.model.packed_folder import PACKED_WEIGHTS, is_packed

PROVENANCE = (TRAINING, CALIBRATION, CARD)
"""Optional files of a model folder that are copied unchanged with the model."""


def require_free(output: Path, *, may_be_packed: bool = False) -> None:
    """Raises a ModelError unless a folder is new, empty or, with `may_be_packed`, a packed model to be replaced."""
    if output.exists() and not output.is_dir():
        raise ModelError(f"{output}: a file; name a folder to write")
    # A killed `pack` may leave only the weights, which it writes first.
    replaced = may_be_packed and (is_packed(output) or (output / PACKED_WEIGHTS).is_file())
    if output.is_dir() and any(output.iterdir()) and not replaced:
        raise ModelError(f"{output}: not empty; name a new folder{' or a packed model' if may_be_packed else ''}")


def read_files(folder: Path, names: Iterable[str]) -> dict[str, bytes | None]:
    """Returns the contents of files in a folder, by name; None for those that do not exist."""
    return {name: (folder / name).read_bytes() if (folder / name).is_file() else None for name in names}


def write_files(output: Path, contents: dict[str, bytes | None]) -> None:
    """Writes the files that have content. Deletes the others, which a folder that is replaced may have."""
    for name, content in contents.items():
        if content is None:
            (output / name).unlink(missing_ok=True)
        else:
            with atomic_write(output / name) as path:
                path.write_bytes(content)
