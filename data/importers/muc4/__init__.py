"""The MUC-3/4 corpus: reads its archive and answer keys and converts them to articles."""

__all__: list[str] = []
