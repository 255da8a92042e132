import pytest
import torch

from afteraction.data.tokens import IGNORED
from afteraction.train.masking import mask_subwords


def test_only_labelled_subwords_are_masked_and_their_share_is_the_rate() -> None:
    torch.manual_seed(0)
    ids = torch.full((100, 200), 7)
    labels = torch.zeros_like(ids)
    labels[:, ::2] = IGNORED
    masked = mask_subwords(ids, labels, rate=0.3, mask_id=1)
    assert (masked[:, ::2] == 7).all()
    assert (masked[:, 1::2] == 1).float().mean().item() == pytest.approx(0.3, abs=0.02)
    assert (ids == 7).all()
