"""The error that the model's modules raise."""

from afteraction.data import InputError


class ModelError(InputError):
    """A model folder or an encoder is missing, damaged or of an unsupported kind."""
