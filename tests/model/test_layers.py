from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AlbertConfig,
    AlbertForTokenClassification,
    AutoModelForTokenClassification,
    DistilBertConfig,
    DistilBertForTokenClassification,
    ModernBertConfig,
    ModernBertForTokenClassification,
    MPNetConfig,
    MPNetForTokenClassification,
)
from transformers.models.bert import BertConfig, BertForTokenClassification

from afteraction.data import LabelScheme
from afteraction.model import ModelError, build_classifier, load_classifier
from afteraction.model.layers import published_name

SIZES: dict[str, Any] = {
    "vocab_size": 50,
    "hidden_size": 8,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "max_position_embeddings": 20,
}
MODELS = {
    "bert": (lambda: BertForTokenClassification(BertConfig(**SIZES))),
    "mpnet": (lambda: MPNetForTokenClassification(MPNetConfig(**SIZES))),
    "distilbert": (
        lambda: DistilBertForTokenClassification(
            DistilBertConfig(vocab_size=50, dim=8, hidden_dim=16, n_layers=4, n_heads=2)
        )
    ),
    "modernbert": (lambda: ModernBertForTokenClassification(ModernBertConfig(**SIZES, **MODERN))),
}
MODERN: dict[str, Any] = dict.fromkeys(("pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id"), 0) | {
    "sep_token_id": 0
}


def smaller(folder: Path, *layers: int) -> Any:
    return build_classifier(
        str(folder), scheme=LabelScheme(), hidden_dropout=0, attention_dropout=0, head_dropout=0, layers=layers
    )


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_a_model_of_some_layers_is_whole_and_knows_where_they_were(make: Any, tmp_path: Path) -> None:
    original = make()
    original.save_pretrained(tmp_path / "original")
    weights = original.base_model.state_dict()
    model = smaller(tmp_path / "original", 0, 2, 3)
    model.save_pretrained(tmp_path / "smaller")
    assert load_classifier(str(tmp_path / "smaller")).config.num_hidden_layers == 3
    # What is left of what is left.
    last = smaller(tmp_path / "smaller", 0, 2)
    last.save_pretrained(tmp_path / "last")
    assert last.config.kept_layers == [0, 3]
    ids = torch.tensor([[5, 6, 7, 8]])
    for kept, count in ((model, 3), (last, 2)):
        names = [name for name in kept.state_dict() if name.startswith(kept.base_model_prefix)]
        assert {name.rpartition("layer")[2].split(".")[1] for name in names if ".layer" in name} >= {
            str(number) for number in range(count)
        }
        for name in names:
            assert torch.equal(kept.state_dict()[name], weights[published_name(kept, name)]), name
    plain = AutoModelForTokenClassification.from_pretrained(tmp_path / "last").eval()
    assert torch.allclose(plain(input_ids=ids).logits, last.eval()(input_ids=ids).logits, atol=1e-5)


def test_layers_that_there_are_not_are_refused(tmp_path: Path) -> None:
    MODELS["bert"]().save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"encoder_layers: no layer 4; the encoder has the layers 0 to 3"):
        smaller(tmp_path, 0, 4)


def test_layers_that_are_shared_or_unlike_are_not_taken_apart(tmp_path: Path) -> None:
    AlbertForTokenClassification(AlbertConfig(**SIZES, embedding_size=8)).save_pretrained(tmp_path / "albert")
    with pytest.raises(ModelError, match=r"encoder_layers: this encoder has no list of layers"):
        smaller(tmp_path / "albert", 0)
    MODELS["modernbert"]().save_pretrained(tmp_path / "modern")  # its first layer lacks a norm that the others have
    with pytest.raises(ModelError, match=r"encoder_layers: .*its layers are not alike"):
        smaller(tmp_path / "modern", 1, 2)
