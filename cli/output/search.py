"""Prints the result of a search."""

from typing import TYPE_CHECKING

from rich.text import Text

from afteraction.output.console import count_noun, make_table, wide_console

if TYPE_CHECKING:
    from afteraction.train.search import SearchResult

_SHOWN = 10
"""The largest number of trials in the table."""


def print_search(result: "SearchResult") -> None:
    """Prints the best trials, the files of the search, and how far to trust the best score."""
    console = wide_console()
    trials = result.trials
    table = make_table(["trial"], ["F1", "95 % interval", *trials[0].settings])
    finished = [(trial, trial.score) for trial in trials if trial.score is not None]
    for trial, score in sorted(finished, key=lambda pair: -pair[1].f1)[:_SHOWN]:
        interval = "" if score.low is None else f"{score.low:.3f} to {score.high:.3f}"
        name = f"{trial.number} (the config itself)" if trial.number == 0 else str(trial.number)
        table.add_row(name, f"{score.f1:.3f}", interval, *map(_value, trial.settings.values()))
    states = {state: sum(trial.state == state for trial in trials) for state in ("pruned", "failed")}
    title = (
        f"{count_noun(len(trials), 'trial')} in {result.folder.path}: {len(finished):,} finished, "
        f"{states['pruned']:,} stopped early, {states['failed']:,} failed"
    )
    console.print(Text(title), table, sep="\n")
    if result.exhausted:
        console.print("All settings of the search space have been tried.")
    for trial in trials:
        if trial.state == "failed":
            console.print(f"Trial {trial.number} failed: {trial.fault}")
    console.print(
        f"The best is trial {result.best.number}: its settings are in {result.folder.best}, its model in "
        f"{result.folder.trial(result.best.number).model}, the picture in {result.folder.picture}"
    )
    console.print(
        f"The best development F1 of {count_noun(len(trials), 'trial')} is optimistic, since part of it is luck: "
        "score its model on articles that the search has not seen."
    )


def _value(value: object) -> str:
    """Formats a setting's value. Floats have four significant digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
