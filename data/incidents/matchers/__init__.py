"""Finds what a row of an incident table names in its text."""

__all__: list[str] = []
