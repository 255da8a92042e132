"""Masks whole subwords in training, so that a model does not memorise names."""

import torch

from afteraction.data.tokens import IGNORED


def mask_subwords(ids: torch.Tensor, labels: torch.Tensor, *, rate: float, mask_id: int) -> torch.Tensor:
    """Replaces each labelled subword by the mask token with probability `rate`.

    `ids`, `labels` and the result have shape (windows, width).
    """
    chosen = (torch.rand(ids.shape, device=ids.device) < rate) & (labels != IGNORED)
    return ids.masked_fill(chosen, mask_id)
