"""The commands: each reads its arguments, then calls one function of the rooms below."""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from afteraction.data import (
    InputError,
    format_article,
    read_articles,
    read_inputs,
    resolve,
    write_articles,
)
from afteraction.data_commands import data_app
from afteraction.options import Json
from afteraction.view import view

app = typer.Typer(
    help="Who attacked, whom, where, and how many were killed: train, score and run a tagger of news articles.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(data_app, name="data")
app.command()(view)

Precision = Annotated[
    Literal["float32", "bfloat16"], typer.Option(help="Of the weights; bfloat16 is faster where it is native.")
]
Device = Annotated[str, typer.Option(help="Where the model runs, as PyTorch names it: cpu, cuda, cuda:1.")]


@app.command()
def train(
    config: Annotated[str, typer.Argument(help="A YAML file, or a bundled config: quickstart, default.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="As in fitting.epochs=3.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's last checkpoint.")] = False,
) -> None:
    """Trains a model from a config and saves it in the run's folder."""
    from afteraction.evaluation import score_spans
    from afteraction.progress import quiet_libraries, training_bar
    from afteraction.tables import print_run
    from afteraction.train import fit, load_config

    settings = load_config(config, overrides=overrides or [])
    quiet_libraries()
    result = fit(
        settings,
        score=lambda gold, predicted: score_spans(gold, predicted, labels=settings.labels).flat(),
        resume=resume,
        callbacks=training_bar(),
    )
    if result.main:
        print_run(result)


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(help="A model folder, such as runs/quickstart/model.")],
    inputs: Annotated[
        list[str], typer.Argument(help="Text or article files, folders of them, or - for standard input.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(help="A file to write: .jsonl, .jsonl.gz, .jsonl.zst or .parquet. Without it, a table."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines instead of a table.")] = False,
    device: Device = "cpu",
    precision: Precision = "float32",
) -> int:
    """Labels articles: plain text, JSON Lines or Parquet in; a table, JSON Lines or Parquet out."""
    from afteraction.model import Tagger
    from afteraction.progress import Complaints, counted, quiet_libraries
    from afteraction.tables import print_articles

    if output is not None and as_json:
        raise InputError("--json prints; it does not go with --output")
    quiet_libraries()
    tagger = Tagger.load(model, device=device, precision=precision)
    complaints = Complaints()
    predicted = counted(tagger.predict(read_inputs(inputs, stream=sys.stdin.buffer, on_error=complaints)))
    if output is not None:
        write_articles(predicted, output)
    elif as_json:
        for article in predicted:
            typer.echo(format_article(article))
    else:
        print_articles(predicted)
    return int(complaints.count > 0)


@app.command()
def evaluate(
    gold: Annotated[str, typer.Argument(help="Annotated articles: a file, or bundled:test.")],
    model: Annotated[Path | None, typer.Option(help="A model folder, to predict with.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="Predicted articles, of any system.")] = None,
    as_json: Json = False,
    device: Device = "cpu",
    precision: Precision = "float32",
) -> None:
    """Scores a model, or a file of predictions, against annotated articles."""
    from afteraction.evaluation import evaluate as score
    from afteraction.progress import counted, quiet_libraries
    from afteraction.tables import print_report

    if (model is None) == (predictions is None):
        raise InputError("give either --model or --predictions")
    articles = list(read_articles(resolve(gold)))
    labels: tuple[str, ...] = ()
    if model is not None:
        from afteraction.model import Tagger

        quiet_libraries()
        tagger = Tagger.load(model, device=device, precision=precision)
        labels = tagger.scheme.labels
        predicted = list(counted(tagger.predict(articles)))
    else:
        predicted = list(read_articles(resolve(str(predictions))))
    report = score(articles, predicted, labels=labels)
    if as_json:
        typer.echo(json.dumps({"gold": gold, **report.record()}, indent=2))
    else:
        print_report(report, title=f"{model or predictions} on {gold}")
