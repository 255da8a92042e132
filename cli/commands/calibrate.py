"""The command that calibrates a model."""

from pathlib import Path
from typing import Annotated

import typer

from afteraction.commands.options import Device, Json


def calibrate(
    model: Annotated[
        Path,
        typer.Argument(metavar="MODEL", help="Model folder. Its temperature and its thresholds are replaced."),
    ],
    gold: Annotated[
        str,
        typer.Argument(
            metavar="GOLD",
            help="File of annotated articles that the model was not trained on, or a bundled one such as bundled:dev.",
        ),
    ],
    min_precision: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Choose for each label the lowest threshold that gives this precision."),
    ] = None,
    min_recall: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Choose for each label the highest threshold that keeps this recall."),
    ] = None,
    same_spans: Annotated[
        bool,
        typer.Option(
            "--same-spans", help="Change the scores, and choose for each label the threshold that keeps as many spans."
        ),
    ] = False,
    as_json: Json = False,
    device: Device = "cpu",
) -> None:
    """Fit a model's temperature and its threshold per label.

    They are fitted on annotated articles. By default each threshold is chosen for the best F1.
    """
    from afteraction.evaluation.tuning import calibrate_model, goal_of
    from afteraction.model.card import CALIBRATION
    from afteraction.output.calibration import print_tuning
    from afteraction.output.progress import quiet_libraries

    quiet_libraries()
    goal = goal_of(min_precision=min_precision, min_recall=min_recall, same_spans=same_spans)
    tuning = calibrate_model(model, gold, goal=goal, device=device)
    if as_json:
        typer.echo((model / CALIBRATION).read_text(encoding="utf-8").rstrip("\n"))
    else:
        print_tuning(tuning, title=f"{model} on {gold}, for {goal.words}")
