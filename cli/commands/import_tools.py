"""`afteraction data import` with one command per annotation format, and `afteraction data convert`."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Protocol

import typer

from afteraction.commands.options import (
    Annotator,
    Drafts,
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
    LabelBy,
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
    read_tag_names,
    read_tokens,
    read_webanno,
)
from afteraction.output.lines import print_line

Scheme = Annotated[
    TagScheme | None, typer.Option(help="Scheme of the tags. By default it is detected from the tags in the file.")
]

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
    drafts: Drafts = None,
) -> int:
    """Import records with spans from Argilla."""
    read = partial(read_argilla, file, units=units, text_key=text_key, annotator=annotator, suggestions=drafts is None)
    return _import(read, output, rename, drop, drafts=drafts)


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
    label_by: Annotated[
        LabelBy, typer.Option(help="Label of an event's argument: its role in the event, or its own type.")
    ] = LabelBy.ROLE,
) -> int:
    """Import .txt and .ann files from brat."""
    read = partial(read_brat, folder, units=units, discontinuous=discontinuous, label_by=label_by)
    return _import(read, output, rename, drop)


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
    scheme: Scheme = None,
    by_sentence: Annotated[
        bool, typer.Option("--by-sentence", help="Make every sentence an article, even if the file marks documents.")
    ] = False,
) -> int:
    """Import a CoNLL file with IOB1, IOB2, BIOES or bare (IO) tags."""
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
    drafts: Drafts = None,
) -> int:
    """Import JSON Lines with spans from doccano."""
    return _import(partial(read_doccano, file, units=units), output, rename, drop, drafts=drafts)


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
    """Import the arguments of events.

    Reads TextEE, GRIT, GTT, RAMS, DocEE and MAVEN-Arg.

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
    drafts: Drafts = None,
) -> int:
    """Import JSON, JSON-MIN, CSV or TSV from Label Studio."""
    read = partial(read_label_studio, file, units=units, text_key=text_key, annotator=annotator)
    return _import(read, output, rename, drop, drafts=drafts)


@import_app.command()
def prodigy(
    file: ImportFile,
    output: OutputFile,
    rename: RenamedLabels = None,
    drop: DroppedLabels = None,
    annotator: Annotator = None,
    drafts: Drafts = None,
) -> int:
    """Import spans from Prodigy or spaCy.

    Reads JSON Lines, and spaCy's .spacy files.
    """
    return _import(partial(read_prodigy, file, annotator=annotator), output, rename, drop, drafts=drafts)


@import_app.command()
def tokens(
    file: ImportFile,
    output: OutputFile,
    rename: RenamedLabels = None,
    drop: DroppedLabels = None,
    tags_key: Annotated[
        str | None, typer.Option(metavar="KEY", help="Key of the tags. By default ner_tags, or another usual one.")
    ] = None,
    tag_names: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Names of tags that are numbers: O,B-PER,I-PER; or a JSON file of names, id2label or features.",
        ),
    ] = None,
    scheme: Scheme = None,
) -> int:
    """Import tokens with tags, such as `ner_tags`.

    Reads JSON, CSV, Parquet, and folders that `datasets` saved.
    """
    names = read_tag_names(tag_names) if tag_names else None
    return _import(partial(read_tokens, file, tags_key=tags_key, tag_names=names, scheme=scheme), output, rename, drop)


@import_app.command()
def webanno(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="File, or the folder of a project's export.")],
    output: OutputFile,
    rename: RenamedLabels = None,
    drop: DroppedLabels = None,
    layer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Layer to read. By default named entities, or the only one.")
    ] = None,
    feature: Annotated[
        str | None, typer.Option(metavar="NAME", help="Feature that has the labels. By default `value`, or the first.")
    ] = None,
    annotator: Annotator = None,
) -> int:
    """Import annotation from WebAnno or INCEpTION.

    Reads WebAnno TSV 3, UIMA CAS JSON and XMI.
    """
    read = partial(read_webanno, path, layer=layer, feature=feature, annotator=annotator)
    return _import(read, output, rename, drop)


def convert(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Article file, or a bundled one such as bundled:train.")],
    output: Annotated[Path, typer.Option(metavar="PATH", help="File to write; for brat, a folder.")],
    to: Annotated[str, typer.Option(metavar="FORMAT", help=f"Format to write: {', '.join(EXPORTERS)}.")] = "articles",
    drafts: Annotated[
        bool, typer.Option("--drafts", help="Write the spans as a model's suggestions, for a person to correct.")
    ] = False,
) -> None:
    """Convert an article file to another format.

    docs/formats.md lists what each format keeps.
    """
    from afteraction.output.console import count_noun
    from afteraction.output.progress import with_progress

    count = export_articles(with_progress(read_articles(resolve(file))), output, to=to, drafts=drafts)
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


def _import(
    read: _Read, output: Path, renamed: list[str] | None, dropped: list[str] | None, *, drafts: str | None = None
) -> int:
    """Writes the articles that `read` yields, and prints what was changed, in the drafts too if there are any.

    Returns:
        The exit status: 1 if any article was refused, otherwise 0.
    """
    from afteraction.output.progress import InputErrorReporter, with_progress

    drafts_file = None if drafts is None else resolve(drafts)
    log, errors = ImportLog(), InputErrorReporter()
    labels = parse_label_map(renamed or (), dropped or ())
    raw = read(log=log, on_error=errors)
    articles = import_articles(raw, labels=labels, log=log, on_error=errors)
    first = next(articles, None)
    if first is None and errors.count:
        typer.echo(f"{output}: not written, since no article could be read", err=True)
        return errors.status
    write_articles(with_progress(chain([first] if first else [], articles)), output)
    for line in log.lines():
        print_line(line)
    if drafts_file is not None:
        from afteraction.evaluation.drafts import review_drafts
        from afteraction.output.data import print_review

        print_review(review_drafts(read_articles(drafts_file), read_articles(output)))
    return errors.status
