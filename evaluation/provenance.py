"""What an evaluation's figures were measured on and with."""

import re
from importlib.metadata import version
from pathlib import Path

from afteraction.data import resolve
from afteraction.data.files import sha256

CARD = "README.md"
"""The file of a model's folder that says how it was trained, and on what."""

CALIBRATION = "calibration.json"
"""The file of a model's folder that says what its temperature and thresholds were fitted on."""

_ORIGIN = re.compile(r"^## Provenance\n+(.+?)(?=\n\n|\n## |\Z)", re.MULTILINE | re.DOTALL)
_DATA = re.compile(r"^- `.+`: (.+), SHA-256 `([0-9a-f]{64})`$", re.MULTILINE)


def provenance(gold: str, *, model: str | None, predictions: Path | None) -> dict[str, str]:
    """This package's version, what the model says of its training, and the checksums of all that was read.

    Args:
        gold: the name of the annotated articles.
        model: the model folder or the name of a system without one, if the evaluation predicted.
        predictions: the file of predicted articles, if it did not.
    """
    files = {"annotated articles": resolve(gold)}
    said: dict[str, str] = {}
    if predictions is not None:
        files["predicted articles"] = resolve(str(predictions))
    if model is not None:
        folder = Path(model)
        # All that decides what the model predicts; the weights may be in several files.
        files |= {f"model, {path.name}": path for path in sorted(folder.glob("*.safetensors"))}
        files |= {f"model, {name}": folder / name for name in ("afteraction.json", "tokenizer.json")}
        if uses := model_uses(folder, resolve(gold)):
            said["the model knows the annotated articles"] = f"used in its {uses}; expect less on others"
        if origin := _ORIGIN.search(read_card(folder)):
            said["model, by its card"] = " ".join(origin.group(1).split())
    sums = {f"{name}, SHA-256": sha256(path) for name, path in files.items() if path.is_file()}
    return {"afteraction": version("afteraction"), **said, **sums}


def model_uses(folder: Path, gold: Path) -> str:
    """What a model's folder says it used this very file for, such as "training", in words; empty if for nothing."""
    checksum = sha256(gold)
    uses = [use for use, known in _DATA.findall(read_card(folder)) if known == checksum]
    record = folder / CALIBRATION
    if record.is_file() and checksum in record.read_text(encoding="utf-8", errors="replace"):
        uses.append("calibration")
    return " and ".join(uses)


def read_card(folder: Path) -> str:
    """A model's card; empty if its folder has none."""
    card = folder / CARD
    return card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""
