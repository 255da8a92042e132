"""What an evaluation's figures were measured on and with."""

from importlib.metadata import version
from pathlib import Path

from afteraction.data import file_sha256, resolve


def provenance(gold: str, *, model: str | None, predictions: Path | None) -> dict[str, str]:
    """This package's version, and the checksums of the annotated articles and of the model or the predictions.

    Args:
        gold: the name of the annotated articles.
        model: the model folder or the name of a system without one, if the evaluation predicted.
        predictions: the file of predicted articles, if it did not.
    """
    files = {"annotated articles": resolve(gold)}
    if predictions is not None:
        files["predicted articles"] = resolve(str(predictions))
    if model is not None:
        # All that decides what the model predicts; the weights may be in several files.
        files |= {f"model, {path.name}": path for path in sorted(Path(model).glob("*.safetensors"))}
        files |= {f"model, {name}": Path(model) / name for name in ("afteraction.json", "tokenizer.json")}
    sums = {f"{name}, SHA-256": file_sha256(path) for name, path in files.items() if path.is_file()}
    return {"afteraction": version("afteraction"), **sums}
