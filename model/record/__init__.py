"""Spans to the record: entities and the death toll."""

__all__: list[str] = []
