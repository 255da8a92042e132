"""`afteraction data import` of published corpora: each command reads its arguments, then calls one function."""

from pathlib import Path
from typing import Annotated

import typer

from afteraction.data.importers import View, import_muc4


def muc4(
    archive: Annotated[Path, typer.Argument(help="NIST's muc34.tar.gz, or the folder that it was unpacked to.")],
    output: Annotated[Path, typer.Option(help="A folder for train.jsonl, dev.jsonl and test.jsonl.")] = Path("muc4"),
    view: Annotated[View, typer.Option(help="Our four labels, or the five roles of the literature.")] = View.LABELS,
) -> None:
    """Imports MUC-3 and MUC-4: DEV to train, TST1 and TST2 to dev, TST3 and TST4 to test."""
    for line in import_muc4(archive, output=output, view=view).lines():
        typer.echo(line, err=True)
