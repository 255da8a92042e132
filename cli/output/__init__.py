"""Output of the commands: tables and sentences on standard output, progress and errors on standard error."""

__all__: list[str] = []
