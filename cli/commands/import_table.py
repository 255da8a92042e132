"""`afteraction data import table`: articles with silver spans from a table of incidents."""

import json
from pathlib import Path
from typing import Annotated

import typer

from afteraction.commands.options import Json
from afteraction.data import InputError, write_articles
from afteraction.output.progress import Complaints, counted

_SEVERAL = "repeat it for several, such as province and country."


def table(
    file: Annotated[Path, typer.Argument(help="CSV, TSV or JSON lines, also in .gz or .zst, or Parquet.")],
    output: Annotated[Path, typer.Option(help="A file to write: .jsonl, .jsonl.gz, .jsonl.zst or .parquet.")],
    text: Annotated[str, typer.Option(help="The column of the text.")],
    perpetrator: Annotated[list[str] | None, typer.Option(help="The column of who attacked; repeat it.")] = None,
    target: Annotated[
        list[str] | None, typer.Option(help="The column of whom or what they attacked; repeat it.")
    ] = None,
    location: Annotated[list[str] | None, typer.Option(help=f"The column of the place; {_SEVERAL}")] = None,
    deaths: Annotated[list[str] | None, typer.Option(help="The column of the number killed; repeat it.")] = None,
    article_id: Annotated[
        str | None, typer.Option("--id", help="A column of unique ids; without it, the file's name and the row.")
    ] = None,
    aliases: Annotated[
        list[Path] | None, typer.Option(help="A YAML file of other names of groups and places; repeat it.")
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="The least share of a row's given fields that its text must speak of.")
    ] = 0.5,
    encoding: Annotated[str, typer.Option(help="Of CSV and TSV; cp1252 is what spreadsheets often write.")] = "utf-8",
    as_json: Json = False,
) -> int:
    """An incident table, such as ACLED's or GTD's: finds each field's value in the row's text."""
    from afteraction.data.incidents import ImportCounts, TableColumns, import_table, load_aliases

    columns = TableColumns(
        text=text,
        perpetrator=perpetrator or [],
        target=target or [],
        location=location or [],
        deaths=deaths or [],
        id=article_id,
    )
    if not (perpetrator or target or location or deaths):
        raise InputError("name at least one column of --perpetrator, --target, --location, --deaths")
    counts, complaints = ImportCounts(), Complaints()
    articles = import_table(
        file,
        columns=columns,
        aliases=load_aliases(aliases or []),
        threshold=threshold,
        counts=counts,
        on_error=complaints,
        encoding=encoding,
    )
    write_articles(counted(articles), output)
    if as_json:
        typer.echo(json.dumps(counts.record(), indent=2))
    else:
        left_out = f"{counts.empty} without text, {counts.repeated} with an earlier row's text"
        typer.echo(f"{counts.rows} row(s), {left_out}, {counts.kept} kept in {output}")
        for name, given in counts.given.items():
            typer.echo(f"{name}: found in the text of {counts.found[name]} of {given} row(s) that give it")
    return int(complaints.count > 0)
