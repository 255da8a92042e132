"""`afteraction data import` of published corpora: each command reads its arguments, then calls one function."""

from pathlib import Path
from typing import Annotated

import typer

from afteraction.data.importers import ImportLog, View, import_muc4, import_wikievents


def muc4(
    archive: Annotated[Path, typer.Argument(help="NIST's muc34.tar.gz, or the folder that it was unpacked to.")],
    output: Annotated[Path, typer.Option(help="A folder for train.jsonl, dev.jsonl and test.jsonl.")] = Path("muc4"),
    view: Annotated[View, typer.Option(help="Our four labels, or the five roles of the literature.")] = View.LABELS,
) -> None:
    """MUC-3 and MUC-4: DEV to train, TST1 and TST2 to dev, TST3 and TST4 to test."""
    for line in import_muc4(archive, output=output, view=view).lines():
        typer.echo(line, err=True)


def wikievents(
    file: Annotated[Path, typer.Argument(help="JSON lines of WikiEvents, with token offsets or in gen-arg form.")],
    output: Annotated[Path, typer.Option(help="A file to write: .jsonl, .jsonl.gz, .jsonl.zst or .parquet.")],
) -> int:
    """WikiEvents: who and what attacks and deaths in it involve, and where."""
    from afteraction.output.progress import Complaints

    log, complaints = ImportLog(), Complaints()
    import_wikievents(file, output=output, log=log, on_error=complaints)
    for line in log.lines():
        typer.echo(line, err=True)
    return int(complaints.count > 0)
