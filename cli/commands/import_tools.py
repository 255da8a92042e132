"""`afteraction data import` with one command per annotation format, and `afteraction data convert`."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Protocol

import typer

from afteraction.commands.options import (
    Annotator,
    DroppedLabels,
    ImportFile,
    OffsetUnits,
    OutputFile,
    RenamedLabels,
    TextKey,
)
from afteraction.data import DataError, read_articles, resolve, write_articles
from afteraction.data.importers import (
    EXPORTERS,
    ConllLayout,
    Discontinuous,
    ImportLog,
    RawArticle,
    TagScheme,
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

import_app = typer.Typer(help="Import annotations from other tools and corpora.", rich_markup_mode=None)


@import_app.command()
def argilla(
    file: ImportFile,
    output: OutputFile,
    rename: RenamedLabels = None,
    drop: DroppedLabels = None,
    units: OffsetUnits = None,
    text_key: TextKey = None,
    annotator: Annotator = None,
) -> int:
    """Import JSON records with spans from Argilla 2."""
    read = partial(read_argilla, file, units=units, text_key=text_key, annotator=annotator)
    return _import(read, output, rename, drop)


@import_app.command()
def brat(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder with NAME.txt and NAME.ann for each article.")
    ],
    output: OutputFile,
    rename: RenamedLabels = None,
    drop: DroppedLabels = None,
    units: OffsetUnits = None,
    discontinuous: Annotated[
        Discontinuous,
        typer.Option(
            help="What to do with a span of several parts: refuse its article, make one whole span that includes the "
            "text between, or make one span per part."
        ),
    ] = Discontinuous.REFUSE,
) -> int:
    """Import .txt and .ann files from brat."""
    return _import(partial(read_brat, folder, units=units, discontinuous=discontinuous), output, rename, drop)


@import_app.command()
def conll(
    file: ImportFile,
    output: OutputFile,
    rename: RenamedLabels = None,
    drop: DroppedLabels = None,
    columns: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="Names of the columns, as in token,_,_,tag. By default the first is the token and the last the tag.",
        ),
    ] = "",
    scheme: Annotated[
        TagScheme | None, typer.Option(help="Scheme of the tags. By default it is detected from the tags in the file.")
    ] = None,
    by_sentence: Annotated[
        bool, typer.Option("--by-sentence", help="Make every sentence an article, even if the file marks documents.")
    ] = False,
) -> int:
    """Import a CoNLL file with IOB1, IOB2 or BIOES tags."""
    layout = detect_layout(
        file, columns=parse_columns(columns) if columns else None, scheme=scheme, by_sentence=by_sentence
    )
    typer.echo(f"tags in {layout.scheme}; {_articles_in_words(layout, by_sentence=by_sentence)}", err=True)
    return _import(partial(read_conll, file, layout), output, rename, drop)


@import_app.command()
def doccano(
    file: ImportFile,
    output: OutputFile,
    rename: RenamedLabels = None,
    drop: DroppedLabels = None,
    units: OffsetUnits = None,
) -> int:
    """Import JSON Lines with spans from doccano."""
    return _import(partial(read_doccano, file, units=units), output, rename, drop)


@import_app.command()
def events(
    file: ImportFile,
    output: OutputFile,
    rename: RenamedLabels = None,
    drop: DroppedLabels = None,
    event_type: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Types of the events to read, as in Conflict:*. Can be repeated."),
    ] = None,
) -> int:
    """Import JSON Lines of events in the format of TextEE.

    The roles of the events' arguments become labels.
    """
    return _import(partial(read_events, file, event_types=event_type or ("*",)), output, rename, drop)


@import_app.command()
def label_studio(
    file: ImportFile,
    output: OutputFile,
    rename: RenamedLabels = None,
    drop: DroppedLabels = None,
    units: OffsetUnits = None,
    text_key: TextKey = None,
    annotator: Annotator = None,
) -> int:
    """Import JSON or JSON-MIN from Label Studio."""
    read = partial(read_label_studio, file, units=units, text_key=text_key, annotator=annotator)
    return _import(read, output, rename, drop)


@import_app.command()
def prodigy(
    file: ImportFile,
    output: OutputFile,
    rename: RenamedLabels = None,
    drop: DroppedLabels = None,
    annotator: Annotator = None,
) -> int:
    """Import JSON Lines with spans from Prodigy or spaCy."""
    return _import(partial(read_prodigy, file, annotator=annotator), output, rename, drop)


def convert(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Article file, or a bundled one such as bundled:train.")],
    output: Annotated[Path, typer.Option(metavar="PATH", help="File to write; for brat, a folder.")],
    to: Annotated[str, typer.Option(metavar="FORMAT", help=f"Format to write: {', '.join(EXPORTERS)}.")] = "articles",
) -> None:
    """Convert an article file to another format.

    docs/formats.md lists what each format keeps.
    """
    from afteraction.output.console import count_noun
    from afteraction.output.progress import with_progress

    count = export_articles(with_progress(read_articles(resolve(file))), output, to=to)
    typer.echo(f"{output}: {count_noun(count, 'article')}", err=True)


def _articles_in_words(layout: ConllLayout, *, by_sentence: bool) -> str:
    """Describes how a CoNLL file is divided into articles."""
    if by_sentence:
        return "every sentence is an article"
    if not layout.documents:
        return "no documents are marked, so every sentence is an article"
    if layout.documents == 1:
        return "one document is marked, so the file is one article (for Label Studio's export, give --by-sentence)"
    return f"{layout.documents:,} documents are marked, so each is an article"


class _Read(Protocol):
    """A reader whose file and own options are already bound."""

    def __call__(self, *, log: ImportLog, on_error: Callable[[DataError], None]) -> Iterator[RawArticle]: ...


def _import(read: _Read, output: Path, renamed: list[str] | None, dropped: list[str] | None) -> int:
    """Writes the articles that `read` yields, and prints what was changed.

    Returns:
        The exit status: 1 if any article was refused, else 0.
    """
    from afteraction.output.progress import InputErrorReporter, with_progress

    log, errors = ImportLog(), InputErrorReporter()
    labels = parse_label_map(renamed or (), dropped or ())
    raw = read(log=log, on_error=errors)
    write_articles(with_progress(import_articles(raw, labels=labels, log=log, on_error=errors)), output)
    for line in log.lines():
        typer.echo(line, err=True)
    return errors.status
