"""Matchers that find the values of an incident table's row in its text."""

__all__: list[str] = []
