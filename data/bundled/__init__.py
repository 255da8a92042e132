"""The bundled corpus, and the code that builds it."""

__all__: list[str] = []
