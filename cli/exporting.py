"""Exports models with scores, to refuse an export that loses too much F1. Connects `model` and `evaluation`."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from afteraction.cost import Progress, strict_difference
from afteraction.data import InputError, resolve
from afteraction.evaluation import Difference
from afteraction.model import ExportFormat, export_model, require_free

MOST_LOST = 0.005
"""The most that the strict micro F1 may fall from the model to its export."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """The size of an exported model in bytes, and what exporting cost on annotated articles."""

    size: int
    difference: Difference
    """The strict micro F1 of the model and of its export."""
    articles: int
    """The number of articles that both were scored on."""


def export(
    model: Path,
    output: Path,
    *,
    form: ExportFormat = "onnx-int8",
    dev: str = "bundled:dev",
    progress: Progress = iter,
) -> ExportResult:
    """Exports a model as `export_model` does, unless its F1 on development articles falls too far.

    Args:
        model: the model folder.
        output: the folder to write: new or empty.
        form: the form of the graph.
        dev: the file of annotated articles, or a bundled one, to score the model and its export on.
        progress: see `Progress`.

    Raises:
        InputError: the model, the articles or the output are wrong, or the F1 falls by more than `MOST_LOST`. Nothing
            is written then.
    """
    resolve(dev)  # wrong input is refused before the slow work begins
    require_free(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as temporary:
        exported = Path(temporary) / "model"
        export_model(model, exported, form=form)
        strict, count = strict_difference(model, exported, [dev], progress=progress)
        if strict.difference < -MOST_LOST:
            fall = f"{strict.first:.4f} to {strict.second:.4f}, by more than {MOST_LOST}"
            raise InputError(f"{model}: as {form}, its strict micro F1 on {dev} falls from {fall}; nothing was written")
        exported.replace(output)
    return ExportResult(sum(path.stat().st_size for path in output.iterdir()), strict, count)
