"""Tag probabilities to spans."""

__all__: list[str] = []
