"""The commands that score predictions against annotated articles."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from afteraction.commands.options import Device, Json, Precision
from afteraction.data import InputError, nearest, read_articles, read_named, resolve

Gold = Annotated[str, typer.Argument(help="Annotated articles: a file, or bundled:test.")]
Entities = Annotated[
    Literal["name", "mentions"], typer.Option(help="What of a predicted entity is scored: its name or all mentions.")
]


def evaluate(
    gold: Gold,
    model: Annotated[str | None, typer.Option(help="A model folder, to predict with; or: rules.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="Predicted articles, of any system.")] = None,
    entities: Entities = "name",
    folder: Annotated[
        Path | None, typer.Option("--report", help="A folder for the report as a page, as Markdown and as JSON.")
    ] = None,
    slice_by: Annotated[list[str] | None, typer.Option(help="A field of meta to slice by; repeat it.")] = None,
    training: Annotated[
        list[str] | None, typer.Option(help="What the system was trained on, to tell names seen there; repeat it.")
    ] = None,
    as_json: Json = False,
    device: Device = "cpu",
    precision: Precision = "float32",
) -> None:
    """Scores a model, or a file of predictions, against annotated articles."""
    from afteraction.evaluation import Baseline, WorstArticles, default_slicers, write_report
    from afteraction.evaluation import evaluate as score
    from afteraction.evaluation.provenance import model_uses, provenance
    from afteraction.model import RULES, RuleTagger, load_system
    from afteraction.output.progress import counted, quiet_libraries
    from afteraction.output.scores import print_report

    if (model is None) == (predictions is None):
        raise InputError("give either --model or --predictions")
    for field in slice_by or ():
        _check_field(field, gold)
    if folder is not None:
        _make(folder)
    labels: tuple[str, ...] = ()
    if model is not None:
        quiet_libraries()
        tagger = load_system(model, device=device, precision=precision)
        labels = tagger.labels
        predicted = counted(tagger.predict(read_articles(resolve(gold))))
    else:
        predicted = read_articles(resolve(str(predictions)))
    slicers = default_slicers(training=read_named(training) if training else None, meta=slice_by or ("source",))
    rules = RuleTagger()
    worst = WorstArticles()
    report = score(
        read_articles(resolve(gold)),
        predicted,
        labels=labels,
        gold_name=gold,
        system=str(model or predictions),
        entity_form=entities,
        slicers=slicers,
        # The rules take longer than the scoring: only a report waits for them.
        baseline=Baseline(RULES, lambda article: next(rules.predict([article]))) if folder else None,
        observers=[worst] if folder else [],
    )
    if folder is not None:
        sources = provenance(gold, model=model, predictions=predictions)
        write_report(folder, report, worst=worst, slicers=slicers, provenance=sources)
    if as_json:
        typer.echo(json.dumps(report.record(), indent=2))
    else:
        uses = model_uses(Path(model), resolve(gold)) if model is not None else ""
        known = f"; used in the model's {uses}: expect less on others" if uses else ""
        print_report(report, title=f"{report.system} on {report.gold}{known}")


def _make(folder: Path) -> None:
    """Makes the report's folder before the work is done, lest it be done for nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None


def _check_field(field: str, gold: str) -> None:
    """Refuses a field of meta that no annotated article has: it would silently give no slices."""
    known: set[str] = set()
    for article in read_articles(resolve(gold)):
        if field in article.meta:
            return
        known |= article.meta.keys()
    hint = nearest(field, known) if known else "their meta is empty"
    raise InputError(f"--slice-by {field}: no article of {gold} has this field of meta; {hint}")


def compare(
    gold: Gold,
    first: Annotated[str, typer.Argument(help="Predicted articles of one system.")],
    second: Annotated[str, typer.Argument(help="Predicted articles of another.")],
    entities: Entities = "name",
    as_json: Json = False,
) -> None:
    """Compares two systems on the same articles: the difference of every F1, its interval, and a p value."""
    from afteraction.evaluation import compare as compare_systems
    from afteraction.output.scores import print_comparison

    names = (gold, first, second)
    comparison = compare_systems(*(read_articles(resolve(name)) for name in names), names=names, entity_form=entities)
    if as_json:
        record = {"gold": gold, "first": first, "second": second, **comparison.record()}
        typer.echo(json.dumps(record, indent=2))
    else:
        print_comparison(comparison, gold=gold, first=first, second=second)


def spread(
    gold: Gold,
    runs: Annotated[list[str], typer.Argument(help="Predicted articles of each run, two files or more.")],
    entities: Entities = "name",
    as_json: Json = False,
) -> None:
    """Gives the mean and deviation of every F1 over runs of one system that differ in their seed."""
    from dataclasses import asdict

    from afteraction.evaluation import spread as spread_of
    from afteraction.output.scores import print_spread

    spreads = spread_of(
        read_articles(resolve(gold)),
        [read_articles(resolve(run)) for run in runs],
        names=(gold, *runs),
        entity_form=entities,
    )
    if as_json:
        typer.echo(json.dumps({"gold": gold, "runs": runs, "scores": [asdict(found) for found in spreads]}, indent=2))
    else:
        print_spread(spreads, title=f"{len(runs)} runs on {gold}")
