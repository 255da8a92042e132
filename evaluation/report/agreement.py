"""The agreement of two annotators as an HTML page: the figures, and the articles with each difference."""

import json
from dataclasses import asdict
from pathlib import Path

from afteraction.data.files import atomic_write
from afteraction.evaluation.agreement import Agreement
from afteraction.evaluation.figures.errors import ErrorKind
from afteraction.evaluation.figures.scores import FEWEST
from afteraction.evaluation.report.articles import Legend
from afteraction.evaluation.report.browser import Browser, WorstArticles
from afteraction.evaluation.report.render import render_page

_KINDS: dict[ErrorKind, str] = {
    "boundary": "boundary",
    "label": "label",
    "both": "boundary and label",
    "missed": "only first",
    "spurious": "only second",
    "split": "several in second",
    "merged": "several in first",
}
"""The names of the error kinds where neither side is gold."""


def write_agreement(folder: Path, agreement: Agreement, *, worst: WorstArticles, title: str) -> None:
    """Writes `report.html` and `report.json`. Older files are replaced.

    Args:
        folder: the folder to write to. It is created if it does not exist.
        agreement: the figures.
        worst: the articles that the page shows. It must have been an observer of the comparison.
        title: what is compared, such as the names of the two files.

    Raises:
        DataError: the folder cannot be written.
    """
    contents = {
        "report.html": agreement_page(agreement, worst, title=title),
        "report.json": json.dumps(asdict(agreement), ensure_ascii=False, indent=2) + "\n",
    }
    for name, content in contents.items():
        with atomic_write(folder / name) as path:
            path.write_text(content, encoding="utf-8")


def agreement_page(agreement: Agreement, worst: WorstArticles, *, title: str) -> str:
    """Draws an agreement as an HTML page: its figures, and the articles with the most differences."""
    legend = Legend(row.label for row in agreement.labels if row.label is not None)
    browser = Browser(legend=legend, slicers=(), slices=())
    return render_page(
        "agreement.html.j2",
        script="browser.js",
        title=title,
        agreement=agreement,
        fewest=FEWEST,
        kind_names=_KINDS,
        sides=("first", "second"),
        nouns=("difference", "differences"),
        slices={},
        legend=legend.styles,
        articles=[browser.draw(first, second) for first, second in worst.pairs],
        left_out=worst.seen - len(worst.pairs),
    )
