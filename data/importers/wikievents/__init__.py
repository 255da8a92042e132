"""The WikiEvents corpus: reads its events and converts them to articles."""

__all__: list[str] = []
