"""Prints the scores of evaluations, comparisons and repeated runs."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from afteraction.evaluation import FEWEST, Comparison, Interval, Report, Row, Spread
from afteraction.evaluation.counting.levels import LEVEL
from afteraction.evaluation.counting.names import NAMES
from afteraction.output.console import count_noun, make_table, wide_console

NONE = "–"


def print_report(report: Report, *, title: str) -> None:
    """Prints the scores of an evaluation: strict spans by label, then one row per further level."""
    console = wide_console()
    console.print(Text(title), _span_table(report), sep="\n")
    strict = report.seqeval.get("micro avg")
    console.print(
        f"{count_noun(report.articles, 'article')}. A span is right if its characters and its label are the same; "
        + (
            "intervals by bootstrap over articles."
            if report.articles >= FEWEST
            else f"no intervals for fewer than {FEWEST} articles."
        )
        + (f" seqeval, strict IOB2: micro F1 {strict['f1']:.3f}." if strict else "")
    )
    if report.unknown_labels:
        unknown = ", ".join(
            f"{label} in {count_noun(count, 'article')}" for label, count in report.unknown_labels.items()
        )
        console.print(f"Not scored, since the annotation leaves them unknown: {unknown}.")
    console.print(_level_table(report))
    console.print(_tolls_in_words(report))


def _span_table(report: Report) -> Table:
    """Returns the strict span scores: one row per label, then the averages."""
    scores = report.mentions["strict"]
    table = _score_table("label")
    for row in scores.labels:
        _add_scores(table, row.name, row, articles=report.articles)
    table.add_section()
    _add_scores(table, "micro", scores.micro, articles=report.articles)
    _add_scores(table, "macro", scores.macro, articles=report.articles)
    return table


def _level_table(report: Report) -> Table:
    """Returns one row per level except strict spans: other span levels, entities, names, tolls and the baseline."""
    table = _score_table("level, micro average")
    articles, tolls = report.articles, report.tolls
    for level, scores in report.mentions.items():
        if level != "strict":
            _add_scores(table, LEVEL[level].title, scores.micro, articles=articles)
    for similarity, scores in report.shown_entities.items():
        _add_scores(table, LEVEL[f"entities_{similarity}"].title, scores.micro, articles=articles)
    _add_scores(table, LEVEL[NAMES].title, report.names.micro, articles=articles)
    # Tolls have their own number of articles: a toll that the annotation leaves unknown is not scored.
    for row in tolls.rows:
        _add_scores(table, LEVEL[f"tolls_{row.name}"].title, row, articles=tolls.articles)
    if tolls.rule is not None:
        _add_scores(table, LEVEL["rule_tolls_exact"].title, tolls.rule.exact, articles=tolls.articles)
    if report.baseline is not None:
        baseline = report.baseline.mentions["strict"].micro
        _add_scores(table, f"spans, strict, {report.baseline.system}", baseline, articles=articles)
    return table


def _tolls_in_words(report: Report) -> str:
    tolls = report.tolls
    more = ""
    if tolls.log_error is not None and tolls.log_error_interval is not None:
        interval = bounds(tolls.log_error_interval, articles=tolls.articles)
        more = f"; mean absolute log error {tolls.log_error:.3f} ({interval})"
    if tolls.mean_score is not None:
        more += f"; mean score {tolls.mean_score:.3f}, share right {tolls.share_right:.3f}"
    return (
        f"Death tolls: right in {tolls.right} of {count_noun(tolls.exact.support, 'article')} with a figure; "
        f'right in {tolls.right + tolls.neither} of {tolls.articles:,} if "no figure" counts as an answer{more}.'
    )


def print_comparison(comparison: Comparison, *, gold: str, first: str, second: str) -> None:
    """Prints by how much the second system differs from the first: one row per F1."""
    console = wide_console()
    table = make_table(["F1"], ["first", "second", "difference", "95 % interval", "p"])
    for row in comparison.differences:
        table.add_row(
            f"{LEVEL[row.level].title}, {row.average}",
            f"{row.first:.3f}",
            f"{row.second:.3f}",
            f"{row.difference:+.3f}",
            bounds(row.interval, articles=comparison.articles, form="+.3f"),
            f"{row.p:.4f}",
        )
    title = f"first: {first}\nsecond: {second}\non {gold}, {count_noun(comparison.articles, 'article')}"
    console.print(Text(title), table, sep="\n")
    console.print(
        "Difference: second minus first. Intervals by paired bootstrap over articles, p by approximate randomisation, "
        f"{comparison.samples:,} samples each. With this many rows, some p values are small by chance."
    )


def print_spread(spreads: Sequence[Spread], *, title: str) -> None:
    """Prints the mean and the standard deviation of each F1 over several runs."""
    console = wide_console()
    table = make_table(["F1"], ["mean", "standard deviation", "runs"])
    for row in spreads:
        runs = "  ".join(f"{run:.3f}" for run in row.runs)
        table.add_row(f"{LEVEL[row.level].title}, {row.average}", f"{row.mean:.3f}", f"{row.deviation:.3f}", runs)
    console.print(Text(title), table, sep="\n")


def _score_table(first: str) -> Table:
    return make_table([first], ["precision", "recall", "F1", "95 % interval", "support", "predicted"])


def _add_scores(table: Table, name: str, row: Row, *, articles: int) -> None:
    """Adds a row."""
    items = row.predicted + row.support
    table.add_row(
        name,
        share(row.precision, of=row.predicted),
        share(row.recall, of=row.support),
        share(row.f1, of=items),
        bounds(row.f1_interval, articles=articles if items else 0),
        str(row.support),
        str(row.predicted),
    )


def share(value: float, *, of: int) -> str:
    """Returns a ratio in words. One with a zero denominator is a dash; 0.000 would look like a failure."""
    return f"{value:.3f}" if of else NONE


def bounds(interval: Interval, *, articles: int, form: str = ".3f") -> str:
    """Returns an interval in words, or a dash if it rests on too few articles."""
    return f"{interval.low:{form}} to {interval.high:{form}}" if articles >= FEWEST else NONE
