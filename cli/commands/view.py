"""The command that draws articles."""

from pathlib import Path
from typing import Annotated

import typer

from afteraction.data import read_articles, resolve
from afteraction.data.files import atomic_write


def view(
    file: Annotated[str, typer.Argument(help="Annotated or predicted articles: a file, or bundled:test.")],
    output: Annotated[Path, typer.Option(help="The page to write, such as page.html.")],
    limit: Annotated[int, typer.Option(min=1, help="How many articles to draw at most, from the first.")] = 500,
) -> None:
    """Draws articles with their spans on a page that opens in any browser."""
    from afteraction.evaluation import view_articles

    page = view_articles(read_articles(resolve(file)), title=file, limit=limit)
    with atomic_write(output) as path:
        path.write_text(page, encoding="utf-8")
    typer.echo(f"wrote {output}")
