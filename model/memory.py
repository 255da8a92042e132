"""Recognises the errors that PyTorch and Python raise when the memory is full, without importing PyTorch."""

_OF_THE_CPU = "you tried to allocate"
"""Part of PyTorch's message when the machine has no memory left. The error does not have a separate class."""


def is_out_of_memory(error: BaseException) -> bool:
    """Returns whether an error says that the memory of the machine or of an accelerator is full."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # the latter is for accelerators
        return True
    return isinstance(error, RuntimeError) and _OF_THE_CPU in str(error)
