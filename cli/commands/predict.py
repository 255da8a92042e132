"""The command that labels articles."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from afteraction.commands.options import Device, Precision
from afteraction.data import InputError, format_article, read_inputs, write_articles


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
