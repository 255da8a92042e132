"""Prints what a calibration changed."""

from rich.text import Text

from afteraction.evaluation import Calibration
from afteraction.evaluation.tuning import Tuning
from afteraction.output.console import count_noun, make_table, wide_console
from afteraction.output.scores import bounds, share

_COLUMNS = ("threshold", "new", "F1", "new", "95 % interval", "precision", "recall", "F1 on the same articles")


def print_tuning(tuning: Tuning, *, title: str) -> None:
    """Prints the temperature and the thresholds before and after, and the scores that they give."""
    console = wide_console()
    table = make_table(["label"], _COLUMNS)
    before, after, fitted = tuning.scores_before, tuning.scores_after, tuning.scores_fitted
    rows = zip(
        (*before.labels, before.micro), (*after.labels, after.micro), (*fitted.labels, fitted.micro), strict=True
    )
    for old, new, same in rows:
        # The row of the micro average has no thresholds.
        thresholds = [each.get(old.name) for each in (tuning.thresholds_before, tuning.thresholds)]
        table.add_row(
            old.name,
            *("" if value is None else f"{value:.3f}" for value in thresholds),
            share(old.f1, of=old.support + old.predicted),
            share(new.f1, of=new.support + new.predicted),
            bounds(new.f1_interval, articles=tuning.articles if new.support + new.predicted else 0),
            share(new.precision, of=new.predicted),
            share(new.recall, of=new.support),
            share(same.f1, of=same.support + same.predicted),
        )
    console.print(Text(title), table, sep="\n")
    console.print(f"Temperature {tuning.temperature_before:.3f}, new {tuning.temperature:.3f}.")
    console.print(f"Scores before: {_in_words(tuning.calibration_before, articles=tuning.articles)}.")
    console.print(f"Scores after:  {_in_words(tuning.calibration_after, articles=tuning.articles)}.")
    console.print(
        f"{count_noun(tuning.articles, 'article')}. New figures are cross-validated: each article is scored with a "
        "temperature and thresholds fitted on other articles. The F1 on the same articles is too optimistic."
    )


def _in_words(calibration: Calibration, *, articles: int) -> str:
    curve = calibration.equal_mass
    interval = bounds(curve.error_interval, articles=articles)
    return (
        f"calibration error {curve.error:.3f} ({interval}; {curve.error_by_chance:.3f} by chance alone), "
        f"Brier score {calibration.brier:.3f}, log loss {calibration.log_loss:.3f}"
    )
