"""The precision of a model's weights, and which one is the default on this processor."""

from collections.abc import Mapping
from typing import Literal

Precision = Literal["float32", "bfloat16"]

AnyPrecision = Literal["auto", "float32", "bfloat16"]
"""A precision, or `auto` for the one that `fastest_precision` returns."""

MOST_LOST = 0.002
"""How much lower than in float32 the F1 on development articles may be in the precision that `auto` chooses."""


def fastest_precision(dev_f1: Mapping[Precision, float], *, device: str) -> Precision:
    """Returns the fastest precision on this processor whose F1 is at most `MOST_LOST` below that of float32.

    It follows from the processor's instructions, not from a timing, so that it is the same each time.

    Args:
        dev_f1: the model's F1 in each precision that was measured. Without a measurement it is float32.
        device: the device that the model runs on, by PyTorch's name. On any other than a CPU it is float32.
    """
    measured = "float32" in dev_f1 and "bfloat16" in dev_f1
    if not measured or round(dev_f1["float32"] - dev_f1["bfloat16"], 6) > MOST_LOST:
        return "float32"
    return "bfloat16" if device.partition(":")[0] == "cpu" and multiplies_bfloat16() else "float32"


def native_precision() -> Precision:
    """Returns bfloat16 if the accelerator, or else the processor, multiplies it natively, and float32 if not."""
    import torch

    if torch.accelerator.is_available():
        native = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = multiplies_bfloat16()
    return "bfloat16" if native else "float32"


def multiplies_bfloat16() -> bool:
    """Returns whether this processor multiplies bfloat16 natively, and PyTorch says so. Others are slower with it."""
    import torch

    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    enabled = torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled  # type: ignore[no-untyped-call]
    return bool(enabled) and any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))
