"""The command that suggests which articles to annotate next."""

import sys
from typing import Annotated

import typer

from afteraction.commands.options import Device, OutputFile, Precision, RecordId, RecordText, RecordTitle
from afteraction.data import InputFields, read_inputs, read_named, write_articles


def suggest(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Model folder, such as runs/quickstart/model, or a shipped model.")
    ],
    pool: Annotated[
        list[str], typer.Argument(metavar="POOL", help="Articles to choose from: files or folders, as for `predict`.")
    ],
    output: OutputFile,
    number: Annotated[int, typer.Option(min=1, metavar="ARTICLES", help="How many articles to suggest.")] = 50,
    weight: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABEL=NUMBER",
            help="How much the uncertainty of a label's spans counts, as in TARGET=2; 1 by default. Can be repeated.",
        ),
    ] = None,
    annotated: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="File of articles that are already annotated; their near-duplicates are left out. Can be repeated.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides between articles with the same uncertainty.")] = 0,
    device: Device = "cpu",
    precision: Precision = "float32",
    text_key: RecordText = None,
    id_key: RecordId = None,
    title_key: RecordTitle = None,
) -> int:
    """Suggest which articles to annotate next.

    Writes the articles that the model is least certain of, with its labels, the least certain first. There are no
    near-duplicates among them, and sources and lengths are distributed as in the pool. The exit status is 1 if an
    input could not be read.
    """
    from afteraction.model import Tagger
    from afteraction.model import suggest as choose
    from afteraction.model.suggestion import parse_weights
    from afteraction.output.console import count_noun
    from afteraction.output.progress import InputErrorReporter, quiet_libraries, with_progress

    quiet_libraries()
    weights = parse_weights(weight or ())
    errors = InputErrorReporter()
    stream = sys.stdin.buffer if sys.stdin else None
    fields = InputFields(text=text_key, id=id_key, title=title_key)
    result = choose(
        Tagger.load(model, device=device, precision=precision),
        with_progress(read_inputs(pool, stream=stream, on_error=errors, fields=fields)),
        number=number,
        weights=weights,
        annotated=read_named(annotated or ()),
        seed=seed,
    )
    write_articles((suggestion.article for suggestion in result.chosen), output)
    chosen = count_noun(len(result.chosen), "article")
    typer.echo(
        f"{output}: {chosen} of {result.pool:,}; left out: {result.near_duplicates:,} near-duplicates of others, "
        f"{result.annotated:,} of annotated articles",
        err=True,
    )
    if result.chosen:
        mean = sum(suggestion.uncertainty for suggestion in result.chosen) / len(result.chosen)
        typer.echo(
            f"expected wrong spans per article: {mean:.2f}; in the whole pool: {result.mean_uncertainty:.2f}",
            err=True,
        )
    return errors.status
