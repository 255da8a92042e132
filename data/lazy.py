"""Lazy imports: a package imports its names on first use, so that light commands do not import PyTorch."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Returns a `__getattr__` for a package (PEP 562) that imports each name from its module on first use.

    Args:
        package: the package's `__name__`, for the error message about an unknown name.
        modules: maps each name to the full name of its module.
    """

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(modules[name]), name)

    return get
