"""Loads packed models: weights and tokenizer of the encoder's package, and the differences stored in the folder."""

from pathlib import Path
from typing import TYPE_CHECKING

from afteraction.data.errors import nearest
from afteraction.model.differences import unpack_weights
from afteraction.model.encoder import assemble_classifier, load_tokenizer
from afteraction.model.encoder_packages import PACKAGES, package_folder
from afteraction.model.errors import ModelError
from afteraction.model.layers import published_name
from afteraction.model.model_files import check_config, read_shapes
from afteraction.model.packed_folder import PACKED_FILE, PACKED_WEIGHTS, read_packed

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def load_packed(folder: Path) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """Loads a packed folder. The weights are always the same, bit for bit.

    Raises:
        ModelError: the folder is damaged, or the package of its encoder is not installed or not the required one.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    packed = read_packed(folder)
    package = packed.encoder.package
    if package not in PACKAGES:
        raise ModelError(f"{folder / PACKED_FILE}: encoder.package: unknown {package!r}; {nearest(package, PACKAGES)}")
    if packed.encoder.sha256 != PACKAGES[package].sha256:
        raise ModelError(f"{folder / PACKED_FILE}: encoder.sha256: not the weights of {package}; pack the model again")
    encoder = package_folder(package, version=packed.encoder.version)
    check_config(folder, read_shapes(encoder))

    def weights(shapes: "PreTrainedModel") -> "dict[str, Tensor]":
        try:
            differences = load_file(folder / PACKED_WEIGHTS)
            return unpack_weights(differences, encoder_weights(encoder, shapes, name=str(folder)))
        except (KeyError, RuntimeError, SafetensorError) as error:
            raise ModelError(f"{folder / PACKED_WEIGHTS}: damaged: {error}; pack the model again") from None

    return assemble_classifier(str(folder), weights), load_tokenizer(str(encoder))


def encoder_weights(encoder: Path, model: "PreTrainedModel", *, name: str) -> "dict[str, Tensor]":
    """Returns the weights in an encoder's folder that correspond to a model's, in 32-bit floats.

    Args:
        encoder: the folder of the encoder.
        model: the model. Its head is not part of the encoder.
        name: the name of the model for the error message.

    Returns:
        The weights, by their names in the model.

    Raises:
        ModelError: the weights of the model's encoder have other names or shapes.
    """
    from safetensors.torch import load_file

    stored = load_file(encoder / "model.safetensors")
    prefix = f"{model.base_model_prefix}."
    weights = {}
    for key, value in model.state_dict().items():
        if not key.startswith(prefix):
            continue
        weight = stored.get(published_name(model, key))
        if weight is None or weight.shape != value.shape:
            raise ModelError(f"{name}: its encoder is not that of {encoder}: {key}")
        weights[key] = weight.float()
    return weights
