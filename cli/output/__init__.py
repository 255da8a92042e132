"""What the commands show: tables, progress, messages."""

__all__: list[str] = []
