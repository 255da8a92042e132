"""What can be wrong with article files: the kinds of fault, how grave each is, and one fault with its place."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""The gravest first. An error makes a file unfit to train or score on; a warning is to be looked at, and is at times
right as it stands; an info is worth knowing."""

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
"""The severity of each kind of fault; docs/data-checks.md describes them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: what, in which file, and as far as it has such a place, in which article and where there.

    `start` and `end` are code points of the article's text, half-open; `text` is what stands there.
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
        """How grave faults of this kind are."""
        return CODES[self.code]

    def __str__(self) -> str:
        article = "" if self.article is None else f" article {self.article!r}:"
        place = "" if self.start is None else f" [{self.start}, {self.end}) {self.text!r}:"
        return f"{self.severity}: {self.file}:{article}{place} {self.message} ({self.code})"
