"""Scores on standard output, as tables for people."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from afteraction.evaluation import FEWEST, Comparison, Interval, Report, Row, Spread
from afteraction.evaluation.counting.levels import LEVEL
from afteraction.evaluation.counting.names import NAMES
from afteraction.output.articles import wide_console

NONE = "–"


def print_report(report: Report, *, title: str) -> None:
    """Prints the scores of an evaluation: exact spans by label, then a line a level."""
    console = wide_console()
    spans = report.mentions["strict"]
    table = _score_table("label")
    articles = report.articles
    for row in spans.labels:
        _add_scores(table, row.name, row, articles=articles)
    table.add_section()
    _add_scores(table, "micro", spans.micro, articles=articles)
    _add_scores(table, "macro", spans.macro, articles=articles)
    console.print(Text(title), table, sep="\n")
    strict = report.seqeval.get("micro avg")
    console.print(
        f"{_articles(articles)}. A span counts if its characters and its label are exact; "
        + ("intervals by bootstrap over articles." if articles >= FEWEST else f"no interval of fewer than {FEWEST}.")
        + (f" seqeval, strict IOB2: micro F1 {strict['f1']:.3f}." if strict else "")
    )
    if report.unknown_labels:
        unknown = ", ".join(f"{label} in {count}" for label, count in report.unknown_labels.items())
        console.print(f"Labels that the annotation leaves unknown, not scored: {unknown}.")
    table = _score_table("level, micro average")
    for level, scores in report.mentions.items():
        if scores is not spans:
            _add_scores(table, LEVEL[level].title, scores.micro, articles=articles)
    for similarity, scores in report.shown_entities.items():
        _add_scores(table, LEVEL[f"entities_{similarity}"].title, scores.micro, articles=articles)
    _add_scores(table, LEVEL[NAMES].title, report.names.micro, articles=articles)
    tolls = report.tolls
    for row in tolls.rows:
        _add_scores(table, LEVEL[f"tolls_{row.name}"].title, row, articles=tolls.articles)
    if tolls.rule is not None:
        _add_scores(table, LEVEL["rule_tolls_exact"].title, tolls.rule.exact, articles=tolls.articles)
    if report.baseline is not None:
        baseline = report.baseline.mentions["strict"].micro
        _add_scores(table, f"spans, strict, {report.baseline.system}", baseline, articles=articles)
    console.print(table)
    off = ""
    if tolls.log_error is not None and tolls.log_error_interval is not None:
        interval = bounds(tolls.log_error_interval, articles=tolls.articles)
        off = f"; mean absolute log error {tolls.log_error:.3f} ({interval})"
    console.print(
        f"Death tolls: {tolls.right} of {tolls.exact.support} given figures right; {tolls.right + tolls.neither} of "
        f"{_articles(tolls.articles)} right if no figure counts as an answer{off}."
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
            f"{LEVEL[found.level].title}, {found.average}",
            f"{found.first:.3f}",
            f"{found.second:.3f}",
            f"{found.difference:+.3f}",
            bounds(found.interval, articles=comparison.articles, form="+.3f"),
            f"{found.p:.4f}",
        )
    console.print(
        Text(f"first: {first}\nsecond: {second}\non {gold}, {_articles(comparison.articles)}"), table, sep="\n"
    )
    console.print(
        f"Difference: second minus first. Intervals by paired bootstrap over articles, p by approximate randomisation, "
        f"{comparison.samples:,} samples each; with many rows, some p are small by chance."
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
        table.add_row(
            f"{LEVEL[found.level].title}, {found.average}", f"{found.mean:.3f}", f"{found.deviation:.3f}", runs
        )
    console.print(Text(title), table, sep="\n")


def _score_table(first: str) -> Table:
    table = Table(box=box.SIMPLE)
    table.add_column(first)
    for heading in ("precision", "recall", "F1", "95 % interval", "support", "predicted"):
        table.add_column(heading, justify="right")
    return table


def _add_scores(table: Table, name: str, row: Row, *, articles: int) -> None:
    """Adds a row. A ratio with a zero denominator is shown as a dash; 0.000 would look like a failure."""
    items = row.predicted + row.support
    shares = ((row.precision, row.predicted), (row.recall, row.support), (row.f1, items))
    table.add_row(
        name,
        *(f"{value:.3f}" if below else NONE for value, below in shares),
        bounds(row.f1_interval, articles=articles if items else 0),
        str(row.support),
        str(row.predicted),
    )


def bounds(interval: Interval, *, articles: int, form: str = ".3f") -> str:
    """An interval in words; a dash if it rests on too few articles."""
    return f"{interval.low:{form}} to {interval.high:{form}}" if articles >= FEWEST else NONE


def _articles(count: int) -> str:
    return "1 article" if count == 1 else f"{count:,} articles"
