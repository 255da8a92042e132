"""What a calibration changed, on standard output, as a table for people."""

from rich import box
from rich.table import Table
from rich.text import Text

from afteraction.evaluation import Calibration
from afteraction.evaluation.tuning import Tuning
from afteraction.output.articles import wide_console
from afteraction.output.scores import bounds


def print_tuning(tuning: Tuning, *, title: str) -> None:
    """Prints the temperature and thresholds before and after, and what they give."""
    console = wide_console()
    table = Table(box=box.SIMPLE)
    table.add_column("label")
    for heading in ("threshold", "new", "F1", "new", "95 % interval", "precision", "recall", "F1 on the same articles"):
        table.add_column(heading, justify="right")
    before, after, fitted = tuning.scores_before, tuning.scores_after, tuning.scores_fitted
    rows = zip(
        (*before.labels, before.micro), (*after.labels, after.micro), (*fitted.labels, fitted.micro), strict=True
    )
    for old, new, same in rows:
        thresholds = [each.get(old.name) for each in (tuning.thresholds_before, tuning.thresholds)]
        table.add_row(
            old.name,
            *("" if value is None else f"{value:.3f}" for value in thresholds),
            f"{old.f1:.3f}",
            f"{new.f1:.3f}",
            bounds(new.f1_interval, articles=tuning.articles),
            f"{new.precision:.3f}",
            f"{new.recall:.3f}",
            f"{same.f1:.3f}",
        )
    console.print(Text(title), table, sep="\n")
    console.print(f"Temperature {tuning.temperature_before:.3f}, new {tuning.temperature:.3f}.")
    console.print(f"Scores before: {_said(tuning.calibration_before, articles=tuning.articles)}.")
    console.print(f"Scores after:  {_said(tuning.calibration_after, articles=tuning.articles)}.")
    console.print(
        f"{tuning.articles} articles. New figures are cross-validated: each article under a temperature and thresholds "
        "fitted on others; those on the same articles promise too much."
    )


def _said(calibration: Calibration, *, articles: int) -> str:
    curve = calibration.equal_mass
    interval = bounds(curve.error_interval, articles=articles)
    return (
        f"calibration error {curve.error:.3f} ({interval}; {curve.error_by_chance:.3f} by chance alone), "
        f"Brier score {calibration.brier:.3f}, log loss {calibration.log_loss:.3f}"
    )
