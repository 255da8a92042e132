"""What a calibration adds to a model's card, whose scores are from before it."""

import re

from afteraction.evaluation.figures.scores import Row
from afteraction.evaluation.tuning.tuning import Tuning

_HEADING = "## Calibration"
_SECTION = re.compile(rf"^{_HEADING}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_NEXT = re.compile(r"^## Data$", re.MULTILINE)


def tuned_card(card: str, tuning: Tuning, *, gold: str, checksum: str, goal: str) -> str:
    """The card with a section on a calibration, in the place of an older one; all else stays.

    Args:
        card: a model's, as Markdown.
        tuning: the calibration.
        gold: what the annotated articles are called.
        checksum: of their file, SHA-256.
        goal: what the thresholds were chosen for, in words.
    """
    rest = _SECTION.sub("", card)
    place = found.start() if (found := _NEXT.search(rest)) else len(rest)
    before, after = rest[:place].rstrip("\n"), rest[place:]
    return f"{before}\n\n{_section(tuning, gold=gold, checksum=checksum, goal=goal)}" + (f"\n{after}" if after else "")


def _section(tuning: Tuning, *, gold: str, checksum: str, goal: str) -> str:
    thresholds = ", ".join(f"{label} {value:.3f}" for label, value in tuning.thresholds.items())
    f1, f1_before = (_figure(scores.micro) for scores in (tuning.scores_after, tuning.scores_before))
    error, error_before = (
        calibration.equal_mass.error for calibration in (tuning.calibration_after, tuning.calibration_before)
    )
    lines = [
        _HEADING,
        "",
        f"Since training, the temperature and the thresholds were fitted for {goal}. All scores above are from before.",
        "",
        f"- On {tuning.articles} articles of `{gold}`, SHA-256 `{checksum}`.",
        f"- Temperature {tuning.temperature:.3f}; thresholds {thresholds}.",
        f"- Micro F1 of exact spans on these articles {f1}, cross-validated; before it {f1_before}.",
        f"- Expected calibration error {error:.3f}, cross-validated; before it {error_before:.3f}.",
        "",
    ]
    return "\n".join(lines)


def _figure(row: Row) -> str:
    return f"{row.f1:.3f} ({row.f1_interval.low:.3f} to {row.f1_interval.high:.3f})"
