"""Training with our own scores. Connects `train` and `evaluation`, which do not import each other."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from afteraction.data import Article
from afteraction.evaluation import score_spans
from afteraction.evaluation.figures import Row
from afteraction.train import DevScores, FitResult, ScoreRow, SeedsResult, TrainConfig
from afteraction.train import fit as fit_by
from afteraction.train import fit_seeds as fit_seeds_by

if TYPE_CHECKING:
    from transformers import TrainerCallback

    from afteraction.train.search import SearchResult

    MakeCallbacks = Callable[[], Sequence[TrainerCallback]]


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
        resume: continue from the run's last checkpoint, if it has one. The result is that of an uninterrupted run.
        cache: the folder in which examples are cached; `$AFTERACTION_CACHE` or `~/.cache/afteraction` if None.
        callbacks: further callbacks of transformers.

    Raises:
        InputError: the config, an article file or the encoder is wrong, or the learning rates are so high that
            training overflows; a batch does not fit in memory; another process trains in the run's folder; or the
            disk is full.
    """

    def score(gold: Sequence[Article], predicted: Sequence[Article]) -> DevScores:
        return dev_scores(gold, predicted, labels=config.labels)

    return fit_by(config, score=score, resume=resume, cache=cache, callbacks=callbacks)


def fit_seeds(
    config: TrainConfig,
    seeds: Sequence[int],
    *,
    resume: bool = False,
    cache: Path | None = None,
    make_callbacks: "MakeCallbacks" = tuple,
    announce: Callable[[str], None] = lambda _line: None,
) -> SeedsResult:
    """Trains one run per seed, as `afteraction train --seeds` does, and summarises their development scores.

    Args:
        config: all settings; its seed is not used.
        seeds: the seeds, all different.
        resume: keep finished runs, and resume one that was interrupted.
        cache: as in `fit`.
        make_callbacks: makes the further callbacks of each run.
        announce: called with a line at the beginning of each run.

    Raises:
        InputError: as in `fit`, or a seed is wrong.
    """

    def train(of_seed: TrainConfig) -> DevScores:
        return fit(of_seed, resume=True, cache=cache, callbacks=make_callbacks()).scores

    return fit_seeds_by(config, seeds, train=train, resume=resume, announce=announce)


def search(
    config: str | Path,
    space: str | Path,
    *,
    trials: int = 20,
    overrides: Sequence[str] = (),
    cache: Path | None = None,
    make_callbacks: "MakeCallbacks" = tuple,
    announce: Callable[[str], None] = lambda _line: None,
) -> "SearchResult":
    """Searches for better settings, as `afteraction search` does. Called again, it resumes an interrupted search.

    Trial 0 is the config itself. Trials are compared by the strict micro F1 on the development articles.

    Args:
        config: a config file, or a bundled config by its bare name.
        space: the file of the search space.
        trials: the number of trials, including those of earlier calls; at least 1.
        overrides: as in `load_config`.
        cache: as in `fit`.
        make_callbacks: makes the further callbacks of each trial.
        announce: called with a line at the beginning and at the end of each trial.

    Raises:
        InputError: the config, the space or a data file is wrong; the folder holds another search; or the config itself
            cannot be trained.
    """
    from afteraction.train.callbacks import StopWhen
    from afteraction.train.search import search as search_by

    def objective(of_trial: TrainConfig, should_stop: Callable[[float, float], bool]) -> DevScores:
        callbacks = [*make_callbacks(), StopWhen(should_stop)]
        return fit(of_trial, resume=True, cache=cache, callbacks=callbacks).scores

    return search_by(config, Path(space), objective=objective, trials=trials, overrides=overrides, announce=announce)


def dev_scores(gold: Sequence[Article], predicted: Sequence[Article], *, labels: Sequence[str]) -> DevScores:
    """Returns strict span scores in the form that training logs and shows."""
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
