"""WikiEvents: its events and articles made of them."""

__all__: list[str] = []
