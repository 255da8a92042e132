"""The commands that pack a model, so that it is small enough to ship, and unpack it again."""

from pathlib import Path
from typing import Annotated

import typer

from afteraction.model import DEFAULT_RANK


def pack(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model folder, such as runs/quickstart/model.")],
    output: Annotated[
        Path, typer.Argument(metavar="OUTPUT", help="Folder to write: a new one, or a packed model to replace.")
    ],
    rank: Annotated[
        int,
        typer.Option(min=1, metavar="RANK", help="Mean rank of what is kept. Higher is larger and more exact."),
    ] = DEFAULT_RANK,
    articles: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="File of annotated articles to score the whole and the packed model on, or a bundled one such as "
            "bundled:dev. Can be repeated.",
        ),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="PACKAGE", help="Package of the model's encoder. By default the one that its training.json names."
        ),
    ] = None,
) -> None:
    """Pack a model: keep only its difference from the encoder.

    The encoder must be an installed package. A packed model is used like any other.
    """
    from afteraction.output.packing import in_megabytes, print_packing
    from afteraction.output.progress import quiet_libraries, with_progress
    from afteraction.packing import LARGE
    from afteraction.packing import pack as pack_and_score

    quiet_libraries()
    result = pack_and_score(model, output, rank=rank, encoder=encoder, articles=articles or (), progress=with_progress)
    print_packing(output, result.sizes, result.difference, articles=result.articles)
    if result.sizes.packed > LARGE:
        warning = f"{output} has more than {in_megabytes(LARGE)}; a lower --rank makes it smaller"
        typer.echo(f"afteraction: warning: {warning}", err=True)


def unpack(
    packed: Annotated[str, typer.Argument(metavar="PACKED", help="Folder of a packed model, or a shipped model.")],
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder to write. It must be new or empty.")],
) -> None:
    """Turn a packed model into an ordinary model folder.

    Other programs can read it, and training can start from it.
    """
    from afteraction.model import locate_model, unpack_model
    from afteraction.output.console import wide_console
    from afteraction.output.progress import quiet_libraries

    quiet_libraries()
    unpack_model(locate_model(packed), output)
    wide_console().print(f"{output}: a model folder")
