"""The command that fits a model's temperature and thresholds."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from afteraction.commands.options import Device, Json
from afteraction.data import InputError, read_articles, resolve
from afteraction.data.files import atomic_write, sha256
from afteraction.evaluation.provenance import CALIBRATION, CARD, read_card

if TYPE_CHECKING:
    from afteraction.evaluation.tuning import Choose


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
    from afteraction.evaluation.tuning import tune, tuned_card
    from afteraction.model import Tagger, save_settings
    from afteraction.output.calibration import print_tuning
    from afteraction.output.progress import quiet_libraries

    choose, goal = _goal(min_precision=min_precision, min_recall=min_recall)
    quiet_libraries()
    path = resolve(gold)
    tagger = Tagger.load(model, device=device)
    tuning = tune(tagger, list(read_articles(path)), choose=choose)
    card, checksum = read_card(model), sha256(path)
    record = {"gold": gold, "sha256": checksum, "goal": goal, **tuning.record()}
    _write(model / CALIBRATION, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    if card:
        _write(model / CARD, tuned_card(card, tuning, gold=gold, checksum=checksum, goal=goal))
    fitted = {"temperature": tuning.temperature, "thresholds": tuning.thresholds}
    save_settings(model, tagger.settings.model_copy(update=fitted))
    if as_json:
        typer.echo(json.dumps(record, indent=2))
    else:
        print_tuning(tuning, title=f"{model} on {gold}, for {goal}")


def _goal(*, min_precision: float | None, min_recall: float | None) -> tuple["Choose", str]:
    """How to choose thresholds, and that in words."""
    from afteraction.evaluation.tuning import best_f1, wanted_precision, wanted_recall

    if min_precision is not None and min_recall is not None:
        raise InputError("give --min-precision or --min-recall, not both")
    if min_precision is not None:
        return wanted_precision(min_precision), f"a precision of at least {min_precision}"
    if min_recall is not None:
        return wanted_recall(min_recall), f"a recall of at least {min_recall}"
    return best_f1, "the best F1"


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
