"""`afteraction data import`, a command for each format that annotation comes in, and `afteraction data convert`."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Protocol

import typer

from afteraction.data import DataError, read_articles, resolve, write_articles
from afteraction.data.importers import (
    EXPORTERS,
    ConllLayout,
    Discontinuous,
    ImportLog,
    RawArticle,
    TagScheme,
    Units,
    detect_layout,
    export_articles,
    import_articles,
    parse_columns,
    parse_label_map,
    read_argilla,
    read_brat,
    read_conll,
    read_doccano,
    read_events,
    read_label_studio,
    read_prodigy,
)

import_app = typer.Typer(help="Turn annotation made elsewhere into article files.", rich_markup_mode=None)

File = Annotated[Path, typer.Argument(help="What the tool exported, plain or compressed.")]
Output = Annotated[Path, typer.Option(help="A file to write: .jsonl, .jsonl.gz, .jsonl.zst or .parquet.")]
Map = Annotated[
    list[str] | None, typer.Option("--map", metavar="OLD=NEW", help="Rename a label, as in VICTIM=TARGET; repeat it.")
]
Drop = Annotated[list[str] | None, typer.Option(metavar="LABEL", help="Leave a label's spans out; repeat it.")]
OffsetUnits = Annotated[
    Units | None, typer.Option(help="What offsets count. By default told by the spans' text in the file.")
]
Annotator = Annotated[
    str | None, typer.Option(help="Read but one annotator's work, by the name, number or address that the file has.")
]
TextKey = Annotated[str | None, typer.Option(help="The key of the text, if it is neither the only one nor `text`.")]


@import_app.command()
def argilla(
    file: File,
    output: Output,
    rename: Map = None,
    drop: Drop = None,
    units: OffsetUnits = None,
    text_key: TextKey = None,
    annotator: Annotator = None,
) -> int:
    """Argilla 2: JSON records with spans."""
    read = partial(read_argilla, file, units=units, text_key=text_key, annotator=annotator)
    return _import(read, output, rename, drop)


@import_app.command()
def brat(
    folder: Annotated[Path, typer.Argument(help="A folder of NAME.txt with NAME.ann.")],
    output: Output,
    rename: Map = None,
    drop: Drop = None,
    units: OffsetUnits = None,
    discontinuous: Annotated[
        Discontinuous, typer.Option(help="What becomes of a span in parts: its article is refused, or it is read so.")
    ] = Discontinuous.REFUSE,
) -> int:
    """brat: a folder of .txt with .ann."""
    return _import(partial(read_brat, folder, units=units, discontinuous=discontinuous), output, rename, drop)


@import_app.command()
def conll(
    file: File,
    output: Output,
    rename: Map = None,
    drop: Drop = None,
    columns: Annotated[
        str,
        typer.Option(metavar="NAMES", help="As in token,_,_,tag; by default the first is the token, the last the tag."),
    ] = "",
    scheme: Annotated[TagScheme | None, typer.Option(help="Of the tags. By default the one they follow.")] = None,
    by_sentence: Annotated[
        bool, typer.Option("--by-sentence", help="Make every sentence an article, though the file marks documents.")
    ] = False,
) -> int:
    """CoNLL: IOB1, IOB2 or BIOES tags."""
    layout = detect_layout(
        file, columns=parse_columns(columns) if columns else None, scheme=scheme, by_sentence=by_sentence
    )
    typer.echo(f"tags in {layout.scheme}; {_articles_of(layout, by_sentence=by_sentence)}", err=True)
    return _import(lambda *, on_error, **_: read_conll(file, layout, on_error=on_error), output, rename, drop)


@import_app.command()
def doccano(file: File, output: Output, rename: Map = None, drop: Drop = None, units: OffsetUnits = None) -> int:
    """doccano: JSON lines with spans."""
    return _import(partial(read_doccano, file, units=units), output, rename, drop)


@import_app.command()
def events(
    file: File,
    output: Output,
    rename: Map = None,
    drop: Drop = None,
    event_type: Annotated[
        list[str] | None, typer.Option(metavar="PATTERN", help="Events to read, as in Conflict:*; repeat it.")
    ] = None,
) -> int:
    """TextEE: JSON lines of events.

    The roles of their arguments become labels.
    """
    return _import(partial(read_events, file, event_types=event_type or ("*",)), output, rename, drop)


@import_app.command()
def label_studio(
    file: File,
    output: Output,
    rename: Map = None,
    drop: Drop = None,
    units: OffsetUnits = None,
    text_key: TextKey = None,
    annotator: Annotator = None,
) -> int:
    """Label Studio: the JSON and JSON-MIN exports."""
    read = partial(read_label_studio, file, units=units, text_key=text_key, annotator=annotator)
    return _import(read, output, rename, drop)


@import_app.command()
def prodigy(file: File, output: Output, rename: Map = None, drop: Drop = None, annotator: Annotator = None) -> int:
    """Prodigy, spaCy: JSON lines with spans."""
    return _import(partial(read_prodigy, file, annotator=annotator), output, rename, drop)


def convert(
    file: Annotated[str, typer.Argument(help="An article file, or bundled:train.")],
    output: Annotated[Path, typer.Option(help="A file to write; of brat, a folder.")],
    to: Annotated[str, typer.Option(metavar="FORMAT", help=f"One of {', '.join(EXPORTERS)}.")] = "articles",
) -> None:
    """Writes an article file in another format; docs/formats.md says what each one keeps."""
    from afteraction.output.progress import counted

    count = export_articles(counted(read_articles(resolve(file))), output, to=to)
    typer.echo(f"{output}: {count:,} articles", err=True)


def _articles_of(layout: ConllLayout, *, by_sentence: bool) -> str:
    """What the articles of a CoNLL file are."""
    if by_sentence:
        return "every sentence is an article"
    if not layout.documents:
        return "no marks of documents, so every sentence is an article"
    if layout.documents == 1:
        return "one mark of a document, so the file is one article (or else --by-sentence, as for Label Studio's)"
    return f"{layout.documents:,} documents as marked"


class _Read(Protocol):
    """A reader of a format, with its file and its own options already given."""

    def __call__(self, *, log: ImportLog, on_error: Callable[[DataError], None]) -> Iterator[RawArticle]: ...


def _import(read: _Read, output: Path, renamed: list[str] | None, dropped: list[str] | None) -> int:
    """Writes what is read as an article file and says what was changed; returns 1 if anything was refused, else 0."""
    from afteraction.output.progress import Complaints, counted

    log, complaints = ImportLog(), Complaints()
    labels = parse_label_map(renamed or (), dropped or ())
    raw = read(log=log, on_error=complaints)
    write_articles(counted(import_articles(raw, labels=labels, log=log, on_error=complaints)), output)
    for line in log.lines():
        typer.echo(line, err=True)
    return int(complaints.count > 0)
