from typing import Any

import pytest
import torch
from transformers import DistilBertConfig, DistilBertForTokenClassification, MPNetConfig, MPNetForTokenClassification
from transformers.models.bert import BertConfig, BertForTokenClassification

from afteraction.train import ConfigError, load_config
from afteraction.train.freezing import freeze

SIZES: dict[str, Any] = {
    "vocab_size": 50,
    "hidden_size": 8,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "max_position_embeddings": 20,
}
MODELS = {
    "bert": (lambda: BertForTokenClassification(BertConfig(**SIZES))),
    "mpnet": (lambda: MPNetForTokenClassification(MPNetConfig(**SIZES))),
    "distilbert": (
        lambda: DistilBertForTokenClassification(
            DistilBertConfig(vocab_size=50, dim=8, hidden_dim=16, n_layers=3, n_heads=2)
        )
    ),
}


def settings(*overrides: str) -> Any:
    return load_config("default", overrides=overrides).optimizer


def trained(model: Any) -> set[str]:
    return {name for name, parameter in model.named_parameters() if parameter.requires_grad}


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_only_the_layers_above_and_the_head_get_gradients(make: Any) -> None:
    model = make()
    freeze(model, settings("optimizer.frozen_layers=2"))
    model(input_ids=torch.tensor([[5, 6, 7]])).logits.sum().backward()
    with_gradient = {name for name, parameter in model.named_parameters() if parameter.grad is not None}
    assert with_gradient == trained(model)
    layers = {name for name in with_gradient if name.startswith(model.base_model_prefix)}
    assert layers
    assert all(".2." in name for name in layers)
    assert any(name.startswith("classifier.") for name in with_gradient)


def test_by_default_all_is_trained_and_embeddings_alone_can_be_kept() -> None:
    model = MODELS["bert"]()
    everything = trained(model)
    freeze(model, settings())
    assert trained(model) == everything
    freeze(model, settings("optimizer.train_embeddings=false"))
    assert everything - trained(model) == {"bert.embeddings.word_embeddings.weight"}


def test_more_layers_than_there_are_cannot_be_frozen() -> None:
    with pytest.raises(ConfigError, match=r"optimizer\.frozen_layers: 4 is more than the 3 layers there are"):
        freeze(MODELS["bert"](), settings("optimizer.frozen_layers=4"))
