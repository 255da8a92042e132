"""Lays the rooms out as one package, so that mkdocstrings finds them: build/docs/afteraction, a copy."""

import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ROOMS = ("configs", "data", "evaluation", "model", "train")


def on_startup(**_: Any) -> None:
    """Makes the copy anew before each build. MkDocs calls this hook first, before mkdocstrings looks for the folder."""
    tree = ROOT / "build" / "docs" / "afteraction"
    shutil.rmtree(tree, ignore_errors=True)
    # Only the modules: the bundled articles are no part of the API.
    shutil.copytree(ROOT / "cli", tree, ignore=_all_but_modules)
    for room in ROOMS:
        shutil.copytree(ROOT / room, tree / room, ignore=_all_but_modules)


def _all_but_modules(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if not name.endswith(".py") and (Path(folder) / name).is_file()} | {"__pycache__"}
