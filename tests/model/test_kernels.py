import copy
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from afteraction.model import OneDnnLinear, load_classifier, use_onednn
from afteraction.model.kernels import ByteDropout, plain_attention, use_byte_dropout


@pytest.fixture
def linear() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(48, 33)


def onednn(linear: nn.Linear) -> nn.Module:
    """Returns a copy of a layer, replaced by `use_onednn`."""
    holder = nn.Sequential(copy.deepcopy(linear))
    use_onednn(holder)
    return holder[0]


@given(
    shape=st.lists(st.integers(1, 40), max_size=2),
    inputs=st.integers(1, 70),
    outputs=st.integers(1, 70),
    bias=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_values_and_gradients_are_those_of_double_precision(
    shape: list[int], inputs: int, outputs: int, bias: bool, seed: int
) -> None:
    torch.manual_seed(seed)
    plain = nn.Linear(inputs, outputs, bias=bias)
    values, direction = torch.randn(*shape, inputs), torch.randn(*shape, outputs)
    found = with_gradients(onednn(plain), values, direction)
    expected = with_gradients(plain.double(), values.double(), direction.double())
    for one, exact in zip(found, expected, strict=True):
        torch.testing.assert_close(one.double(), exact, rtol=1e-4, atol=5e-4)


def with_gradients(layer: nn.Module, values: torch.Tensor, direction: torch.Tensor) -> list[torch.Tensor]:
    """Returns the output of a layer, and the gradients of the output's product with `direction`."""
    values = values.clone().requires_grad_()
    found = layer(values)
    (found * direction).sum().backward()
    return [found, *(leaf.grad for leaf in (values, *layer.parameters()) if leaf.grad is not None)]


@pytest.mark.parametrize("layout", ["transposed", "strided", "expanded"])
def test_any_layout_of_the_input_will_do(linear: nn.Linear, layout: str) -> None:
    values = {
        "transposed": torch.randn(48, 7).t(),
        "strided": torch.randn(7, 96)[:, ::2],
        "expanded": torch.randn(1, 48).expand(7, 48),
    }[layout]
    torch.testing.assert_close(onednn(linear)(values), linear(values), rtol=1e-4, atol=1e-4)


def test_no_rows_give_no_rows(linear: nn.Linear) -> None:
    assert onednn(linear)(torch.empty(0, 48)).shape == (0, 33)


def test_the_same_call_gives_the_same_bits(linear: nn.Linear) -> None:
    layer = onednn(linear)
    values = torch.randn(100, 48)
    assert torch.equal(layer(values), layer(values))


def test_frozen_parameters_get_no_gradient(linear: nn.Linear) -> None:
    layer = onednn(linear)
    layer.requires_grad_(False)
    values = torch.randn(3, 48, requires_grad=True)
    layer(values).sum().backward()
    assert values.grad is not None
    assert all(parameter.grad is None for parameter in layer.parameters())


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_precisions_are_left_to_torch(linear: nn.Linear, dtype: torch.dtype) -> None:
    layer, theirs = onednn(linear).to(dtype), linear.to(dtype)
    values = torch.randn(6, 48, dtype=dtype)
    assert torch.equal(layer(values), theirs(values))


def test_autocast_keeps_its_precision(linear: nn.Linear) -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert onednn(linear)(torch.randn(6, 48)).dtype == torch.bfloat16


def test_every_linear_layer_is_replaced_and_its_parameters_stay_the_same_objects() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 2, bias=False), nn.ReLU()))
    names = dict(model.named_parameters())
    model.eval()
    use_onednn(model)
    replaced = [module for module in model.modules() if isinstance(module, nn.Linear)]
    assert [type(module) for module in replaced] == [OneDnnLinear, OneDnnLinear]
    assert not any(module.training for module in replaced)
    assert {name: id(parameter) for name, parameter in model.named_parameters()} == {
        name: id(parameter) for name, parameter in names.items()
    }


class SubclassedLinear(nn.Linear):
    """A subclass of the linear layer, which might do more."""


