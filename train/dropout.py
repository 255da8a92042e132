"""Dropout: of whole subwords, and of activations at little cost on a CPU.

PyTorch draws a random number for each activation there, one after another, which takes up to a tenth of a
training step. A byte for each does: eight of them come from one draw.
"""

import torch
from torch import nn

from afteraction.data.tokens import IGNORED

_STEPS = 256
_LOWEST = -(2**63)


class ByteDropout(nn.Dropout):
    """`nn.Dropout` with its probability rounded to a 256th."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Drops each value with the same probability and scales up the others; passes all on in evaluation."""
        threshold = min(round(self.p * _STEPS), _STEPS - 1)
        if not self.training or not threshold:
            return values
        draws = torch.empty(-(-values.numel() // 8), dtype=torch.int64).random_(_LOWEST, None)
        kept = (draws.view(torch.uint8)[: values.numel()] >= threshold).view(values.shape)
        return values * kept.to(values.dtype).mul_(_STEPS / (_STEPS - threshold))


def mask_subwords(ids: torch.Tensor, labels: torch.Tensor, *, rate: float, mask_id: int) -> torch.Tensor:
    """Puts the mask in the place of each labelled subword with probability `rate`; shapes (windows, longest)."""
    chosen = (torch.rand(ids.shape, device=ids.device) < rate) & (labels != IGNORED)
    return ids.masked_fill(chosen, mask_id)


def use_byte_dropout(model: nn.Module) -> None:
    """Puts a `ByteDropout` in the place of each plain `nn.Dropout` of a model."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Dropout:
                setattr(module, name, ByteDropout(child.p))
