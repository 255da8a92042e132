"""Faster layers for CPUs: linear layers by oneDNN, and dropout that draws a byte per activation.

PyTorch leaves 32-bit matrix products to MKL, which avoids the 512-bit instructions of processors that are not Intel's
and so reaches half their speed. oneDNN, which PyTorch ships too, goes by what a processor can do.

For dropout PyTorch draws one random float per activation. One byte is enough, and one 64-bit draw gives eight: a
training step of the default encoder is 5 to 10 % faster (docs/speed.md).
"""

import logging
from functools import cache
from typing import Any

import torch
from torch import nn

_log = logging.getLogger(__name__)

_STEPS = 256
_LOWEST = -(2**63)


class OneDnnLinear(nn.Linear):
    """`nn.Linear` with the same parameters and, to the rounding, values; faster, forward and backward."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Maps shape (..., in_features) to (..., out_features)."""
        if values.dtype != torch.float32 or values.device.type != "cpu" or torch.is_autocast_enabled("cpu"):
            return super().forward(values)
        rows: torch.Tensor = _Affine.apply(values.reshape(-1, self.in_features), self.weight, self.bias)  # type: ignore[no-untyped-call]
        return rows.view(*values.shape[:-1], self.out_features)


def use_onednn(model: nn.Module) -> None:
    """Puts a `OneDnnLinear` with the same parameters in the place of each plain `nn.Linear` of a model.

    Does nothing where PyTorch has no oneDNN or it is switched off (`torch.backends.mkldnn`), nor on other processors
    than x86, whose 32-bit products PyTorch does well by itself.
    """
    available = torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled  # type: ignore[no-untyped-call]
    if not available or not torch.backends.cpu.get_cpu_capability().startswith("AVX") or not _has_operator():
        return
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Linear:
                setattr(module, name, _replacement(child))


@cache
def _has_operator() -> bool:
    """Whether oneDNN's product, a private operator of PyTorch, is there and right on a small case."""
    left = torch.arange(12.0).view(3, 4) / 7  # not random: the random state is the caller's
    right, bias = torch.arange(8.0).view(2, 4) / 5, torch.arange(2.0)
    try:
        right_result = torch.allclose(_product(left, right, bias), left @ right.T + bias, atol=1e-5)
    except (AttributeError, RuntimeError, TypeError) as error:
        _log.warning("PyTorch %s has no oneDNN product as expected: %s; using its own", torch.__version__, error)
        return False
    if not right_result:
        _log.warning("PyTorch %s: oneDNN's product is wrong here; using PyTorch's own", torch.__version__)
    return right_result


def _replacement(linear: nn.Linear) -> OneDnnLinear:
    with torch.device("meta"):
        made = OneDnnLinear(linear.in_features, linear.out_features, bias=linear.bias is not None)
    made.weight, made.bias = linear.weight, linear.bias
    return made.train(linear.training)


class _Affine(torch.autograd.Function):
    """`rows @ weight.T + bias` with its gradients, each by oneDNN."""

    @staticmethod
    def forward(context: Any, rows: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        context.save_for_backward(rows, weight)
        return _product(rows.contiguous(), weight.contiguous(), bias)

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        rows, weight = context.saved_tensors
        gradient = gradient.contiguous()
        of_rows, of_weight, of_bias = context.needs_input_grad
        return (
            _product(gradient, weight.contiguous().t()) if of_rows else None,
            _product(gradient.t(), rows.contiguous().t()) if of_weight else None,
            gradient.sum(dim=0) if of_bias else None,
        )


def _product(left: torch.Tensor, right: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """`left @ right.T + bias`.

    Both must be contiguous or the transpose of what is: any other strides take oneDNN's reference code, a thousand
    times slower.
    """
    product: torch.Tensor = torch.ops.mkldnn._linear_pointwise(left, right, bias, "none", [], "")  # noqa: SLF001 - it has no other name
    return product


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


def use_byte_dropout(model: nn.Module) -> None:
    """Puts a `ByteDropout` in the place of each plain `nn.Dropout` of a model."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Dropout:
                setattr(module, name, ByteDropout(child.p))
