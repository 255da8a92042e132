"""What `afteraction data` prints for people."""

from collections import Counter
from collections.abc import Iterable, Mapping

from rich import box
from rich.table import Table
from rich.text import Text

from afteraction.data import CODES, SEVERITIES, CorpusStats, Severity, Stats
from afteraction.tables import wide_console


def print_faults(codes: Mapping[str, int], *, files: int, shown: Iterable[Severity]) -> None:
    """Prints how many faults of each kind there are, the gravest first."""
    console = wide_console()
    severities = Counter[str]()
    for code, count in codes.items():
        severities[CODES[code]] += count
    if codes:
        table = Table(box=box.SIMPLE)
        table.add_column("severity")
        table.add_column("code")
        table.add_column("faults", justify="right")
        for code in sorted(codes, key=lambda code: (SEVERITIES.index(CODES[code]), code)):
            table.add_row(CODES[code], code, str(codes[code]))
        console.print(table)
    totals = ", ".join(
        f"{severities[severity]} {severity}{'s' * (severities[severity] != 1)}" for severity in SEVERITIES
    )
    hidden = [severity for severity in SEVERITIES if severities[severity] and severity not in tuple(shown)]
    remedy = f"; --level {hidden[-1]} shows all" if hidden else ""
    console.print(f"{totals} in {files} file{'s' * (files != 1)}{remedy}")


def print_stats(stats: CorpusStats) -> None:
    """Prints what each file holds, and what the files share."""
    for file in stats.files:
        _print_file(file)
    if stats.overlaps:
        _print_overlaps(stats)


def _print_file(stats: Stats) -> None:
    console = wide_console()
    table = Table(box=box.SIMPLE)
    table.add_column("label")
    for heading in ("spans", "share", "articles", "surfaces", "entities"):
        table.add_column(heading, justify="right")
    total = sum(row.spans for row in stats.labels)
    for row in stats.labels:
        counts = (row.articles, row.surfaces, row.entities)
        table.add_row(row.label, str(row.spans), f"{row.spans / total:.0%}", *map(str, counts))
    console.print(Text(stats.file), table, sep="\n")
    shortest, lower, median, upper, longest = stats.lengths
    console.print(
        f"{stats.articles} articles, {stats.without_spans} of them without spans, {stats.with_death_toll} with a death "
        f"toll; {stats.words} words. An article has {shortest:.0f} to {longest:.0f} words, half of them {lower:.0f} to "
        f"{upper:.0f}, the median {median:.0f}.\n"
    )


def _print_overlaps(stats: CorpusStats) -> None:
    console = wide_console()
    table = Table(box=box.SIMPLE)
    for heading in ("of", "seen in", "label"):
        table.add_column(heading)
    for heading in ("surfaces", "seen", "spans", "seen"):
        table.add_column(heading, justify="right")
    for row in stats.overlaps:
        table.add_row(
            row.file,
            row.other,
            row.label,
            str(row.surfaces),
            f"{row.surfaces_seen / row.surfaces:.0%}",
            str(row.spans),
            f"{row.spans_seen / row.spans:.0%}",
        )
    console.print("Texts with the same label in two files, whatever their case:", table, sep="\n")
