"""Formats of annotation tools, in and out."""

__all__: list[str] = []
