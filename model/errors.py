"""The error that the model's modules raise, and a check for library errors that are converted to it."""

from afteraction.data import InputError


class ModelError(InputError):
    """A model folder or an encoder is missing, damaged or of an unsupported kind."""


def raise_unless_of_library(error: BaseException) -> None:
    """Re-raises an error unless a library raised it: an `Exception`, or the panic of a library written in Rust."""
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error
