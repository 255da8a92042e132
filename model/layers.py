"""Finds the layers of an encoder, and removes some of them to make a smaller model.

The config of a smaller model has `kept_layers`: for each layer, its number in the published encoder.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from afteraction.model.errors import ModelError

if TYPE_CHECKING:
    from torch.nn import ModuleList
    from transformers import PreTrainedModel

KEPT_LAYERS = "kept_layers"
"""The key in a model's config that lists which of the encoder's layers the model has."""


def find_layers(model: "PreTrainedModel") -> tuple[str, "ModuleList"] | None:
    """Returns the name and the list of the layers of a model's encoder, or None if the encoder has no such list."""
    from torch.nn import ModuleList

    count = int(model.config.num_hidden_layers)
    prefix = f"{model.base_model_prefix}."
    for name, module in model.named_modules():
        if name.startswith(prefix) and isinstance(module, ModuleList) and len(module) == count:
            return name, module
    return None


def keep_layers(model: "PreTrainedModel", kept: Sequence[int]) -> None:
    """Removes all but the kept layers of a model's encoder, in place, and records the kept ones in its config.

    Args:
        model: the model.
        kept: the numbers of the layers to keep, from 0, in ascending order.

    Raises:
        ModelError: the encoder has no such layers.
    """
    found = find_layers(model)
    if found is None:
        raise ModelError("encoder_layers: this encoder has no list of layers; keep all of them: null")
    _, layers = found
    count = len(layers)
    if wrong := [layer for layer in kept if layer not in range(count)]:
        raise ModelError(f"encoder_layers: no layer {wrong[0]}; the encoder has the layers 0 to {count - 1}")
    for layer in reversed(range(count)):
        if layer not in kept:
            del layers[layer]
    config = model.config
    before = getattr(config, KEPT_LAYERS, None) or range(count)
    setattr(config, KEPT_LAYERS, [before[layer] for layer in kept])
    if types := getattr(config, "layer_types", None):
        config.layer_types = [types[layer] for layer in kept]
    config.num_hidden_layers = len(kept)


def published_name(model: "PreTrainedModel", name: str) -> str:
    """Returns the name that a weight of a model's encoder has in the published encoder, which has all layers."""
    own = name.removeprefix(f"{model.base_model_prefix}.")
    found = find_layers(model)
    kept = getattr(model.config, KEPT_LAYERS, None)
    if not kept or found is None or not name.startswith(f"{found[0]}."):
        return own
    number, _, rest = name.removeprefix(f"{found[0]}.").partition(".")
    layers = found[0].removeprefix(f"{model.base_model_prefix}.")
    return f"{layers}.{kept[int(number)]}.{rest}"