def test_a_subclass_of_the_linear_layer_stays() -> None:
    model = nn.Sequential(SubclassedLinear(2, 2))
    use_onednn(model)
    assert type(model[0]) is SubclassedLinear


def test_where_onednn_is_switched_off_layers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)
    model = nn.Sequential(nn.Linear(2, 2))
    use_onednn(model)
    assert type(model[0]) is nn.Linear


def test_on_other_processors_layers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "SVE256")
    model = nn.Sequential(nn.Linear(2, 2))
    use_onednn(model)
    assert type(model[0]) is nn.Linear


def test_a_loaded_classifier_uses_it_and_agrees_with_transformers(model_folder: Path) -> None:
    from transformers import AutoModelForTokenClassification

    ours = load_classifier(str(model_folder))
    theirs = AutoModelForTokenClassification.from_pretrained(model_folder)
    assert type(ours.classifier) is OneDnnLinear
    assert type(theirs.classifier) is nn.Linear
    ids = torch.arange(5, 25).view(2, 10)
    with torch.no_grad():
        torch.testing.assert_close(ours.eval()(ids).logits, theirs.eval()(ids).logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.999])
def test_byte_dropout_drops_its_share_and_keeps_the_mean(rate: float) -> None:
    torch.manual_seed(0)
    values = torch.ones(1000, 1000)
    dropped = ByteDropout(rate)(values)
    share = min(round(rate * 256), 255) / 256
    assert (dropped == 0).float().mean().item() == pytest.approx(share, abs=0.002)
    assert dropped.unique().tolist() == [0.0, pytest.approx(1 / (1 - share))]
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.05)


def test_neighbours_are_dropped_independently() -> None:
    torch.manual_seed(0)
    gone = (ByteDropout(0.5)(torch.ones(800_000)) == 0).float()
    for distance in (1, 2, 7, 8):
        pairs = torch.stack([gone[:-distance], gone[distance:]])
        assert abs(torch.corrcoef(pairs)[0, 1].item()) < 0.01


def test_gradients_pass_where_values_do() -> None:
    torch.manual_seed(0)
    values = torch.randn(100, requires_grad=True)
    dropped = ByteDropout(0.5)(values)
    dropped.sum().backward()
    assert values.grad is not None
    torch.testing.assert_close(values.grad, (dropped != 0).float() * 2.0)


def test_evaluation_and_a_rate_of_zero_change_nothing() -> None:
    values = torch.randn(3, 5)
    assert torch.equal(ByteDropout(0.5).eval()(values), values)
    assert torch.equal(ByteDropout(0.0)(values), values)


def test_every_dropout_of_a_model_is_replaced_with_its_rate() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.2), nn.Sequential(nn.Dropout(0.3)))
    use_byte_dropout(model)
    assert [(type(m), m.p) for m in model.modules() if isinstance(m, nn.Dropout)] == [
        (ByteDropout, 0.2),
        (ByteDropout, 0.3),
    ]


@pytest.mark.parametrize("padding", [0, 3])
def test_plain_attention_gives_the_same_values_and_gradients_and_only_meanwhile(
    model_folder: Path, padding: int
) -> None:
    model = load_classifier(str(model_folder)).eval()
    ids, mask = torch.arange(5, 25).view(2, 10), torch.ones(2, 10, dtype=torch.long)
    mask[1, 10 - padding :] = 0
    kept = mask.bool()

    def results() -> list[torch.Tensor]:
        model.zero_grad()
        logits = model(input_ids=ids, attention_mask=mask if padding else None).logits[kept]
        logits.square().sum().backward()
        return [logits, *(parameter.grad.clone() for parameter in model.parameters() if parameter.grad is not None)]

    fused = results()
    before = model.config._attn_implementation
    with plain_attention(model):
        assert model.config._attn_implementation != before
        plain = results()
    assert model.config._attn_implementation == before == "sdpa"
    assert len(fused) == len(plain) > 10
    for one, other in zip(fused, plain, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
