"""Packages whose names are imported when they are first used, so that light commands do not import PyTorch."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's `__getattr__` (PEP 562) that finds each name in its module.

    Args:
        package: the package's `__name__`, for the error of a name that it lacks.
        modules: the full name of each name's module.
    """

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(modules[name]), name)

    return get
