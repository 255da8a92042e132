"""Faster layers for CPUs: linear layers that use oneDNN, dropout that draws one byte per activation, plain attention.

PyTorch computes 32-bit matrix products with MKL. On processors that are not Intel's, MKL does not use the 512-bit
instructions, and reaches only half the speed. oneDNN, which PyTorch also includes, checks what the processor supports.

For dropout, PyTorch draws one random float per activation. One byte is enough, and one 64-bit draw gives eight bytes.
This makes a training step of the default encoder 5 to 10 % faster (docs/speed.md).

In bfloat16, PyTorch's fused attention multiplies small blocks of each head one by one, thousands per training step.
Multiplying all heads at once is faster, forward and backward (docs/speed.md).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_log = logging.getLogger(__name__)

_STEPS = 256
"""The number of values that a byte can have."""

_LOWEST = -(2**63)
"""The lowest 64-bit integer."""


class OneDnnLinear(nn.Linear):
    """A faster `nn.Linear`, forward and backward, with the same parameters and the same values except for rounding."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Maps shape (..., in_features) to (..., out_features)."""
        plain = values.dtype == torch.float32 and values.device.type == "cpu" and not torch.is_autocast_enabled("cpu")
        # Exporters trace the model, and support only PyTorch's own product.
        if not plain or torch.jit.is_tracing():  # type: ignore[attr-defined, no-untyped-call]
            return super().forward(values)
        rows: torch.Tensor = _Affine.apply(values.reshape(-1, self.in_features), self.weight, self.bias)  # type: ignore[no-untyped-call]
        return rows.view(*values.shape[:-1], self.out_features)


def use_onednn(model: nn.Module) -> None:
    """Replaces each plain `nn.Linear` of a model by a `OneDnnLinear` with the same parameters.

    Does nothing if PyTorch lacks oneDNN or its private operator for it, if oneDNN is switched off
    (`torch.backends.mkldnn`), or on a processor without AVX. On other architectures than x86, PyTorch's own 32-bit
    products are fast.
    """
    available = torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled  # type: ignore[no-untyped-call]
    if not available or not torch.backends.cpu.get_cpu_capability().startswith("AVX") or not _has_operator():
        _log.debug("linear layers stay PyTorch's own: no oneDNN for this processor")
        return
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Linear:
                setattr(module, name, _replacement(child))


@cache
def _has_operator() -> bool:
    """Returns whether oneDNN's product, a private operator of PyTorch, exists and is correct on a small example."""
    left = torch.arange(12.0).view(3, 4) / 7  # not random, to leave the caller's random state alone
    right, bias = torch.arange(8.0).view(2, 4) / 5, torch.arange(2.0)
    try:
        is_right = torch.allclose(_product(left, right, bias), left @ right.T + bias, atol=1e-5)
    except (AttributeError, RuntimeError, TypeError) as error:
        _log.warning("PyTorch %s has no oneDNN product as expected: %s; using its own", torch.__version__, error)
        return False
    if not is_right:
        _log.warning("PyTorch %s: oneDNN's product is wrong here; using PyTorch's own", torch.__version__)
    return is_right


def _replacement(linear: nn.Linear) -> OneDnnLinear:
    with torch.device("meta"):  # allocates nothing: both parameters are replaced below
        replacement = OneDnnLinear(linear.in_features, linear.out_features, bias=linear.bias is not None)
    replacement.weight, replacement.bias = linear.weight, linear.bias
    return replacement.train(linear.training)


class _Affine(torch.autograd.Function):
    """`rows @ weight.T + bias` and its gradients, computed by oneDNN."""

    @staticmethod
    def forward(context: Any, rows: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        context.save_for_backward(rows, weight)
        return _product(rows.contiguous(), weight.contiguous(), bias)

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        rows, weight = context.saved_tensors
        gradient = gradient.contiguous()
        for_rows, for_weight, for_bias = context.needs_input_grad
        return (
            _product(gradient, weight.contiguous().t()) if for_rows else None,
            _product(gradient.t(), rows.contiguous().t()) if for_weight else None,
            gradient.sum(dim=0) if for_bias else None,
        )


def _product(left: torch.Tensor, right: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """Computes `left @ right.T + bias`.

    Each matrix must be contiguous or the transpose of a contiguous one. For other strides, oneDNN falls back to its
    reference implementation, which is a thousand times slower.
    """
    product: torch.Tensor = torch.ops.mkldnn._linear_pointwise(left, right, bias, "none", [], "")  # noqa: SLF001 - it has no public name
    return product


class ByteDropout(nn.Dropout):
    """`nn.Dropout` with its probability rounded to a multiple of 1/256."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Drops each value with the same probability and scales up the others. Changes nothing in evaluation mode."""
        threshold = min(round(self.p * _STEPS), _STEPS - 1)
        if not self.training or not threshold:
            return values
        draws = torch.empty(-(-values.numel() // 8), dtype=torch.int64).random_(_LOWEST, None)
        kept = (draws.view(torch.uint8)[: values.numel()] >= threshold).view(values.shape)
        return values * kept.to(values.dtype).mul_(_STEPS / (_STEPS - threshold))


def use_byte_dropout(model: nn.Module) -> None:
    """Replaces each plain `nn.Dropout` of a model by a `ByteDropout`."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Dropout:
                setattr(module, name, ByteDropout(child.p))


@contextmanager
def plain_attention(model: "PreTrainedModel") -> Iterator[None]:
    """Computes attention by plain matrix products inside the block, with the same values except for rounding.

    Unlike fused attention, this keeps all attention weights for the backward pass: the square of the window's length
    for each head of each layer.
    """
    implementation = model.config._attn_implementation  # noqa: SLF001 - it has no public name
    model.set_attn_implementation("eager")
    try:
        yield
    finally:
        model.set_attn_implementation(implementation)
