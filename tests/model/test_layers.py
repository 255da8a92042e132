from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForTokenClassification, PreTrainedModel

from afteraction.data import LabelScheme
from afteraction.model import ModelError, build_classifier, load_classifier
from afteraction.model.layers import published_name

Make = Callable[..., PreTrainedModel]


def smaller(folder: Path, *layers: int) -> Any:
    return build_classifier(
        str(folder), scheme=LabelScheme(), hidden_dropout=0, attention_dropout=0, head_dropout=0, layers=layers
    )


@pytest.mark.parametrize("kind", ["bert", "mpnet", "distilbert", "modernbert"])
def test_a_model_of_some_layers_is_whole_and_knows_where_they_were(untrained: Make, kind: str, tmp_path: Path) -> None:
    original = untrained(kind, layers=4)
    original.save_pretrained(tmp_path / "original")
    weights = original.base_model.state_dict()
    model = smaller(tmp_path / "original", 0, 2, 3)
    model.save_pretrained(tmp_path / "smaller")
    assert load_classifier(str(tmp_path / "smaller")).config.num_hidden_layers == 3
    # Layers of a model that already lacks some.
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


def test_layers_that_there_are_not_are_refused(untrained: Make, tmp_path: Path) -> None:
    untrained("bert", layers=4).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"encoder_layers: no layer 4; the encoder has the layers 0 to 3"):
        smaller(tmp_path, 0, 4)


def test_layers_that_are_shared_or_unlike_are_not_taken_apart(untrained: Make, tmp_path: Path) -> None:
    untrained("albert", layers=4).save_pretrained(tmp_path / "albert")
    with pytest.raises(ModelError, match=r"encoder_layers: this encoder has no list of layers"):
        smaller(tmp_path / "albert", 0)
    untrained("modernbert", layers=4).save_pretrained(
        tmp_path / "modern"
    )  # its first layer lacks a norm that the others have
    with pytest.raises(ModelError, match=r"encoder_layers: .*its layers are not alike"):
        smaller(tmp_path / "modern", 1, 2)
