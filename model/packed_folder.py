"""The format of a packed folder: a model stored as its difference from an encoder that is an installed package.

Besides the two files named here, the folder has the files of an ordinary model folder except weights and tokenizer.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from afteraction.model.errors import ModelError
from afteraction.model.json_files import check_weights, read_json

DEFAULT_RANK = 96
"""The default mean rank of a packed model. docs/packing.md shows what this and other ranks cost."""

PACKED_FILE = "packed.json"
"""The file in a packed folder that holds its `PackedModel`."""

PACKED_WEIGHTS = "packed.safetensors"
"""The file in a packed folder that holds how the weights differ from the encoder's."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PackedEncoder(_Record):
    """The package whose weights and tokenizer a packed model needs."""

    package: str
    version: str
    sha256: str
    """The checksum of the package's weights."""


class PackedModel(_Record):
    """The content of `packed.json`: what a packed model was made from."""

    version: Literal[1] = 1
    encoder: PackedEncoder
    rank: int = Field(ge=1)
    """The mean rank that the model was packed with. See `pack_model`."""
    sha256: str
    """The checksum of `packed.safetensors`."""


def is_packed(folder: Path) -> bool:
    """Returns whether a folder holds a packed model."""
    return (folder / PACKED_FILE).is_file()


def read_packed(folder: Path) -> PackedModel:
    """Reads `packed.json`, and checks that the weights beside it are those that it describes.

    Raises:
        ModelError: one of the two files is missing or damaged.
    """
    path = folder / PACKED_FILE
    if not path.is_file():
        raise ModelError(f"{folder}: not a packed model: it has no {PACKED_FILE}")
    packed = read_json(path, PackedModel)
    check_weights(folder / PACKED_WEIGHTS, checksum=packed.sha256, record=PACKED_FILE, verb="pack")
    return packed
