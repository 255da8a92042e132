"""The precision of a model's weights, and which one is the default on this processor."""

from collections.abc import Mapping
from typing import Literal

Precision = Literal["float32", "bfloat16"]

AnyPrecision = Literal["auto", "float32", "bfloat16"]
"""A precision, or `auto` for the one that `fastest_precision` returns."""

MOST_LOST = 0.002
"""The largest loss of F1 on the development articles, compared with float32, that `auto` accepts."""


def fastest_precision(dev_f1: Mapping[Precision, float], *, device: str) -> Precision:
    """Returns the fastest precision on this processor whose F1 is at most `MOST_LOST` below that of float32.

    The choice depends on the processor's instructions, not on timing, so it is always the same.

    Args:
        dev_f1: the model's F1 in each precision that was measured. If one is missing, the result is float32.
        device: the device that the model runs on, by PyTorch's name. Except on a CPU, the result is float32.
    """
    measured = "float32" in dev_f1 and "bfloat16" in dev_f1
    if not measured or round(dev_f1["float32"] - dev_f1["bfloat16"], 6) > MOST_LOST:
        return "float32"
    return "bfloat16" if device.partition(":")[0] == "cpu" and multiplies_bfloat16() else "float32"


def native_precision() -> Precision:
    """Returns bfloat16 if the accelerator, or without one the processor, multiplies it natively; otherwise float32."""
    import torch

    if torch.accelerator.is_available():
        native = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = multiplies_bfloat16()
    return "bfloat16" if native else "float32"


def multiplies_bfloat16() -> bool:
    """Returns whether PyTorch reports that this processor multiplies bfloat16 natively. Others are slower with it."""
    import torch

    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    enabled = torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled  # type: ignore[no-untyped-call]
    return bool(enabled) and any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))
