"""A report as an HTML page: figures with their intervals, charts, and the articles with their errors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from afteraction.evaluation.counting.levels import MEANINGS
from afteraction.evaluation.figures.errors import ErrorExample, ErrorKind
from afteraction.evaluation.figures.scores import FEWEST, Interval, Row, Scores
from afteraction.evaluation.figures.slices import ArticleSlicer, Slice, SpanSlicer
from afteraction.evaluation.report.articles import Legend, Paragraph, paragraphs
from afteraction.evaluation.report.browser import Browser, WorstArticles
from afteraction.evaluation.report.charts import Chart, reliability_chart, score_chart, threshold_chart
from afteraction.evaluation.report.render import render_page
from afteraction.evaluation.scoring import Report

KINDS: Mapping[ErrorKind, str] = {
    "boundary": "right label, wrong boundaries",
    "label": "right boundaries, wrong label",
    "both": "an overlap with wrong boundaries and wrong label",
    "missed": "a gold span without a predicted one",
    "spurious": "a predicted span without a gold one",
    "split": "one gold span, several predicted ones",
    "merged": "several gold spans, one predicted one",
}
"""The meaning of each kind of error."""


@dataclass(frozen=True, slots=True)
class _Charts:
    labels: Chart
    reliability: Chart | None
    thresholds: Chart | None
    slices: Chart | None


@dataclass(frozen=True, slots=True)
class _Example:
    kind: ErrorKind
    label: str
    article: str
    paragraphs: tuple[Paragraph, ...]


def report_page(
    report: Report,
    worst: WorstArticles,
    *,
    slicers: Iterable[ArticleSlicer | SpanSlicer],
    provenance: Mapping[str, str],
) -> str:
    """Draws a report as an HTML page. All figures are those of the report.

    Args:
        report: the report.
        worst: the articles to show. It must have received every pair of the report.
        slicers: the slicers of the report, by which the articles can be filtered.
        provenance: where the figures come from, such as checksums of files, by name.
    """
    legend = Legend(report.labels)
    browser = Browser(legend=legend, slicers=slicers, slices=report.slices)
    baseline = report.baseline
    return render_page(
        "report.html.j2",
        script="browser.js",
        title=f"{report.system} on {report.gold}",
        report=report,
        fewest=FEWEST,
        strict=report.mentions["strict"],
        baseline_strict=baseline.mentions["strict"] if baseline else None,
        span_meanings=MEANINGS["spans"],
        toll_meanings=MEANINGS["tolls"],
        kinds=KINDS,
        kind_names={kind: kind for kind in KINDS},
        sides=("gold", "predicted"),
        nouns=("error", "errors"),
        provenance=provenance,
        charts=_charts(report),
        slices=_by_dimension(report.slices),
        examples=[_example(example, legend) for example in report.errors.examples],
        legend=legend.styles,
        articles=[browser.draw(gold, predicted) for gold, predicted in worst.pairs],
        left_out=worst.seen - len(worst.pairs),
    )


def _charts(report: Report) -> _Charts:
    strict = report.mentions["strict"]
    baseline = _rows(report.baseline.mentions["strict"]) if report.baseline else {}
    calibration = report.calibration
    labels = [_drawn(row, articles=report.articles) for row in (*strict.labels, strict.micro, strict.macro)]
    slices = {
        dimension: [_drawn(part.row, articles=part.articles) for _, part in indexed]
        for dimension, indexed in _by_dimension(report.slices).items()
    }
    return _Charts(
        labels=score_chart({"": labels}, baseline=baseline, description="F1 by label."),
        reliability=reliability_chart(calibration) if calibration else None,
        thresholds=threshold_chart(calibration, support=strict.micro.support) if calibration else None,
        slices=score_chart(slices, baseline={}, description="F1 by slice.") if slices else None,
    )


def _drawn(row: Row, *, articles: int) -> Row:
    """Returns the row as a chart draws it. With too few articles, the interval shrinks to the dot."""
    return row if articles >= FEWEST else replace(row, f1_interval=Interval(row.f1, row.f1))


def _rows(scores: Scores) -> dict[str, Row]:
    return {row.name: row for row in (*scores.labels, scores.micro, scores.macro)}


def _by_dimension(slices: Sequence[Slice]) -> dict[str, list[tuple[int, Slice]]]:
    """Groups slices by dimension, each with its index in the report."""
    grouped: dict[str, list[tuple[int, Slice]]] = {}
    for index, part in enumerate(slices):
        grouped.setdefault(part.dimension, []).append((index, part))
    return grouped


def _example(example: ErrorExample, legend: Legend) -> _Example:
    # The example's text begins inside the article, so its spans move by that offset.
    above, below = (
        [replace(span, start=span.start - example.start, end=span.end - example.start) for span in side]
        for side in (example.error.gold, example.error.predicted)
    )
    drawn = paragraphs(example.text, above=above, below=below, differing=(*above, *below), legend=legend)
    return _Example(example.error.kind, example.error.label, example.article, drawn)
