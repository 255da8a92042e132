"""The command that makes the gate of a model."""

from pathlib import Path
from typing import Annotated

import typer

from afteraction.commands.options import ArticleFiles


def gate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model folder, such as runs/quickstart/model.")],
    files: ArticleFiles,
    recall: Annotated[
        float, typer.Option(min=0.5, max=1, help="Share of the articles with spans that must pass.")
    ] = 0.99,
) -> None:
    """Make the gate of a model, for `predict --gate`.

    It is fitted on articles with and without spans: annotated ones, or ones that the model has labelled.
    """
    from afteraction.evaluation.tuning import make_gate
    from afteraction.output.archives import print_gate

    print_gate(make_gate(model, files, recall=recall))
