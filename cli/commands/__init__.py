"""The commands. Each one parses its arguments, calls one function of the library, and prints the result."""

__all__: list[str] = []
