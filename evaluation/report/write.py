"""The three forms of a report in one folder: a page for people, Markdown for a pull request, JSON for programs."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from afteraction.data.files import atomic_write
from afteraction.evaluation.counting.levels import MEANINGS
from afteraction.evaluation.figures.scores import FEWEST
from afteraction.evaluation.figures.slices import ArticleSlicer, SpanSlicer
from afteraction.evaluation.report.browser import WorstArticles
from afteraction.evaluation.report.page import KINDS, report_page
from afteraction.evaluation.report.render import render_text
from afteraction.evaluation.scoring import Report

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&!])")


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


def report_markdown(report: Report, *, provenance: Mapping[str, str]) -> str:
    """Writes the figures of a report as tables in GitHub's Markdown, those of exact spans first, the rest folded."""
    return render_text(
        "report.md.j2",
        plain=escape_markdown,
        report=report,
        fewest=FEWEST,
        strict=report.mentions["strict"],
        schemes=MEANINGS["spans"],
        measures=MEANINGS["tolls"],
        kinds=KINDS,
        provenance=provenance,
    )


def escape_markdown(text: str) -> str:
    """A text on one line that shows as it is, in a table too."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
