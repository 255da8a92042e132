"""Stores weights as their difference from an encoder's, in a twentieth of the space.

Fine-tuning changes a matrix mostly in a few directions. The difference is a sum of components, one per singular value,
and the largest components make up nearly all of it. They are kept as two factors of 8-bit integers and one scale.

The product of the factors is exact in 32-bit floats, whatever the order in which a processor sums it. So a model has
the same weights on every machine, bit for bit.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afteraction.model.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

_STEPS = 127
"""The largest integer in a factor."""

EXACT_RANK = 2**24 // _STEPS**2
"""The highest rank at which a product of two factors is exact in 32-bit floats, which hold integers up to 2**24."""

_NOISE = 1e-6
"""Singular values below this share of the largest one are regarded as rounding errors."""


@contextmanager
def _one_thread() -> Iterator[None]:
    """Limits PyTorch to one thread. The steps are many and small: on a busy machine, waiting for others is slower."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """A matrix of shape (rows, columns) as a sum of components, the largest first, in 64-bit floats.

    `left[:, :rank] @ right[:rank]` is the nearest matrix of that rank. Both factors of a component have the same norm.
    """

    left: "Tensor"
    """Shape (rows, components)."""
    sizes: "Tensor"
    """The singular values, shape (components,). Zero values have no component."""
    right: "Tensor"
    """Shape (components, columns)."""

    @property
    def cost(self) -> int:
        """Returns the number of bytes of one component."""
        return self.left.shape[0] + self.right.shape[1]

    @property
    def full_rank(self) -> int:
        """Returns the highest rank of a matrix of this shape."""
        return min(self.left.shape[0], self.right.shape[1])


def components_of(matrix: "Tensor") -> Components:
    """Splits a matrix into a sum of components."""
    import torch

    rows, columns = matrix.shape
    if rows < columns:
        turned = components_of(matrix.T)
        return Components(turned.right.T, turned.sizes, turned.left.T)
    # The eigenvectors of this small product are the right singular vectors, and are much faster to compute than an SVD.
    values = matrix.double()
    _, vectors = torch.linalg.eigh(values.T @ values)
    right = vectors.flip(1).T
    left = values @ right.T
    sizes = left.norm(dim=0)
    kept = sizes > _NOISE * sizes[:1]
    left, sizes, right = left[:, kept], sizes[kept], right[kept]
    return Components(left / sizes.sqrt(), sizes, right * sizes.sqrt()[:, None])


def choose_ranks(matrices: Mapping[str, Components], *, rank: int) -> dict[str, int]:
    """Returns how many components of each matrix to keep.

    Together they take at most the space that `rank` components of every matrix would. The components that are kept are
    those that explain most of the differences' squares per byte.
    """
    if not matrices:
        return {}
    budget = sum(min(rank, each.full_rank) * each.cost for each in matrices.values())
    gains = np.concatenate([(each.sizes.numpy() ** 2 / each.cost)[:EXACT_RANK] for each in matrices.values()])
    counts = [min(len(each.sizes), EXACT_RANK) for each in matrices.values()]
    owners = np.repeat(np.arange(len(counts)), counts)
    costs = np.array([each.cost for each in matrices.values()])
    best_first = owners[np.argsort(-gains, kind="stable")]
    kept = best_first[np.cumsum(costs[best_first]) <= budget]
    return dict(zip(matrices, np.bincount(kept, minlength=len(counts)).tolist(), strict=True))


@_one_thread()
def pack_weights(weights: Mapping[str, "Tensor"], encoder: Mapping[str, "Tensor"], *, rank: int) -> dict[str, "Tensor"]:
    """Returns what `unpack_weights` needs to restore a model's weights, except for the components that are left out.

    The whole difference is stored in 16-bit floats for a matrix that keeps its full rank, for a matrix whose components
    at `rank` would take no less space, and for anything that is not a matrix. Weights that the encoder does not have
    are stored in 16-bit floats. Weights equal to the encoder's are not stored.

    Args:
        weights: the weights of the model, by name, in 32-bit floats.
        encoder: the weights that the encoder has, by their names in the model.
        rank: see `choose_ranks`.

    Raises:
        ModelError: a weight is too large for 16-bit floats, or is not a number.
    """
    packed: dict[str, Tensor] = {}
    differences: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if name not in encoder:
            packed[f"{name}.whole"] = _in_16_bits(weight, name)
        elif not weight.equal(encoder[name]):
            differences[name] = weight - encoder[name]
    halves = {name: _in_16_bits(difference, name) for name, difference in differences.items()}
    # A small matrix can matter a lot: the only row of the token types is added to every subword.
    large = {
        name: each for name, each in differences.items() if each.ndim == 2 and 2 * each.numel() > rank * sum(each.shape)
    }
    matrices = {name: components_of(each) for name, each in large.items()}
    ranks = choose_ranks(matrices, rank=rank)
    for name, half in halves.items():
        if name not in ranks or ranks[name] == matrices[name].full_rank:
            packed[f"{name}.difference"] = half
        elif ranks[name]:
            left, left_step = _in_8_bits(matrices[name].left[:, : ranks[name]])
            right, right_step = _in_8_bits(matrices[name].right[: ranks[name]])
            packed |= {f"{name}.left": left, f"{name}.right": right, f"{name}.scale": (left_step * right_step).float()}
    return packed


@_one_thread()
def unpack_weights(packed: Mapping[str, "Tensor"], encoder: Mapping[str, "Tensor"]) -> dict[str, "Tensor"]:
    """Returns the weights of a model in 32-bit floats, from what `pack_weights` returned: its inverse.

    Raises:
        KeyError: the encoder lacks a weight, or a part of a difference is missing.
        RuntimeError: the shape of a difference is not that of the encoder's weight, or a difference has several scales.
    """
    weights = dict(encoder)
    for key, value in packed.items():
        name, _, kind = key.rpartition(".")
        if kind == "whole":
            weights[name] = value.float()
        elif kind == "difference":
            _check_shape(name, value.shape, encoder)
            weights[name] = encoder[name] + value.float()
        elif kind == "left":
            right, scale = packed[f"{name}.right"], packed[f"{name}.scale"]
            _check_shape(name, (*value.shape[:-1], *right.shape[1:]), encoder)  # a product can be far larger than both
            if scale.numel() != 1:
                raise RuntimeError(f"{name}: {scale.numel()} scales")
            weights[name] = encoder[name] + value.float() @ right.float() * scale
    return weights


def _check_shape(name: str, shape: tuple[int, ...], encoder: Mapping[str, "Tensor"]) -> None:
    if shape != encoder[name].shape:
        raise RuntimeError(f"{name}: {list(shape)} in place of {list(encoder[name].shape)}")


def _in_16_bits(values: "Tensor", name: str) -> "Tensor":
    half = values.half()
    if not half.isfinite().all():
        raise ModelError(f"{name}: a weight is not a number, or too large for 16 bits")
    return half


def _in_8_bits(values: "Tensor") -> tuple["Tensor", "Tensor"]:
    """Returns a factor as integer multiples of a step, and the size of the step."""
    import torch

    step = values.abs().max() / _STEPS
    return (values / step).round().to(torch.int8).contiguous(), step
