"""The commands: each parses its arguments, then calls one function of the rooms below."""

__all__: list[str] = []
