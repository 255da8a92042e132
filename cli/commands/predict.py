"""The command that predicts the records of articles."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from afteraction.commands.options import Device, Precision
from afteraction.data import InputError, format_article, read_inputs, write_articles


def predict(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="Model folder, such as runs/quickstart/model, a shipped model, or `rules` for the rule-based tagger.",
        ),
    ],
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help="Text files, article files, folders that contain such files, or - for standard input.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File to write: .jsonl, .jsonl.gz, .jsonl.zst or .parquet. By default a table is printed.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON Lines instead of a table.")] = False,
    device: Device = "cpu",
    precision: Precision = "float32",
) -> int:
    """Find who attacked whom, where, and how many were killed.

    Reads plain text, JSON Lines or Parquet. Prints a table, or writes JSON Lines or Parquet. The exit status is 1 if
    an input could not be read.
    """
    from afteraction.model import load_system
    from afteraction.output.articles import print_articles
    from afteraction.output.progress import InputErrorReporter, quiet_libraries, with_progress

    if output is not None and as_json:
        raise InputError("--json prints; it does not go with --output")
    quiet_libraries()
    system = load_system(model, device=device, precision=precision)
    errors = InputErrorReporter()
    articles = read_inputs(inputs, stream=sys.stdin.buffer if sys.stdin else None, on_error=errors)
    predicted = with_progress(system.predict(articles))
    if output is not None:
        write_articles(predicted, output)
    elif as_json:
        for article in predicted:
            typer.echo(format_article(article))
    else:
        print_articles(predicted)
    return errors.status
