"""The commands that score predictions against annotated articles."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from afteraction.commands.options import Device, Entities, Gold, Json, Precision
from afteraction.data import Article, InputError, read_articles, read_named, resolve

if TYPE_CHECKING:
    from afteraction.evaluation import Baseline


def evaluate(
    gold: Gold,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Model to predict with: a model folder, a shipped model, or `rules` for the rule-based tagger.",
        ),
    ] = None,
    predictions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File of predicted articles, of any system.")
    ] = None,
    entities: Entities = "name",
    report_folder: Annotated[
        Path | None,
        typer.Option("--report", metavar="FOLDER", help="Folder to write a report to, as HTML, Markdown and JSON."),
    ] = None,
    slice_by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD",
            help="Field of the articles' `meta`. The scores are also given for each of its values. Can be repeated. "
            "By default `source`.",
        ),
    ] = None,
    training: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="File of articles that the system was trained on. There are separate scores for names that "
            "occur there. Can be repeated.",
        ),
    ] = None,
    as_json: Json = False,
    device: Device = "cpu",
    precision: Precision = "float32",
) -> None:
    """Score a model or a file of predictions.

    They are scored against annotated articles. Give either --model or --predictions.
    """
    from afteraction.evaluation import default_slicers, require_meta_field
    from afteraction.evaluation import evaluate as score_articles
    from afteraction.output.lines import print_line
    from afteraction.output.scores import print_report

    # Wrong input is refused before the slow work begins.
    if (model is None) == (predictions is None):
        raise InputError("give either --model or --predictions")
    for field in slice_by or ():
        require_meta_field(field, read_articles(resolve(gold)), name=gold)
    worst = baseline = None
    if report_folder is not None:
        # Pages need the packages of the extra `report`, so they are imported only for a report.
        from afteraction.evaluation import WorstArticles, make_report_folder

        make_report_folder(report_folder)
        # The rules take longer than the scoring, so they run only for a report.
        worst, baseline = WorstArticles(), _rules_baseline()

    if model is not None:
        predicted, labels = _predict(gold, model, device=device, precision=precision)
    else:
        predicted, labels = read_articles(resolve(str(predictions))), ()
    slicers = default_slicers(training=read_named(training) if training else None, meta=slice_by or ("source",))
    report = score_articles(
        read_articles(resolve(gold)),
        predicted,
        labels=labels,
        gold_name=gold,
        system=str(model or predictions),
        entity_form=entities,
        slicers=slicers,
        baseline=baseline,
        observers=[worst] if worst is not None else [],
    )

    if report_folder is not None and worst is not None:
        from afteraction.evaluation import write_report
        from afteraction.evaluation.provenance import provenance

        sources = provenance(gold, model=model, predictions=predictions)
        write_report(report_folder, report, worst=worst, slicers=slicers, provenance=sources)
        print_line(f"afteraction: the report is {report_folder / 'report.html'}")
    if as_json:
        typer.echo(json.dumps(report.record(), indent=2))
    else:
        print_report(report, title=f"{report.system} on {report.gold}{_leak_warning(model, gold)}")


def _predict(gold: str, model: str, *, device: str, precision: Precision) -> tuple[Iterable[Article], Sequence[str]]:
    """Loads a model, and returns its predictions on the gold articles and its labels."""
    from afteraction.model import load_system
    from afteraction.output.progress import quiet_libraries, with_progress

    quiet_libraries()
    system = load_system(model, device=device, precision=precision)
    return with_progress(system.predict(read_articles(resolve(gold)))), system.labels


def _rules_baseline() -> "Baseline":
    """Returns the rule-based tagger as the baseline of a report."""
    from afteraction.evaluation import Baseline
    from afteraction.model import RULES, RuleTagger

    rules = RuleTagger()
    return Baseline(RULES, lambda article: next(rules.predict([article])))


def _leak_warning(model: str | None, gold: str) -> str:
    """Returns a warning for the title if the model was trained or calibrated on the gold articles; otherwise empty."""
    from afteraction.evaluation.provenance import model_uses
    from afteraction.model import system_folder

    folder = system_folder(model) if model is not None else None
    uses = model_uses(folder, resolve(gold)) if folder is not None else ""
    return f"; these articles were used in the model's {uses}, so expect lower scores on others" if uses else ""


def compare(
    gold: Gold,
    first: Annotated[str, typer.Argument(metavar="FIRST", help="File of articles predicted by one system.")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="File of articles predicted by another system.")],
    entities: Entities = "name",
    as_json: Json = False,
) -> None:
    """Compare two systems on the same articles.

    For every F1, it gives the difference, its 95 % interval and a p value.
    """
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
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN", help="Files of predicted articles, one per run; at least two.")
    ],
    entities: Entities = "name",
    as_json: Json = False,
) -> None:
    """Show how scores vary between runs of one system.

    For every F1, it gives the mean and the standard deviation over runs that differ in their seed.
    """
    from dataclasses import asdict

    from afteraction.evaluation import spread as spread_of_runs
    from afteraction.output.scores import print_spread

    spreads = spread_of_runs(
        read_articles(resolve(gold)),
        [read_articles(resolve(run)) for run in runs],
        names=(gold, *runs),
        entity_form=entities,
    )
    if as_json:
        typer.echo(json.dumps({"gold": gold, "runs": runs, "scores": [asdict(row) for row in spreads]}, indent=2))
    else:
        print_spread(spreads, title=f"{len(runs)} runs on {gold}")
