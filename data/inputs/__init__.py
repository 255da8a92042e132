"""Inputs for prediction: archives in common file formats, read as a stream of articles."""

from afteraction.data.inputs.fields import InputFields
from afteraction.data.inputs.mappings import article_of
from afteraction.data.inputs.read import read_inputs

__all__ = ["InputFields", "article_of", "read_inputs"]
