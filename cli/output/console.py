"""The console that tables are printed on, and helpers that all tables share."""

from collections.abc import Iterator, Sequence
from functools import partial

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

from afteraction.output.lines import without_controls


class _SafeConsole(Console):
    """A console that removes control characters from the texts, ids and names that it prints."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else without_controls(text), style, control)


def wide_console() -> Console:
    """Returns a console on standard output. If that is not a terminal, lines are never wrapped or cut."""
    # No markup and no emoji codes: labels, ids and file names may contain brackets and colons.
    plain = partial(_SafeConsole, highlight=False, markup=False, emoji=False)
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
