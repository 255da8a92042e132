"""What an evaluation's figures were measured on and with."""

from pathlib import Path

from afteraction.data import resolve
from afteraction.data.files import sha256
from afteraction.model.card import read_calibration_record, read_training_record
from afteraction.model.environment import commit_in_words, git_commit, package_version


def provenance(gold: str, *, model: str | None, predictions: Path | None) -> dict[str, str]:
    """Versions, the commit, what the model's folder says of its training, and the checksums of all that was read.

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
        said["torch"] = package_version("torch") or "not installed"
        # All that decides what the model predicts; the weights may be in several files.
        files |= {f"model, {path.name}": path for path in sorted(folder.glob("*.safetensors"))}
        files |= {f"model, {name}": folder / name for name in ("afteraction.json", "tokenizer.json")}
        if uses := model_uses(folder, resolve(gold)):
            said["the model knows the annotated articles"] = f"used in its {uses}; expect less on others"
        if record := read_training_record(folder):
            said["model, trained at commit"] = commit_in_words(record.environment["git"])
            said["model, trained with"] = f"torch {record.environment['packages']['torch']}"
    sums = {f"{name}, SHA-256": sha256(path) for name, path in files.items() if path.is_file()}
    return {
        "afteraction": package_version("afteraction") or "unknown",
        "commit": commit_in_words(git_commit()),
        **said,
        **sums,
    }


def model_uses(folder: Path, gold: Path) -> str:
    """What a model was fitted with this very file for, such as "training", in words; empty if for nothing."""
    checksum = sha256(gold)
    record = read_training_record(folder)
    files = record.data if record else ()
    uses = [role for file in files if file.sha256 == checksum for role in file.roles]
    calibration = read_calibration_record(folder)
    if calibration is not None and calibration.sha256 == checksum:
        uses.append("calibration")
    return " and ".join(uses)
