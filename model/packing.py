"""Packs models: stores a fine-tuned model as its difference from an encoder that is an installed package."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from afteraction.data import SubwordTokenizer
from afteraction.data.files import atomic_write, remove_leftovers, sha256
from afteraction.model.card import TRAINING, read_training_record
from afteraction.model.differences import pack_weights
from afteraction.model.encoder import load_tokenizer
from afteraction.model.encoder_packages import PACKAGES, installed_version, package_folder
from afteraction.model.errors import ModelError
from afteraction.model.folders import PROVENANCE, read_files, require_free, write_files
from afteraction.model.gate import GATE_FILE
from afteraction.model.json_files import write_json
from afteraction.model.model_files import CONFIG_FILE
from afteraction.model.packed_folder import (
    DEFAULT_RANK,
    PACKED_FILE,
    PACKED_WEIGHTS,
    PackedEncoder,
    PackedModel,
    read_packed,
)
from afteraction.model.saving import SETTINGS_FILE, load_model, save_model
from afteraction.model.unpacking import encoder_weights

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


_COPIED = (CONFIG_FILE, SETTINGS_FILE, GATE_FILE, *PROVENANCE)


@dataclass(frozen=True, slots=True)
class Packing:
    """The result of packing: the sizes of the whole and of the packed folder, in bytes."""

    whole: int
    packed: int


def pack_model(folder: Path, output: Path, *, rank: int = DEFAULT_RANK, encoder: str | None = None) -> Packing:
    """Stores a model as its difference from its encoder, in a folder that `load_model` reads.

    Args:
        folder: a model folder whose encoder is an installed package.
        output: the folder to write: new, empty, or a packed model, which is replaced.
        rank: the mean rank of the stored differences. Each matrix gets its own rank, depending on how much it
            contributes; together they take the same space as if all had this rank.
        encoder: the package of the encoder; None for the one that the folder's `training.json` names.

    Raises:
        ModelError: the folder is not a model folder, its encoder is not an installed package, its tokenizer is not the
            package's, or the output is neither new, empty nor a packed model.
        DataError: the output cannot be written.
    """
    from safetensors.torch import save_file

    if rank < 1:
        raise ModelError(f"rank: must be at least 1, got {rank}")
    remove_leftovers(*(output / name for name in (PACKED_WEIGHTS, PACKED_FILE, *_COPIED)))
    require_free(output, may_be_packed=True)
    model, tokenizer, _ = load_model(folder)
    package = _package_of(folder, encoder)
    version = installed_version(package)
    location = package_folder(package, version=version)
    if version is None:
        raise ModelError(f"{package}: the installed package has no version; install it with pip")
    base = encoder_weights(location, model, name=str(folder))
    if not _same_tokenizer(tokenizer, load_tokenizer(str(location))):
        raise ModelError(f"{folder}: its tokenizer is not that of {package}, so it cannot be packed")
    weights = pack_weights(model.state_dict(), base, rank=rank)
    whole = _size(folder)
    copies = read_files(folder, _COPIED)
    with atomic_write(output / PACKED_WEIGHTS) as path:
        save_file(weights, path)
    write_files(output, copies)
    record = PackedModel(
        encoder=PackedEncoder(package=package, version=version, sha256=PACKAGES[package].sha256),
        rank=rank,
        sha256=sha256(output / PACKED_WEIGHTS),
    )
    write_json(output / PACKED_FILE, record)
    return Packing(whole=whole, packed=_size(output))


def unpack_model(packed: Path, output: Path) -> None:
    """Converts a packed folder to an ordinary model folder, with the same weights as `load_model` returns.

    Args:
        packed: the packed folder.
        output: the folder to write: new or empty.

    Raises:
        ModelError: the packed folder is damaged, its encoder is not installed, or the output is not empty.
        DataError: the output cannot be written.
    """
    require_free(output, may_be_packed=False)
    read_packed(packed)
    model, tokenizer, settings = load_model(packed)
    copies = read_files(packed, (GATE_FILE, *PROVENANCE))
    write_files(output, copies)
    save_model(output, model=model, tokenizer=tokenizer, settings=settings)


def _package_of(folder: Path, encoder: str | None) -> str:
    if encoder is None:
        record = read_training_record(folder)
        if record is None:
            raise ModelError(f"{folder}: no {TRAINING} that names its encoder; name it: {', '.join(PACKAGES)}")
        encoder = record.encoder
    if encoder not in PACKAGES:
        remedy = f"only models of these can be packed: {', '.join(PACKAGES)}"
        raise ModelError(f"{folder}: its encoder, {encoder}, is not a known package; {remedy}")
    return encoder


def _same_tokenizer(one: "PreTrainedTokenizerBase", other: "PreTrainedTokenizerBase") -> bool:
    first, second = SubwordTokenizer(one), SubwordTokenizer(other)
    return (first.fingerprint, first.pad_id) == (second.fingerprint, second.pad_id)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
