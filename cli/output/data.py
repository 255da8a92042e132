"""What `afteraction data` prints for people."""

from collections import Counter
from collections.abc import Iterable, Mapping

from rich import box
from rich.table import Table
from rich.text import Text

from afteraction.data.checks import CODES, SEVERITIES, CorpusStats, Severity, Split, Stats
from afteraction.evaluation.agreement import Agreement, Rate
from afteraction.output.articles import wide_console


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
    totals = ", ".join(_number(severities[severity], severity) for severity in SEVERITIES)
    hidden = [severity for severity in SEVERITIES if severities[severity] and severity not in tuple(shown)]
    remedy = f"; --level {hidden[-1]} shows all" if hidden else ""
    console.print(f"{totals} in {_number(files, 'file')}{remedy}")


def print_stats(stats: CorpusStats) -> None:
    """Prints what each file holds, and what the files share."""
    for file in stats.files:
        _print_file(file)
    if stats.overlaps:
        _print_overlaps(stats)


def print_split(split: Split, *, title: str) -> None:
    """Prints what each part holds, and its share of all."""
    console = wide_console()
    columns = {"articles": [part.articles for part in split.parts]}
    columns["without spans"] = [part.without_spans for part in split.parts]
    for label in sorted({label for part in split.parts for label in part.spans}):
        columns[label] = [part.spans.get(label, 0) for part in split.parts]
    table = Table(box=box.SIMPLE)
    table.add_column("part")
    for heading in ("share", *columns):
        table.add_column(heading, justify="right")
    for place, (part, share) in enumerate(zip(split.parts, split.shares, strict=True)):
        cells = [f"{counts[place]} ({counts[place] / max(sum(counts), 1):.1%})" for counts in columns.values()]
        table.add_row(part.name, f"{share:.1%}", *cells)
    console.print(Text(title), table, sep="\n")
    console.print(
        f"Seed {split.seed}; {_number(split.groups, 'group')} of near-duplicates, each within a part; "
        f"{_number(split.moved, 'article')} of the folder's former split moved."
    )
    if split.dropped:
        console.print(
            f"Of the former split, {_number(split.dropped, 'article')} dropped: the files given lack them. Give the "
            "old files along with the new to keep them."
        )


def print_agreement(agreement: Agreement, *, title: str, examples: int) -> None:
    """Prints how far two annotators agree, with some of the differences."""
    console = wide_console()
    table = Table(box=box.SIMPLE)
    table.add_column("label")
    for heading in ("first", "second", "exact F1", "95 % interval", "overlap F1", "95 % interval"):
        table.add_column(heading, justify="right")
    for row in (*agreement.labels, agreement.all):
        rates = [*_rate(row.exact_f1), *_rate(row.overlap_f1)]
        table.add_row(row.label or "all", str(row.first), str(row.second), *rates)
    console.print(Text(title), table, sep="\n")
    console.print(
        f"{_number(agreement.articles, 'article')} in both; {agreement.only_first} in the first alone and "
        f"{agreement.only_second} in the second alone are not compared. Intervals by bootstrap over articles."
    )
    console.print(f"Death tolls: {agreement.tolls_same} the same of {agreement.tolls} articles where either gives one.")
    console.print(
        f"Entities: {agreement.links_same} the same of {agreement.links} pairs of agreed spans that either links."
    )
    if shown := agreement.differences[:examples]:
        console.print(f"{len(shown)} of {len(agreement.differences)} differences:")
        for found in shown:
            sides = [
                "-" if span is None else f"{span.label} [{span.start}, {span.end}) {text!r}"
                for span, text in ((found.first, found.first_text), (found.second, found.second_text))
            ]
            console.print(Text(f"  {found.article}: {sides[0]}  |  {sides[1]}"))


def _number(count: int, noun: str) -> str:
    """A count with its noun, which takes an s in the plural."""
    return f"{count} {noun}{'s' * (count != 1)}"


def _rate(rate: Rate | None) -> tuple[str, str]:
    return ("-", "-") if rate is None else (f"{rate.value:.3f}", f"{rate.low:.3f} to {rate.high:.3f}")


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
    if not stats.articles:
        console.print("No articles.\n")
        return
    shortest, lower, median, upper, longest = stats.lengths
    console.print(
        f"{_number(stats.articles, 'article')}, {stats.without_spans} of them without spans, {stats.with_death_toll} "
        f"with a death toll; {_number(stats.words, 'word')}. An article has {shortest:.0f} to {longest:.0f} words, "
        f"half of them {lower:.0f} to {upper:.0f}, the median {median:.0f}.\n"
    )


def _print_overlaps(stats: CorpusStats) -> None:
    console = wide_console()
    table = Table(box=box.SIMPLE)
    for heading in ("of", "seen in", "label"):
        table.add_column(heading)
    for heading in ("surfaces", "seen", "spans", "seen", "entities", "seen"):
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
            str(row.entities),
            f"{row.entities_seen / row.entities:.0%}",
        )
    console.print("Texts with the same label in two files, whatever their case:", table, sep="\n")
