"""The three forms of a report in one folder: a page for people, Markdown for a pull request, JSON for programs."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from afteraction.data.files import atomic_write
from afteraction.evaluation.figures.slices import ArticleSlicer, SpanSlicer
from afteraction.evaluation.report.browser import WorstArticles
from afteraction.evaluation.report.markdown import report_markdown
from afteraction.evaluation.report.page import report_page
from afteraction.evaluation.scoring import Report


def write_report(
    folder: Path,
    report: Report,
    *,
    worst: WorstArticles,
    slicers: Iterable[ArticleSlicer | SpanSlicer],
    provenance: Mapping[str, str],
) -> None:
    """Writes `report.html`, `report.md` and `report.json`, in place of older ones.

    Args:
        folder: where to; it is made if it is not there.
        report: what they say.
        worst: the articles that the page shows, which took every pair that the report is of.
        slicers: those of the report's slices.
        provenance: where the figures come from, such as checksums of files, by what each is called.

    Raises:
        DataError: the folder cannot be made or written.
    """
    record = report.record() | {"provenance": dict(provenance)}
    contents = {
        "report.html": report_page(report, worst, slicers=slicers, provenance=provenance),
        "report.md": report_markdown(report, provenance=provenance),
        "report.json": json.dumps(record, ensure_ascii=False, allow_nan=False, indent=2) + "\n",
    }
    for name, content in contents.items():
        with atomic_write(folder / name) as path:
            path.write_text(content, encoding="utf-8")
