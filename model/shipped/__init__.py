"""The models that are installed with the package: one packed folder per model, loaded by its name."""

__all__: list[str] = []
