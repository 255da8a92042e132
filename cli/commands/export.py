"""The command that exports a model to a format that predicts faster."""

from pathlib import Path
from typing import Annotated

import typer

from afteraction.model import ExportFormat


def export(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Model folder, such as runs/quickstart/model, or a shipped model.")
    ],
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder to write. It must be new or empty.")],
    form: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            help="What runs the model, and the number format of its weights. onnx has 32-bit floats and the same "
            "spans; onnx-int8 has 8-bit integers, is faster and changes a few spans; openvino-int8 is the fastest on "
            "processors with VNNI.",
        ),
    ] = "onnx-int8",
    dev: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="File of annotated articles to score the model and its export on, or a bundled one. If the F1 falls "
            "by more than 0.005, the export is refused.",
        ),
    ] = "bundled:dev",
) -> None:
    """Export a model to a format that predicts faster.

    ONNX Runtime or OpenVINO then runs the model. It is used to predict like any other.
    """
    from afteraction.exporting import export as export_and_score
    from afteraction.model import locate_model
    from afteraction.output.packing import print_export
    from afteraction.output.progress import quiet_libraries, with_progress

    quiet_libraries()
    result = export_and_score(locate_model(model), output, form=form, dev=dev, progress=with_progress)
    print_export(output, result.size, result.difference, articles=result.articles)
