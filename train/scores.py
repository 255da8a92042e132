"""The scores of a training run on its development articles."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from afteraction.data import Article, InputError

CHOSEN_BY = "micro_f1"
"""The metric that chooses the best checkpoint, as named in `DevScores.metrics`."""


ARTICLE_THRESHOLD = "article_threshold"
"""The name of the article threshold in the training log, in addition to `DevScores.metrics`."""

ARTICLE_THRESHOLDS = (0.0, 0.6, 0.7, 0.8, 0.9, 0.95)
"""The values that `choose_article_threshold` tries."""


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
"""Scores predicted articles (the second argument) against gold articles (the first)."""


def choose_article_threshold(gold: Sequence[Article], predicted: Sequence[Article]) -> float:
    """Returns the `ModelSettings.article_threshold` with the best strict micro F1, the lowest if several are equal.

    Args:
        gold: the gold articles.
        predicted: the same articles as predicted without an article threshold, in the same order.
    """
    best = np.array([_best_score(article) for article in predicted])
    counts = []
    for wanted, found in zip(gold, predicted, strict=True):
        theirs, ours = (
            {(span.start, span.end, span.label) for span in article.spans if span.label not in wanted.unknown_labels}
            for article in (wanted, found)
        )
        counts.append((len(theirs & ours), len(ours), len(theirs)))
    right, found_spans, wanted_spans = np.array(counts).T

    def f1(threshold: float) -> float:
        kept = best >= threshold
        return float(2 * right[kept].sum() / max(found_spans[kept].sum() + wanted_spans.sum(), 1))

    return max(ARTICLE_THRESHOLDS, key=f1)


def empty_uncertain(predicted: Sequence[Article], threshold: float) -> list[Article]:
    """Returns predicted articles, without spans, entities and toll if the best span is below the threshold."""
    return [
        article
        if _best_score(article) >= threshold
        else article.with_fields(spans=(), death_toll=None, death_toll_score=None, entities=())
        for article in predicted
    ]


def _best_score(article: Article) -> float:
    return max((span.score or 0.0 for span in article.spans), default=0.0)


def best_scores(log: Sequence[Mapping[str, Any]], *, labels: Sequence[str]) -> DevScores:
    """Returns the scores of the best checkpoint, from the training log.

    Raises:
        InputError: the log holds no evaluation.
    """
    best = best_evaluation(log)
    return DevScores.from_metrics({name.removeprefix("eval_"): value for name, value in best.items()}, labels=labels)


def best_evaluation(log: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Returns the entry of the training log for the best checkpoint.

    Raises:
        InputError: the log holds no evaluation.
    """
    chosen_by = f"eval_{CHOSEN_BY}"
    evaluations = [entry for entry in log if chosen_by in entry]
    if not evaluations:
        raise InputError("the run was never evaluated: fitting.evaluate_steps is more than the steps it has")
    return max(evaluations, key=lambda entry: entry[chosen_by])
