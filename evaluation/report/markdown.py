"""A report as Markdown, for a pull request."""

import re
from collections.abc import Mapping

from afteraction.evaluation.figures.scores import FEWEST
from afteraction.evaluation.report.page import KINDS, MEASURES, SCHEMES
from afteraction.evaluation.report.render import render_text
from afteraction.evaluation.scoring import Report

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&!])")


def report_markdown(report: Report, *, provenance: Mapping[str, str]) -> str:
    """Writes the figures of a report as tables in GitHub's Markdown, those of exact spans first, the rest folded."""
    return render_text(
        "report.md.j2",
        plain=escape_markdown,
        report=report,
        fewest=FEWEST,
        strict=report.mentions["strict"],
        schemes=SCHEMES,
        measures=MEASURES,
        kinds=KINDS,
        provenance=provenance,
    )


def escape_markdown(text: str) -> str:
    """A text on one line that shows as it is, in a table too."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
