"""`afteraction data import table`: makes annotated articles from a table of incidents."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from afteraction.commands.options import Json, OutputFile
from afteraction.data import InputError, write_articles
from afteraction.output.progress import InputErrorReporter, with_progress

if TYPE_CHECKING:
    from afteraction.data.incidents import ImportCounts


def table(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Table: CSV, TSV or JSON, plain or compressed (.gz, .zst); or Parquet."),
    ],
    output: OutputFile,
    text: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column that has the text. Needed without --preset.")
    ] = None,
    preset: Annotated[
        Literal["acled", "gtd", "ucdp", "wikipedia"] | None,
        typer.Option(help="Table whose own column names are used. Other options replace single fields of it."),
    ] = None,
    perpetrator: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Column that says who attacked. Can be repeated.")
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Column that says who or what was attacked. Can be repeated."),
    ] = None,
    location: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN", help="Column that says where. Can be repeated, for example for province and country."
        ),
    ] = None,
    deaths: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Column that says how many people were killed. Can be repeated, as for low, best and high.",
        ),
    ] = None,
    article_id: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="COLUMN",
            help="Column of unique ids. By default an id is made from the file's name and the row's number.",
        ),
    ] = None,
    aliases: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="YAML file with further names of groups and places. Can be repeated."),
    ] = None,
    threshold: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Smallest share of a row's filled fields that must be found in its text to keep the row."
        ),
    ] = 0.5,
    encoding: Annotated[
        str,
        typer.Option(
            metavar="ENCODING", help="Character encoding of a CSV or TSV file. Spreadsheets often write cp1252."
        ),
    ] = "utf-8",
    as_json: Json = False,
) -> int:
    """Import an incident table, such as ACLED or GTD.

    Each field's value is searched for in the row's text and becomes a span there.
    """
    from afteraction.data.incidents import ImportCounts, TableColumns, import_table, preset_columns
    from afteraction.data.text import load_aliases

    if preset is None and text is None:
        raise InputError("name the column of the text with --text, or a known table with --preset")
    if preset is None and not (perpetrator or target or location or deaths):
        raise InputError("name at least one column of --perpetrator, --target, --location, --deaths")
    columns = TableColumns(
        text=text or "",
        perpetrator=perpetrator or [],
        target=target or [],
        location=location or [],
        deaths=deaths or [],
        id=article_id,
    )
    if preset is not None:
        columns = preset_columns(file, preset, columns, encoding=encoding)
    counts, errors = ImportCounts(), InputErrorReporter()
    articles = import_table(
        file,
        columns=columns,
        aliases=load_aliases(aliases or []),
        threshold=threshold,
        counts=counts,
        on_error=errors,
        encoding=encoding,
    )
    write_articles(with_progress(articles), output)
    if as_json:
        typer.echo(json.dumps(counts.record(), indent=2))
    else:
        _print_counts(counts, output)
    return errors.status


def _print_counts(counts: "ImportCounts", output: Path) -> None:
    """Prints how many rows were kept, and in how many rows each field was found."""
    typer.echo(
        f"rows: {counts.rows}; without text: {counts.empty}; with the text of an earlier row: {counts.repeated}; "
        f"kept in {output}: {counts.kept}"
    )
    for field, given in counts.given.items():
        typer.echo(f"{field}: found in the text of {counts.found[field]} of the {given} rows that have it")
