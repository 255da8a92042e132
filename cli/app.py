"""The commands: each reads its arguments, then calls one function of the rooms below."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from afteraction.commands.calibrate import calibrate
from afteraction.commands.data_checks import data_app
from afteraction.commands.evaluate import compare, evaluate, spread
from afteraction.commands.import_corpora import muc4, wikievents
from afteraction.commands.import_table import table
from afteraction.commands.import_tools import convert, import_app
from afteraction.commands.options import Device, Precision
from afteraction.commands.view import view
from afteraction.data import InputError, format_article, read_inputs, write_articles

app = typer.Typer(
    help="Who attacked, whom, where, and how many were killed: train, score and run a tagger of news articles.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(data_app, name="data")
app.command()(calibrate)
app.command()(compare)
app.command()(evaluate)
app.command()(spread)
app.command()(view)
data_app.command()(convert)
import_app.command()(muc4)
import_app.command()(wikievents)
import_app.command()(table)


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
    from afteraction.output.articles import print_run
    from afteraction.output.progress import quiet_libraries, training_bar
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
    model: Annotated[str, typer.Argument(help="A model folder, such as runs/quickstart/model; or: rules.")],
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
    from afteraction.model import load_system
    from afteraction.output.articles import print_articles
    from afteraction.output.progress import Complaints, counted, quiet_libraries

    if output is not None and as_json:
        raise InputError("--json prints; it does not go with --output")
    quiet_libraries()
    system = load_system(model, device=device, precision=precision)
    complaints = Complaints()
    predicted = counted(
        system.predict(read_inputs(inputs, stream=sys.stdin.buffer if sys.stdin else None, on_error=complaints))
    )
    if output is not None:
        write_articles(predicted, output)
    elif as_json:
        for article in predicted:
            typer.echo(format_article(article))
    else:
        print_articles(predicted)
    return int(complaints.count > 0)
