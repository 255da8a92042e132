"""What all that writes model folders shares: outputs that must be free, and files that go with a model as they are."""

from collections.abc import Iterable
from pathlib import Path

from afteraction.data.files import atomic_write
from afteraction.model.card import CALIBRATION, CARD, TRAINING
from afteraction.model.errors import ModelError
from afteraction.model.packed_folder import PACKED_WEIGHTS, is_packed

PROVENANCE = (TRAINING, CALIBRATION, CARD)
"""Files of a model folder that it may have, and that go with the model as they are."""


def require_free(output: Path, *, may_be_packed: bool = False) -> None:
    """Raises a ModelError unless a folder can be written: it is new, empty or, if that may be, a packed model."""
    if output.exists() and not output.is_dir():
        raise ModelError(f"{output}: a file; name a folder to write")
    # A killed `pack` leaves the weights, which it writes first.
    replaced = may_be_packed and (is_packed(output) or (output / PACKED_WEIGHTS).is_file())
    if output.is_dir() and any(output.iterdir()) and not replaced:
        raise ModelError(f"{output}: not empty; name a new folder{' or a packed model' if may_be_packed else ''}")


def read_files(folder: Path, names: Iterable[str]) -> dict[str, bytes | None]:
    """Returns the contents of files of a folder, by their names; None for those that it does not have."""
    return {name: (folder / name).read_bytes() if (folder / name).is_file() else None for name in names}


def write_files(output: Path, contents: dict[str, bytes | None]) -> None:
    """Writes the files that there are. The others are removed from a folder that is replaced."""
    for name, content in contents.items():
        if content is None:
            (output / name).unlink(missing_ok=True)
        else:
            with atomic_write(output / name) as path:
                path.write_bytes(content)
