"""Scores on standard output, as tables for people."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from afteraction.evaluation import Comparison, Report, Row, Spread
from afteraction.tables import wide_console


def print_report(report: Report, *, title: str) -> None:
    """Prints the scores of an evaluation: exact spans by label, then a line a level."""
    console = wide_console()
    spans = report.mentions["strict"]
    table = _score_table("label")
    for row in spans.labels:
        _add_scores(table, row.name, row)
    table.add_section()
    _add_scores(table, "micro", spans.micro)
    _add_scores(table, "macro", spans.macro)
    console.print(Text(title), table, sep="\n")
    strict = report.seqeval.get("micro avg")
    console.print(
        f"{report.articles} articles. A span counts if its characters and its label are exact; intervals by "
        "bootstrap over articles. " + (f"seqeval, strict IOB2: micro F1 {strict['f1']:.3f}." if strict else "")
    )
    if report.unknown_labels:
        unknown = ", ".join(f"{label} in {count}" for label, count in report.unknown_labels.items())
        console.print(f"Labels that the annotation leaves unknown, not scored: {unknown}.")
    table = _score_table("level, micro average")
    for scheme, scores in report.mentions.items():
        if scores is not spans:
            _add_scores(table, f"spans, {scheme}", scores.micro)
    for similarity, scores in report.entities.items():
        _add_scores(table, f"entities, CEAF-REE {similarity}", scores.micro)
    _add_scores(table, "names", report.names.micro)
    for row in report.tolls.rows:
        _add_scores(table, _level(f"tolls_{row.name}"), row)
    if report.tolls.rule is not None:
        _add_scores(table, "death toll, exact, by a plain rule", report.tolls.rule.exact)
    if report.floor is not None:
        _add_scores(table, f"spans, strict, {report.floor.system}", report.floor.mentions["strict"].micro)
    console.print(table)
    tolls = report.tolls
    right = round(tolls.exact.recall * tolls.exact.support)
    off = "" if tolls.log_error is None else f"; mean absolute log error {tolls.log_error:.3f}"
    console.print(
        f"Death tolls: {right} of {tolls.exact.support} given figures right; {right + tolls.neither} of "
        f"{tolls.articles} articles right if no figure counts as an answer{off}."
    )


def print_comparison(comparison: Comparison, *, gold: str, first: str, second: str) -> None:
    """Prints how much better the second system is than the first."""
    console = wide_console()
    table = Table(box=box.SIMPLE)
    table.add_column("F1")
    for heading in ("first", "second", "difference", "95 % interval", "p"):
        table.add_column(heading, justify="right")
    for found in comparison.differences:
        table.add_row(
            f"{_level(found.level)}, {found.average}",
            f"{found.first:.3f}",
            f"{found.second:.3f}",
            f"{found.difference:+.3f}",
            f"{found.interval.low:+.3f} to {found.interval.high:+.3f}",
            f"{found.p:.4f}",
        )
    console.print(Text(f"first: {first}\nsecond: {second}\non {gold}, {comparison.articles} articles"), table, sep="\n")
    console.print(
        f"Difference: second minus first. Intervals by paired bootstrap over articles, p by approximate randomisation, "
        f"{comparison.samples} samples each; with many rows, some p are small by chance."
    )


def print_spread(spreads: Sequence[Spread], *, title: str) -> None:
    """Prints the mean and deviation of several runs."""
    console = wide_console()
    table = Table(box=box.SIMPLE)
    table.add_column("F1")
    for heading in ("mean", "deviation", "runs"):
        table.add_column(heading, justify="right")
    for found in spreads:
        runs = "  ".join(f"{run:.3f}" for run in found.runs)
        table.add_row(f"{_level(found.level)}, {found.average}", f"{found.mean:.3f}", f"{found.deviation:.3f}", runs)
    console.print(Text(title), table, sep="\n")


def _level(name: str) -> str:
    """A level as the tables word it."""
    kind, _, rest = name.partition("_")
    words = {"entities": "entities, CEAF-REE", "tolls": "death toll,"}
    rest = {"within_tenth": "within 10 %", "within_one": "within one"}.get(rest, rest)
    return f"{words[kind]} {rest}" if kind in words else name if name == "names" else f"spans, {name}"


def _score_table(first: str) -> Table:
    table = Table(box=box.SIMPLE)
    table.add_column(first)
    for heading in ("precision", "recall", "F1", "95 % interval", "support", "predicted"):
        table.add_column(heading, justify="right")
    return table


def _add_scores(table: Table, name: str, row: Row) -> None:
    table.add_row(
        name,
        *(f"{value:.3f}" for value in (row.precision, row.recall, row.f1)),
        f"{row.f1_interval.low:.3f} to {row.f1_interval.high:.3f}",
        str(row.support),
        str(row.predicted),
    )
