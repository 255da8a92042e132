"""The command that predicts the records of articles."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from afteraction.commands.options import Device, Precision, RecordId, RecordText, RecordTitle
from afteraction.data import Article, InputError, InputFields, format_article, read_inputs, write_articles
from afteraction.data.languages import OtherLanguages, check_languages
from afteraction.model.archive import PART_SIZE, Format, Shard
from afteraction.signals import StoppedError, stop_requests


def predict(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="Model folder, such as runs/quickstart/model, a shipped model, or `rules` for the rule-based tagger.",
        ),
    ],
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help="Files (.jsonl, .ndjson, .json, .csv, .tsv, .parquet, .txt, .html; also .gz, .zst), folders of such "
            "files, or - for standard input.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="File to write: .jsonl, .jsonl.gz, .jsonl.zst or .parquet. For archives, give a folder: a path "
            "without a suffix. The output is then written in numbered parts, and the same command resumes after an "
            "interruption. By default a table is printed.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON Lines instead of a table.")] = False,
    device: Device = "cpu",
    precision: Precision = "auto",
    text_key: RecordText = None,
    id_key: RecordId = None,
    title_key: RecordTitle = None,
    other_languages: Annotated[
        OtherLanguages, typer.Option(help="What to do with articles in a language that the model was not trained on.")
    ] = "label",
    gate: Annotated[
        bool, typer.Option("--gate", help="Read only articles that pass the model's gate; `afteraction gate` makes it.")
    ] = False,
    part_format: Annotated[Format, typer.Option("--format", help="Format of the parts in a folder.")] = "jsonl",
    part_size: Annotated[
        int, typer.Option(min=1, metavar="ARTICLES", help="Articles per part in a folder.")
    ] = PART_SIZE,
    shard: Annotated[
        str | None,
        typer.Option(metavar="I/N", help="Label only the I-th of N shards, as in 3/16, into a folder of its own."),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            help="Processes that label the parts in a folder, each with the model in memory. A GPU needs several to be "
            "fully used; on a CPU, one process uses all cores.",
        ),
    ] = 1,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(
            help="Where the parts in a folder are labelled: on this machine, or by the workers of a Ray cluster."
        ),
    ] = "local",
    ray_address: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT", help="Address of the Ray cluster. By default Ray is started on this machine."
        ),
    ] = None,
) -> int:
    """Find who attacked whom, where, and how many were killed.

    Prints a table, or writes JSON Lines or Parquet. The exit status is 1 if an input could not be read.
    docs/archives.md describes the supported inputs.

    If the output is a folder, finished work survives an interruption: run the same command again to resume.
    """
    from afteraction.model import load_system, system_languages
    from afteraction.model.archive import label_archive, process_engine, ray_engine, run_precision
    from afteraction.output.archives import ArchiveProgress, announce_stop, print_result, print_skipped
    from afteraction.output.articles import print_articles
    from afteraction.output.lines import print_line
    from afteraction.output.progress import InputErrorReporter, quiet_libraries, with_progress

    if output is not None and as_json:
        raise InputError("--json and --output cannot be combined: --json prints")
    if ray_address is not None and engine != "ray":
        raise InputError("--ray-address needs --engine ray")
    if workers > 1 and engine == "ray":
        raise InputError("--workers does not apply to --engine ray: Ray has a worker on each processor of its cluster")
    quiet_libraries()
    fields = InputFields(text=text_key, id=id_key, title=title_key)
    if output is not None and (output.is_dir() or not output.suffix):
        chosen = run_precision(model, output, device=device, precision=precision)
        if precision == "auto" and chosen != "float32":
            print_line(f"afteraction: the precision is {chosen}, the fastest here that keeps the F1")
        chosen_engine = None
        if engine == "ray":
            chosen_engine = ray_engine(model, device=device, precision=chosen, gate=gate, address=ray_address)
        elif workers > 1:
            chosen_engine = process_engine(model, workers=workers, device=device, precision=chosen, gate=gate)
        with stop_requests(on_first=announce_stop) as stop, ArchiveProgress(on_begin=stop.arm) as progress:
            manifest = label_archive(
                model,
                inputs,
                output,
                device=device,
                precision=chosen,
                file_format=part_format,
                part_size=part_size,
                shard=None if shard is None else Shard.parse(shard),
                fields=fields,
                other_languages=other_languages,
                gate=gate,
                engine=chosen_engine,
                progress=progress,
                should_stop=stop,
            )
        if manifest.result is None:
            raise StoppedError(
                f"stopped; finished work is in {output}; run the same command again to resume", status=stop.status
            )
        return print_result(output, manifest)
    if (part_format, part_size, shard, workers, engine) != ("jsonl", PART_SIZE, None, 1, "local"):
        raise InputError(
            "--format, --part-size, --shard, --workers and --engine need --output with a folder: "
            "a path without a suffix"
        )
    system = load_system(model, device=device, precision=precision, gate=gate)
    errors = InputErrorReporter()
    stream = sys.stdin.buffer if sys.stdin else None
    articles = read_inputs(inputs, stream=stream, on_error=errors, fields=fields)
    articles = check_languages(articles, languages=system_languages(model), others=other_languages, on_notice=errors)
    passed: Counter[bool] = Counter()
    predicted = _counted(with_progress(system.predict(articles)), passed)
    if output is not None:
        write_articles(predicted, output)
    elif as_json:
        for article in predicted:
            typer.echo(format_article(article))
    else:
        print_articles(predicted)
    if passed[False]:
        print_skipped(passed[False], passed.total())
    return errors.status


def _counted(articles: Iterable[Article], passed: Counter[bool]) -> Iterator[Article]:
    """Yields the articles unchanged, and counts those that passed the gate and those that did not."""
    from afteraction.model.gate import is_skipped

    for article in articles:
        passed[not is_skipped(article)] += 1
        yield article
