"""Options that several commands share."""

from typing import Annotated, Literal

import typer

Device = Annotated[str, typer.Option(help="Where the model runs, as PyTorch names it: cpu, cuda, cuda:1.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Precision = Annotated[
    Literal["float32", "bfloat16"], typer.Option(help="Of the weights; bfloat16 is faster where it is native.")
]
