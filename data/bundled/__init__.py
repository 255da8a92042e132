"""The corpus that ships, and what builds it."""

__all__: list[str] = []
