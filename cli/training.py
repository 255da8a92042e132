"""Training with our own scores: what joins `train` to `evaluation`, which do not know each other."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from afteraction.data import Article
from afteraction.evaluation import score_spans
from afteraction.evaluation.figures import Row
from afteraction.train import DevScores, FitResult, ScoreRow, TrainConfig
from afteraction.train import fit as fit_by

if TYPE_CHECKING:
    from transformers import TrainerCallback


def fit(
    config: TrainConfig,
    *,
    resume: bool = False,
    cache: Path | None = None,
    callbacks: Sequence["TrainerCallback"] = (),
) -> FitResult:
    """Trains a model and saves it in the run's folder, as `afteraction train` does.

    The strict micro F1 on the development articles chooses the checkpoint.

    Args:
        config: all settings, from `load_config`.
        resume: continue from the run's last checkpoint, if it has one. The outcome is that of an unbroken run.
        cache: where windowed examples are kept; `~/.cache/afteraction` if None.
        callbacks: further callbacks of transformers.

    Raises:
        InputError: the config, an article file or the encoder is wrong, or learning rates are so high that no weights
            come out.
    """

    def score(gold: Sequence[Article], predicted: Sequence[Article]) -> DevScores:
        return dev_scores(gold, predicted, labels=config.labels)

    return fit_by(config, score=score, resume=resume, cache=cache, callbacks=callbacks)


def dev_scores(gold: Sequence[Article], predicted: Sequence[Article], *, labels: Sequence[str]) -> DevScores:
    """Strict span scores in the form that training logs and shows."""
    scores = score_spans(gold, predicted, labels=labels)
    return DevScores(_row(scores.micro), _row(scores.macro), {row.name: _row(row) for row in scores.labels})


def _row(row: Row) -> ScoreRow:
    return ScoreRow(
        precision=row.precision,
        recall=row.recall,
        f1=row.f1,
        support=row.support,
        low=row.f1_interval.low,
        high=row.f1_interval.high,
    )
