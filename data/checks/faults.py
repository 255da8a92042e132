"""The faults of article files: the kinds of fault, their severities, and a single fault.

These are not in `checks.py`, since `checks.py` imports `names.py`, which reports faults too.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""The severities, the most serious first.

An error makes a file unfit for training and scoring. A warning needs a look, but the file may turn out to be correct.
An info is worth knowing.
"""

CODES: dict[str, Severity] = {
    "unreadable": "error",
    "no-label": "error",
    "outside-text": "error",
    "white-space": "error",
    "overlap": "error",
    "paragraph": "error",
    "score": "error",
    "surface": "error",
    "unknown-label": "error",
    "duplicate-id": "error",
    "duplicate": "error",
    "leak": "error",
    "near-duplicate": "warning",
    "misaligned": "warning",
    "two-labels": "warning",
    "unlabelled": "warning",
    "toll": "warning",
    "few-examples": "warning",
    "toll-wording": "info",
    "varying-label": "info",
    "long": "info",
}
"""The severity of each kind of fault. docs/data-checks.md describes the kinds."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind and message, the file, and the article and offsets if it has any.

    `start` and `end` are code points of the article's text, half-open. `text` is the text between them.
    """

    code: str
    file: str
    message: str
    article: str | None = None
    start: int | None = None
    end: int | None = None
    text: str | None = None

    @property
    def severity(self) -> Severity:
        """Returns the severity of this kind of fault."""
        return CODES[self.code]

    def __str__(self) -> str:
        article = "" if self.article is None else f" article {self.article!r}:"
        span = "" if self.start is None else f" [{self.start}, {self.end}) {self.text!r}:"
        return f"{self.severity}: {self.file}:{article}{span} {self.message} ({self.code})"
