"""The command that predicts the records of articles."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from afteraction.commands.options import Device, Precision, RecordId, RecordText, RecordTitle
from afteraction.data import InputError, InputFields, format_article, read_inputs, write_articles


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
            help="Files (.jsonl, .ndjson, .json, .csv, .tsv, .parquet, .txt, .html; also .gz, .zst), folders of such "
            "files, or - for standard input.",
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
    text_key: RecordText = None,
    id_key: RecordId = None,
    title_key: RecordTitle = None,
) -> int:
    """Find who attacked whom, where, and how many were killed.

    Reads archives as people have them: docs/archives.md says which. Prints a table, or writes JSON Lines or Parquet.
    The exit status is 1 if an input could not be read.
    """
    from afteraction.model import load_system
    from afteraction.output.articles import print_articles
    from afteraction.output.progress import InputErrorReporter, quiet_libraries, with_progress

    if output is not None and as_json:
        raise InputError("--json prints; it does not go with --output")
    quiet_libraries()
    system = load_system(model, device=device, precision=precision)
    errors = InputErrorReporter()
    fields = InputFields(text=text_key, id=id_key, title=title_key)
    stream = sys.stdin.buffer if sys.stdin else None
    articles = read_inputs(inputs, stream=stream, on_error=errors, fields=fields)
    predicted = with_progress(system.predict(articles))
    if output is not None:
        write_articles(predicted, output)
    elif as_json:
        for article in predicted:
            typer.echo(format_article(article))
    else:
        print_articles(predicted)
    return errors.status
