"""The scores of a training run on its development articles."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from afteraction.data import Article

CHOSEN_BY = "micro_f1"
"""The metric that chooses the best checkpoint, as it is called in `DevScores.metrics`."""


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """Precision, recall and F1 of one label or of one average.

    `support` is the number of annotated spans. `low` and `high` are the ends of the 95 % interval of F1, or both None.
    """

    precision: float
    recall: float
    f1: float
    support: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class DevScores:
    """A model's scores on the development articles.

    `micro.f1` chooses the checkpoint. The others are logged and shown in the model card.
    """

    micro: ScoreRow
    macro: ScoreRow
    labels: Mapping[str, ScoreRow]

    def rows(self) -> dict[str, ScoreRow]:
        """Returns all rows by name: `micro`, `macro`, then the labels."""
        return {"micro": self.micro, "macro": self.macro, **self.labels}

    def metrics(self) -> dict[str, float]:
        """Returns all figures under the names of the training log: `micro_f1`, `micro_f1_low`, `TARGET_recall`."""
        metrics: dict[str, float] = {}
        for name, row in self.rows().items():
            metrics |= {f"{name}_precision": row.precision, f"{name}_recall": row.recall, f"{name}_f1": row.f1}
            if row.low is not None and row.high is not None:
                metrics |= {f"{name}_f1_low": row.low, f"{name}_f1_high": row.high}
            metrics[f"{name}_support"] = float(row.support)
        return metrics

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, float], *, labels: Iterable[str]) -> "DevScores":
        """Inverts `metrics`. Labels without figures are left out."""

        def row(name: str) -> ScoreRow:
            return ScoreRow(
                precision=metrics[f"{name}_precision"],
                recall=metrics[f"{name}_recall"],
                f1=metrics[f"{name}_f1"],
                support=int(metrics[f"{name}_support"]),
                low=metrics.get(f"{name}_f1_low"),
                high=metrics.get(f"{name}_f1_high"),
            )

        return cls(row("micro"), row("macro"), {name: row(name) for name in labels if f"{name}_f1" in metrics})


Score = Callable[[Sequence[Article], Sequence[Article]], DevScores]
"""Scores predicted articles, the second argument, against the gold ones, the first."""
