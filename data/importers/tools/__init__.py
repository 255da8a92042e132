"""Readers and writers for the formats of annotation tools."""

__all__: list[str] = []
