"""Writes a report into a folder: a page for people, Markdown for a pull request, JSON for programs."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from afteraction.data import InputError
from afteraction.data.files import atomic_write
from afteraction.evaluation.counting.levels import MEANINGS
from afteraction.evaluation.figures.scores import FEWEST
from afteraction.evaluation.figures.slices import ArticleSlicer, SpanSlicer
from afteraction.evaluation.report.browser import WorstArticles
from afteraction.evaluation.report.page import KINDS, report_page
from afteraction.evaluation.report.render import render_text
from afteraction.evaluation.scoring import Report

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&!])")


def make_report_folder(folder: Path) -> None:
    """Creates the folder of a report. Call it before a long evaluation, so that a wrong path is reported at once.

    Raises:
        InputError: the folder cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None


def write_report(
    folder: Path,
    report: Report,
    *,
    worst: WorstArticles,
    slicers: Iterable[ArticleSlicer | SpanSlicer],
    provenance: Mapping[str, str],
) -> None:
    """Writes `report.html`, `report.md` and `report.json`. Older files are replaced.

    Args:
        folder: the folder to write to. It is created if it does not exist.
        report: the report.
        worst: the articles that the page shows. It must have received every pair of the report.
        slicers: the slicers of the report.
        provenance: where the figures come from, such as checksums of files, by name.

    Raises:
        DataError: the folder cannot be created or written.
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
    """Returns the figures of a report as tables in GitHub's Markdown: strict spans first, other tables folded."""
    return render_text(
        "report.md.j2",
        plain=escape_markdown,
        report=report,
        fewest=FEWEST,
        strict=report.mentions["strict"],
        span_meanings=MEANINGS["spans"],
        toll_meanings=MEANINGS["tolls"],
        kinds=KINDS,
        provenance=provenance,
    )


def escape_markdown(text: str) -> str:
    """Returns a text on one line, escaped so that Markdown shows it unchanged, even in a table."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
