"""MUC-3/4: the archive, its answer keys, and articles made of them."""

__all__: list[str] = []
