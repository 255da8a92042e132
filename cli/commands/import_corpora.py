"""Commands that import published corpora, and commands that separate annotation from its texts and join them again."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from afteraction.commands.options import ImportFile, OutputFile
from afteraction.data import read_articles, resolve
from afteraction.data.importers import (
    ImportLog,
    View,
    import_fakes,
    import_muc4,
    import_standoff,
    import_wikievents,
    write_standoff,
)
from afteraction.output.lines import print_line


def export_standoff(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Article file, or a bundled one such as bundled:train.")],
    output: Annotated[Path, typer.Option(metavar="FILE", help="File to write: .jsonl, .jsonl.gz or .jsonl.zst.")],
    drop_meta: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="Leave out this key of `meta`. Can be repeated.")
    ] = None,
) -> None:
    """Write the annotation of an article file without the text.

    Use it for texts that you may not share. `data import standoff` joins the annotation with the texts again.
    """
    from afteraction.output.progress import with_progress

    meta_keys: Counter[str] = Counter()
    articles = with_progress(read_articles(resolve(file)))
    count = write_standoff(articles, output, drop_meta=drop_meta or (), meta_keys=meta_keys)
    typer.echo(f"{output}: annotation without text; articles: {count:,}", err=True)
    if meta_keys:
        keys = ", ".join(sorted(meta_keys))
        typer.echo(f"meta was written ({keys}); if a key quotes the text, leave it out with --drop-meta", err=True)


def fa_kes(file: ImportFile, output: OutputFile) -> int:
    """Import the unannotated articles of FA-KES (CSV)."""
    from afteraction.output.progress import InputErrorReporter

    errors = InputErrorReporter()
    for line in import_fakes(file, output=output, on_error=errors).lines():
        print_line(line)
    return errors.status


def muc4(
    archive: Annotated[
        Path, typer.Argument(metavar="ARCHIVE", help="NIST's muc34.tar.gz, or the folder that it was unpacked to.")
    ],
    output: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Folder to write train.jsonl, dev.jsonl and test.jsonl to.")
    ] = Path("muc4"),
    view: Annotated[
        View, typer.Option(help="Labels to use: afteraction's four labels, or the five roles of the literature.")
    ] = View.LABELS,
) -> None:
    """Import MUC-3 and MUC-4, in their usual split.

    DEV becomes train, TST1 and TST2 become dev, TST3 and TST4 become test.
    """
    for line in import_muc4(archive, output=output, view=view).lines():
        print_line(line)


def standoff(
    annotations: Annotated[
        Path, typer.Argument(metavar="ANNOTATIONS", help="File that `data export-standoff` wrote, plain or compressed.")
    ],
    texts: Annotated[list[str], typer.Option(metavar="FILE", help="Article file with the texts. Can be repeated.")],
    output: OutputFile,
) -> int:
    """Join annotation without text with its texts.

    Texts are found by their SHA-256, so their ids and their order do not matter.
    """
    from afteraction.output.progress import InputErrorReporter

    log, errors = ImportLog(), InputErrorReporter()
    import_standoff(annotations, [resolve(name) for name in texts], output=output, log=log, on_error=errors)
    for line in log.lines():
        print_line(line)
    return errors.status


def wikievents(file: ImportFile, output: OutputFile) -> int:
    """Import attacks and deaths from WikiEvents (JSON Lines).

    Reads both the original form, which has token offsets, and the gen-arg form.
    """
    from afteraction.output.progress import InputErrorReporter

    log, errors = ImportLog(), InputErrorReporter()
    import_wikievents(file, output=output, log=log, on_error=errors)
    for line in log.lines():
        print_line(line)
    return errors.status
