"""The commands for the output of an archive run: merging its shards, and writing the flat table."""

from pathlib import Path
from typing import Annotated

import typer


def merge(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER", help="Folders of all shards of a run.")],
    output: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder to write.")],
) -> int:
    """Merge the folders that `predict --shard` wrote.

    Checks that all shards are present, finished and undamaged, and writes the folder that a run without shards writes.
    """
    from afteraction.model.archive import merge_shards
    from afteraction.output.archives import print_result

    return print_result(output, merge_shards(folders, output))


def table(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="Folder that `predict` wrote, or a file of labelled articles.")
    ],
    output: Annotated[Path, typer.Argument(metavar="FILE", help="File to write: .csv or .parquet.")],
) -> int:
    """Write a flat table, with one row per article.

    The columns are who, whom, where, the death toll, scores and the kept columns.
    """
    from afteraction.model.archive import write_table
    from afteraction.output.console import count_noun, wide_console
    from afteraction.output.progress import InputErrorReporter

    errors = InputErrorReporter()
    rows = write_table(source, output, on_error=errors)
    wide_console().print(f"{output}: {count_noun(rows, 'article')}")
    return errors.status
