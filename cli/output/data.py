"""Prints the results of `afteraction data`: faults, statistics, splits and agreement."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rich.text import Text

from afteraction.data.checks import CODES, SEVERITIES, CorpusStats, Overlap, Severity, Split, Stats
from afteraction.output.console import count_noun, make_table, wide_console

if TYPE_CHECKING:
    from afteraction.evaluation.agreement import Agreement, Difference, Rate
    from afteraction.evaluation.drafts import DraftReview


def print_faults(codes: Mapping[str, int], *, files: int, shown: Iterable[Severity]) -> None:
    """Prints the number of faults of each kind, the most serious first.

    Args:
        codes: the number of faults per code, including those not shown.
        files: the number of files that were checked.
        shown: the severities whose faults have been listed.
    """
    console = wide_console()
    severities = Counter[str]()
    for code, count in codes.items():
        severities[CODES[code]] += count
    if codes:
        table = make_table(["severity", "code"], ["faults"])
        for code in sorted(codes, key=lambda code: (SEVERITIES.index(CODES[code]), code)):
            table.add_row(CODES[code], code, str(codes[code]))
        console.print(table)
    totals = ", ".join(
        # "info" is a mass noun.
        f"{severities[severity]:,} info" if severity == "info" else count_noun(severities[severity], severity)
        for severity in SEVERITIES
    )
    hidden = [severity for severity in SEVERITIES if severities[severity] and severity not in tuple(shown)]
    remedy = f"; --level {hidden[-1]} shows all" if hidden else ""
    console.print(f"{totals} in {count_noun(files, 'file')}{remedy}")


def print_stats(stats: CorpusStats) -> None:
    """Prints the statistics of each file, and the overlaps between files."""
    for file in stats.files:
        _print_file(file)
    if stats.overlaps:
        _print_overlaps(stats.overlaps)


def print_split(split: Split, *, title: str) -> None:
    """Prints the counts of each part, with the part's share of each count."""
    console = wide_console()
    columns = {"articles": [part.articles for part in split.parts]}
    columns["without spans"] = [part.without_spans for part in split.parts]
    for label in sorted({label for part in split.parts for label in part.spans}):
        columns[label] = [part.spans.get(label, 0) for part in split.parts]
    table = make_table(["part"], ["share", *columns])
    for row, (part, share) in enumerate(zip(split.parts, split.shares, strict=True)):
        cells = [f"{counts[row]} ({counts[row] / max(sum(counts), 1):.1%})" for counts in columns.values()]
        table.add_row(part.name, f"{share:.1%}", *cells)
    console.print(Text(title), table, sep="\n")
    console.print(
        f"Seed {split.seed}; {count_noun(split.groups, 'group')} of near-duplicates, each kept within one part; "
        f"{count_noun(split.moved, 'article')} of the folder's previous split moved."
    )
    if split.dropped:
        console.print(
            f"{count_noun(split.dropped, 'article')} of the previous split dropped: not in the files given. To keep "
            "such articles, give the old files along with the new ones."
        )


def print_agreement(agreement: "Agreement", *, title: str, examples: int) -> None:
    """Prints how well two annotators agree, with up to `examples` of the differences."""
    from afteraction.evaluation import FEWEST

    console = wide_console()
    table = make_table(["label"], ["first", "second", "exact F1", "95 % interval", "overlap F1", "95 % interval"])
    bounded = agreement.articles >= FEWEST
    for row in (*agreement.labels, agreement.all):
        rates = [cell for rate in (row.exact_f1, row.overlap_f1) for cell in _rate_cells(rate, bounded=bounded)]
        table.add_row(row.label or "all", str(row.first), str(row.second), *rates)
    console.print(Text(title), table, sep="\n")
    console.print(
        f"{count_noun(agreement.articles, 'article')} in both files. Not compared: {agreement.only_first:,} only in "
        f"the first and {agreement.only_second:,} only in the second. "
        + ("Intervals by bootstrap over articles." if bounded else f"No intervals for fewer than {FEWEST} articles.")
    )
    console.print(
        f"Death tolls: {agreement.tolls_same} the same, of {count_noun(agreement.tolls, 'article')} "
        "where at least one annotator gives one."
    )
    console.print(
        f"Entities: {agreement.links_same} the same, of {count_noun(agreement.links, 'pair')} of agreed spans "
        "that at least one annotator links."
    )
    if shown := agreement.differences[:examples]:
        console.print(f"{len(shown)} of {count_noun(len(agreement.differences), 'difference')}:")
        for difference in shown:
            console.print(Text(f"  {_difference_in_words(difference)}"))


def print_review(review: "DraftReview") -> None:
    """Prints, per label, how many drafts were accepted, changed and removed, and how many spans were added."""
    console = wide_console()
    table = make_table(["label"], ["drafts", "accepted", "changed", "removed", "added"])
    for row in (*review.labels, review.all):
        counts = (row.drafts, row.accepted, row.changed, row.removed, row.added)
        table.add_row(row.label or "all", *(f"{count:,}" for count in counts))
    console.print(table)
    console.print(
        f"{count_noun(review.articles, 'article')} with a draft. Not compared: {review.not_corrected:,} drafts that "
        f"have not come back, and {count_noun(review.without_draft, 'article')} without a draft."
    )


def _difference_in_words(difference: "Difference") -> str:
    sides = [
        "-" if span is None else f"{span.label} [{span.start}, {span.end}) {text!r}"
        for span, text in (
            (difference.first, difference.first_text),
            (difference.second, difference.second_text),
        )
    ]
    return f"{difference.article}: {sides[0]}  |  {sides[1]}"


def _rate_cells(rate: "Rate | None", *, bounded: bool) -> tuple[str, str]:
    """Returns a rate and its interval. A dash stands for a rate that is None, and for an interval if not `bounded`."""
    if rate is None:
        return "-", "-"
    return f"{rate.value:.3f}", f"{rate.low:.3f} to {rate.high:.3f}" if bounded else "-"


def _print_file(stats: Stats) -> None:
    console = wide_console()
    table = make_table(["label"], ["spans", "share", "articles", "distinct texts", "entities"])
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
        f"{count_noun(stats.articles, 'article')}, {stats.without_spans} without spans, {stats.with_death_toll} "
        f"with a death toll; {count_noun(stats.words, 'word')}. Words per article: {shortest:.0f} to {longest:.0f}, "
        f"median {median:.0f}, middle half {lower:.0f} to {upper:.0f}.\n"
    )


def _print_overlaps(overlaps: Iterable[Overlap]) -> None:
    console = wide_console()
    table = make_table(["of", "seen in", "label"], ["distinct texts", "seen", "spans", "seen", "entities", "seen"])
    for row in overlaps:
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
    console.print("Texts that have the same label in another file, ignoring case:", table, sep="\n")
