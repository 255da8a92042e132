from collections.abc import Callable
from typing import Any

import pytest
import torch
from transformers import PreTrainedModel

from afteraction.train import ConfigError, load_config
from afteraction.train.freezing import freeze

Make = Callable[..., PreTrainedModel]


def settings(*overrides: str) -> Any:
    return load_config("default", overrides=overrides).optimizer


def trained(model: Any) -> set[str]:
    return {name for name, parameter in model.named_parameters() if parameter.requires_grad}


@pytest.mark.parametrize("kind", ["bert", "mpnet", "distilbert"])
def test_only_the_layers_above_and_the_head_get_gradients(untrained: Make, kind: str) -> None:
    model = untrained(kind, layers=3)
    freeze(model, settings("optimizer.frozen_layers=2"))
    model(input_ids=torch.tensor([[5, 6, 7]])).logits.sum().backward()
    with_gradient = {name for name, parameter in model.named_parameters() if parameter.grad is not None}
    assert with_gradient == trained(model)
    layers = {name for name in with_gradient if name.startswith(model.base_model_prefix)}
    assert layers
    assert all(".2." in name for name in layers)
    assert any(name.startswith("classifier.") for name in with_gradient)


def test_by_default_all_is_trained_and_embeddings_alone_can_be_kept(untrained: Make) -> None:
    model = untrained("bert", layers=3)
    everything = trained(model)
    freeze(model, settings())
    assert trained(model) == everything
    freeze(model, settings("optimizer.train_embeddings=false"))
    assert everything - trained(model) == {"bert.embeddings.word_embeddings.weight"}


def test_more_layers_than_there_are_cannot_be_frozen(untrained: Make) -> None:
    with pytest.raises(ConfigError, match=r"optimizer\.frozen_layers: 4 is more than the 3 layers of the encoder"):
        freeze(untrained("bert", layers=3), settings("optimizer.frozen_layers=4"))
