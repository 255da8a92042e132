import pytest
import torch
from torch import nn

from afteraction.data.tokens import IGNORED
from afteraction.train import ByteDropout, mask_subwords, use_byte_dropout


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


def test_only_labelled_subwords_are_masked_and_their_share_is_the_rate() -> None:
    torch.manual_seed(0)
    ids = torch.full((100, 200), 7)
    labels = torch.zeros_like(ids)
    labels[:, ::2] = IGNORED
    masked = mask_subwords(ids, labels, rate=0.3, mask_id=1)
    assert (masked[:, ::2] == 7).all()
    assert (masked[:, 1::2] == 1).float().mean().item() == pytest.approx(0.3, abs=0.02)
    assert (ids == 7).all()
