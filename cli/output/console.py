"""The console that tables are printed on, and helpers that all tables share."""

from collections.abc import Sequence
from functools import partial

from rich import box
from rich.console import Console
from rich.table import Table


def wide_console() -> Console:
    """Returns a console on standard output. If that is no terminal, lines are never wrapped or cut."""
    # No markup and no emoji codes: labels, ids and file names may contain brackets and colons.
    plain = partial(Console, highlight=False, markup=False, emoji=False)
    console = plain()
    # Without a terminal there is no width to fit, and tools that read the output need whole lines.
    return console if console.is_terminal else plain(width=10_000)


def make_table(texts: Sequence[str], numbers: Sequence[str]) -> Table:
    """Returns an empty table with left-aligned columns for texts, then right-aligned columns for numbers."""
    table = Table(box=box.SIMPLE)
    for heading in texts:
        table.add_column(heading)
    for heading in numbers:
        table.add_column(heading, justify="right")
    return table


def count_noun(count: int, noun: str) -> str:
    """Returns a count with its noun, such as "1 article" and "1,200 articles"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
