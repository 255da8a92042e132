"""Lines of plain text for a terminal."""

import re
import sys

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def without_controls(text: str) -> str:
    """Returns a text without control characters, which could move a terminal's cursor or change its colours."""
    return _CONTROLS.sub("", text)


def print_line(line: str) -> None:
    """Prints a line to standard error."""
    print(without_controls(line), file=sys.stderr)  # noqa: T201
