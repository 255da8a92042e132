"""Prints the result of a training run."""

from typing import TYPE_CHECKING

from afteraction.output.console import wide_console

if TYPE_CHECKING:
    from afteraction.train import FitResult


def print_run(result: "FitResult") -> None:
    """Prints the run's folder, the scores of its best checkpoint, and the model's folder."""
    console = wide_console()
    micro = result.scores.micro
    interval = "" if micro.low is None else f" ({micro.low:.3f} to {micro.high:.3f})"
    console.print(
        f"{result.run.path}: development F1 {micro.f1:.3f}{interval} at the best checkpoint; "
        f"the model is in {result.run.model}"
    )
    if misaligned := len(result.examples.misaligned):
        console.print(f"Spans that do not fit subword boundaries: {misaligned:,}, listed in {result.run.data}")
