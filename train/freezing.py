"""Freezes parts of an encoder in training."""

import torch
from transformers import PreTrainedModel

from afteraction.model import find_layers
from afteraction.train.config import ConfigError, OptimizerConfig


def freeze(model: PreTrainedModel, config: OptimizerConfig) -> None:
    """Excludes parameters from training: word embeddings, and the lowest layers with everything below them.

    Raises:
        ConfigError: the encoder has fewer layers than the config freezes.
    """
    model.get_input_embeddings().weight.requires_grad_(config.train_embeddings)
    if not config.frozen_layers:
        return
    encoder: torch.nn.Module = model.base_model
    count = int(model.config.num_hidden_layers)
    found = find_layers(model)
    if found is None or config.frozen_layers > count:
        raise ConfigError(
            f"optimizer.frozen_layers: {config.frozen_layers} is more than the {count} layers of the encoder"
        )
    # Embeddings and attention biases too: otherwise gradients would pass through the frozen layers to reach them.
    encoder.requires_grad_(False)
    found[1][config.frozen_layers :].requires_grad_(True)
