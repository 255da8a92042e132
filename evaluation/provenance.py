"""The data, model and versions that the figures of an evaluation were measured with."""

from pathlib import Path

from afteraction.data import resolve
from afteraction.data.files import sha256
from afteraction.model import EXPORTED_FILE, GRAPH, PACKED_FILE, SETTINGS_FILE, system_folder
from afteraction.model.card import read_calibration_record, read_training_record
from afteraction.model.environment import commit_in_words, git_commit, package_version


def provenance(gold: str, *, model: str | None, predictions: Path | None) -> dict[str, str]:
    """Collects versions, the commit, the training record in the model's folder, and checksums of all inputs.

    Args:
        gold: the name of the gold articles, such as a file or `bundled:test`.
        model: the name of the system, such as a model folder; None if the predictions came from a file.
        predictions: the file of predicted articles; None if a model predicted them.

    Returns:
        Values as text, by name.
    """
    files = {"annotated articles": resolve(gold)}
    about_model: dict[str, str] = {}
    if predictions is not None:
        files["predicted articles"] = resolve(str(predictions))
    folder = system_folder(model) if model is not None else None
    if folder is not None:
        about_model["torch"] = package_version("torch") or "not installed"
        # All files that determine what the model predicts. The weights may be in several files.
        files |= {f"model, {path.name}": path for path in sorted(folder.glob("*.safetensors"))}
        files |= {
            f"model, {name}": folder / name
            for name in (SETTINGS_FILE, PACKED_FILE, EXPORTED_FILE, GRAPH, "tokenizer.json")
        }
        if uses := model_uses(folder, resolve(gold)):
            about_model["the model knows the annotated articles"] = f"used in its {uses}; expect less on others"
        if record := read_training_record(folder):
            about_model["model, trained at commit"] = commit_in_words(record.environment["git"])
            about_model["model, trained with"] = f"torch {record.environment['packages']['torch']}"
    sums = {f"{name}, SHA-256": sha256(path) for name, path in files.items() if path.is_file()}
    return {
        "afteraction": package_version("afteraction") or "unknown",
        "commit": commit_in_words(git_commit()),
        **about_model,
        **sums,
    }


def model_uses(folder: Path, gold: Path) -> str:
    """Returns what a model used these articles for, such as "training and calibration"; empty if it did not use them.

    The articles are recognised by the checksum of their file.
    """
    checksum = sha256(gold)
    record = read_training_record(folder)
    files = record.data if record else ()
    uses = [role for file in files if file.sha256 == checksum for role in file.roles]
    calibration = read_calibration_record(folder)
    if calibration is not None and calibration.sha256 == checksum:
        uses.append("calibration")
    return " and ".join(uses)
