"""The command that calibrates a model."""

from pathlib import Path
from typing import Annotated

import typer

from afteraction.commands.options import Device, Json


def calibrate(
    model: Annotated[Path, typer.Argument(help="A model folder; its temperature and thresholds are replaced.")],
    gold: Annotated[str, typer.Argument(help="Annotated articles that it was not trained on: a file, or bundled:dev.")],
    min_precision: Annotated[
        float | None, typer.Option(min=0, max=1, help="For each label, the most recall that has this precision.")
    ] = None,
    min_recall: Annotated[
        float | None, typer.Option(min=0, max=1, help="For each label, the best threshold that keeps this recall.")
    ] = None,
    as_json: Json = False,
    device: Device = "cpu",
) -> None:
    """Fits a model's temperature, and a threshold per label, on articles; for the best F1 unless told otherwise."""
    from afteraction.evaluation.tuning import calibrate_model, goal_of
    from afteraction.model.card import CALIBRATION
    from afteraction.output.calibration import print_tuning
    from afteraction.output.progress import quiet_libraries

    quiet_libraries()
    goal = goal_of(min_precision=min_precision, min_recall=min_recall)
    tuning = calibrate_model(model, gold, goal=goal, device=device)
    if as_json:
        typer.echo((model / CALIBRATION).read_text(encoding="utf-8").rstrip("\n"))
    else:
        print_tuning(tuning, title=f"{model} on {gold}, for {goal.words}")
