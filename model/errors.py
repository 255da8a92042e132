"""The error of this room."""

from afteraction.data import InputError


class ModelError(InputError):
    """A model folder or an encoder is missing, damaged, or not of a kind that can be used."""
