"""The command that shows articles on an HTML page."""

from pathlib import Path
from typing import Annotated

import typer

from afteraction.data import read_articles, resolve
from afteraction.data.files import atomic_write


def view(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="File of annotated or predicted articles, or a bundled one such as bundled:test."
        ),
    ],
    output: Annotated[Path, typer.Option(metavar="FILE", help="HTML page to write, such as page.html.")],
    limit: Annotated[
        int, typer.Option(min=1, help="Show at most this many articles, from the start of the file.")
    ] = 500,
) -> None:
    """Write an HTML page that shows articles with their spans."""
    from afteraction.evaluation import view_articles

    page = view_articles(read_articles(resolve(file)), title=file, limit=limit)
    with atomic_write(output) as path:
        path.write_text(page, encoding="utf-8")
    typer.echo(f"wrote {output}")
