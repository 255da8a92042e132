"""Measures the F1 of a model in each precision, for the precision `auto`. Connects `model` and `evaluation`."""

from pathlib import Path

from afteraction.cost import Progress, strict_difference
from afteraction.data import resolve
from afteraction.evaluation import Difference
from afteraction.model import save_settings
from afteraction.model.saving import read_settings

_DIGITS = 4
"""The number of decimals of the F1 that are written."""


def measure_precisions(model: Path, *, dev: str = "bundled:dev", progress: Progress = iter) -> tuple[Difference, int]:
    """Scores a model in float32 and in bfloat16, and writes both F1 into its `afteraction.json`.

    Args:
        model: the model folder, whole or packed.
        dev: the file of annotated articles, or a bundled one.
        progress: see `Progress`.

    Returns:
        The strict micro F1 in both precisions, and the number of articles.

    Raises:
        InputError: the model or the articles are wrong.
    """
    resolve(dev)  # wrong input is refused before the slow work begins
    settings = read_settings(model)
    strict, count = strict_difference(model, model, [dev], precision="bfloat16", progress=progress)
    measured = {"float32": round(strict.first, _DIGITS), "bfloat16": round(strict.second, _DIGITS)}
    save_settings(model, settings.model_copy(update={"dev_f1": measured}))
    return strict, count
