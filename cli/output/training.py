"""Prints the result of a training run."""

from typing import TYPE_CHECKING

from rich.text import Text

from afteraction.output.console import count_noun, make_table, wide_console

if TYPE_CHECKING:
    from afteraction.train import FitResult, SeedsResult


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


def print_seeds(result: "SeedsResult") -> None:
    """Prints the mean and the standard deviation of the development F1 over seeds, per label."""
    console = wide_console()
    table = make_table(["development F1"], ["mean", "standard deviation", *(f"seed {seed}" for seed in result.seeds)])
    for row in result.rows:
        deviation = "" if row.deviation is None else f"{row.deviation:.3f}"
        table.add_row(row.name, f"{row.mean:.3f}", deviation, *(f"{run:.3f}" for run in row.runs))
    console.print(Text(f"{count_noun(len(result.seeds), 'seed')} in {result.path}"), table, sep="\n")
    console.print(f"The figures are in {result.summary}; each run's folder is {result.path}/seed-N")
