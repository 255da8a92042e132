"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from afteraction.data.importers import Units
from afteraction.model.precision import AnyPrecision

# Article files

ArticleFiles = Annotated[
    list[str], typer.Argument(metavar="FILE", help="Article files, or bundled ones such as bundled:train.")
]
Gold = Annotated[
    str, typer.Argument(metavar="GOLD", help="File of annotated articles, or a bundled one such as bundled:test.")
]
OutputFile = Annotated[
    Path, typer.Option(metavar="FILE", help="File to write: .jsonl, .jsonl.gz, .jsonl.zst or .parquet.")
]

# Running a model

Device = Annotated[
    str, typer.Option(metavar="DEVICE", help="Device that runs the model, as PyTorch names it: cpu, cuda, cuda:1.")
]
Precision = Annotated[
    AnyPrecision,
    typer.Option(
        help="Number format of the model's weights. bfloat16 is faster on hardware that supports it. auto is the "
        "fastest one on this machine that keeps the F1, as measured by `afteraction precisions`."
    ),
]

# Records of an archive

RecordText = Annotated[
    str | None,
    typer.Option(
        "--text-key",
        metavar="KEY",
        help="Key or column of the text, if it is not `text` and several, or none, have a name such as `content`.",
    ),
]
RecordId = Annotated[
    str | None, typer.Option("--id-key", metavar="KEY", help="Key or column of the id, if it is not `id`.")
]
RecordTitle = Annotated[
    str | None,
    typer.Option("--title-key", metavar="KEY", help="Key or column of a title to put above the text."),
]

# Scoring and printing

Entities = Annotated[
    Literal["name", "mentions"], typer.Option(help="Score predicted entities by their names, or by all their mentions.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

# Importing from annotation tools

ImportFile = Annotated[Path, typer.Argument(metavar="FILE", help="File to import, plain or compressed (.gz, .zst).")]
RenamedLabels = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="OLD=NEW", help="Rename a label, as in VICTIM=TARGET. Can be repeated."),
]
DroppedLabels = Annotated[
    list[str] | None,
    typer.Option("--drop", metavar="LABEL", help="Leave out the spans with this label. Can be repeated."),
]
OffsetUnits = Annotated[
    Units | None,
    typer.Option(help="Unit of the span offsets. By default it is detected from the span texts in the file."),
]
Annotator = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Read only this annotator's work. Give the name, number or address that the file has."
    ),
]
Drafts = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Article file of the drafts that `convert --drafts` wrote. Shows how many were accepted and corrected.",
    ),
]
TextKey = Annotated[
    str | None,
    typer.Option(
        metavar="KEY", help="Key of the article text. Needed if there are several texts and none is named `text`."
    ),
]
