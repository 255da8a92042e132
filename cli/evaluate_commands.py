"""The commands that score predictions against annotated articles."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from afteraction.data import InputError, read_articles, resolve
from afteraction.options import Device, Json, Precision

Gold = Annotated[str, typer.Argument(help="Annotated articles: a file, or bundled:test.")]


def evaluate(
    gold: Gold,
    model: Annotated[Path | None, typer.Option(help="A model folder, to predict with.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="Predicted articles, of any system.")] = None,
    entities: Annotated[
        Literal["name", "mentions"],
        typer.Option(help="What of a predicted entity is scored: its name, or all its mentions."),
    ] = "name",
    as_json: Json = False,
    device: Device = "cpu",
    precision: Precision = "float32",
) -> None:
    """Scores a model, or a file of predictions, against annotated articles."""
    from afteraction.evaluation import evaluate as score
    from afteraction.progress import counted, quiet_libraries
    from afteraction.score_tables import print_report

    if (model is None) == (predictions is None):
        raise InputError("give either --model or --predictions")
    labels: tuple[str, ...] = ()
    if model is not None:
        from afteraction.model import Tagger

        quiet_libraries()
        tagger = Tagger.load(model, device=device, precision=precision)
        labels = tagger.scheme.labels
        predicted = counted(tagger.predict(read_articles(resolve(gold))))
    else:
        predicted = read_articles(resolve(str(predictions)))
    report = score(
        read_articles(resolve(gold)),
        predicted,
        labels=labels,
        gold_name=gold,
        system=str(model or predictions),
        entity_form=entities,
    )
    if as_json:
        typer.echo(json.dumps(report.record(), indent=2))
    else:
        print_report(report, title=f"{report.system} on {report.gold}")
