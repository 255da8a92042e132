"""The configs bundled with the package: YAML files, loaded by their bare names."""

__all__: list[str] = []
