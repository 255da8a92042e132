"""The error that the model's modules raise, and which errors of libraries become one."""

from afteraction.data import InputError


class ModelError(InputError):
    """A model folder or an encoder is missing, damaged or of an unsupported kind."""


def raise_unless_of_library(error: BaseException) -> None:
    """Raises an error again unless it is a library's: an Exception, or the panic of one that is written in Rust."""
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error
