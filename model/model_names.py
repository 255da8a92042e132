"""The models that are installed with the package, and how a model is found by its name."""

from importlib.resources import as_file, files
from pathlib import Path

from afteraction.model.errors import ModelError
from afteraction.model.packed_folder import PACKED_FILE
from afteraction.model.saving import SETTINGS_FILE


def shipped_models() -> dict[str, Path]:
    """Returns the folders of the models that are installed with the package, by their names."""
    with as_file(files("afteraction.model.shipped")) as folder:
        return {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{PACKED_FILE}"))}


def locate_model(name: str | Path) -> Path:
    """Returns the model folder that a name stands for.

    Args:
        name: a model folder, whole or packed, or the name of a shipped model. A model folder takes precedence over a
            shipped model of the same name; a folder without a model does not. A `Path` is always a folder.

    Raises:
        ModelError: there is no such folder and no such shipped model.
    """
    folder = Path(name)
    if isinstance(name, Path) or (folder / SETTINGS_FILE).is_file():
        return folder
    shipped = shipped_models()
    if name in shipped:
        return shipped[name]
    if folder.exists():
        return folder  # loading it reports what is missing
    names = f"the shipped models are: {', '.join(shipped)}" if shipped else "no models are shipped"
    raise ModelError(f"{name}: no such model folder, nor a shipped model; {names}")
