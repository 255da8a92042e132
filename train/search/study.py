"""The study of a search: its trials, in one file that stays valid if the process is killed at any moment.

The file is an Optuna journal: each change is appended as one line and synced. It needs no database, and it works on
the network file systems of clusters, where SQLite's locks do not.
"""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState, create_trial

from afteraction.data import InputError
from afteraction.train.scores import ScoreRow
from afteraction.train.search.space import Dimension, SearchSpace

_NAME = "search"
_SCORE = "score"
_FAULT = "fault"

_SHARES = 1000
"""Optuna numbers evaluations with integers. Here, these are the completed share of a trial's steps, in thousandths."""

_MODELLED, _DRAWN = 10, 1000
"""The most proposals by Optuna's model, and then at random, to find settings that differ from all earlier trials."""

_DIGITS = 4
"""The significant digits of a proposed number. More would be noise in configs and tables."""

State = Literal["finished", "pruned", "failed", "begun"]
_STATES: dict[TrialState, State] = {
    TrialState.COMPLETE: "finished",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "begun",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial of a search: its settings by dotted key, and its outcome.

    `score` is that of the best checkpoint, for a finished trial. `evaluations` are pairs of the completed share of the
    steps and the development F1. `fault` is the reason why a trial failed.
    """

    number: int
    state: State
    settings: dict[str, Any]
    score: ScoreRow | None
    evaluations: tuple[tuple[float, float], ...]
    fault: str | None


class Study:
    """A search's trials, and what to try next.

    Proposals depend only on the space's seed and the trials so far, not on interruptions of the search.
    """

    def __init__(self, file: Path, *, space: SearchSpace, dimensions: Sequence[Dimension]) -> None:
        self._file = file
        self._dimensions = dimensions
        self._seed = space.seed
        self._distributions = {dimension.key: _distribution(dimension) for dimension in dimensions}
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        cut_off_torn_line(file)
        # A killed process leaves Optuna's lock behind. It is not in use, since we hold our own lock.
        Path(f"{file}.lock").unlink(missing_ok=True)
        pruner = (
            optuna.pruners.NopPruner()
            if space.prune_after is None
            else optuna.pruners.MedianPruner(n_startup_trials=space.prune_after)
        )
        try:
            self._storage = JournalStorage(JournalFileBackend(str(file)))
            # Without this check, Optuna would add a line to the file each time it is opened.
            if any(known.study_name == _NAME for known in self._storage.get_all_studies()):
                self._study = optuna.load_study(storage=self._storage, study_name=_NAME, pruner=pruner)
            else:
                self._study = optuna.create_study(
                    storage=self._storage, study_name=_NAME, direction="maximize", pruner=pruner
                )
        except (ValueError, KeyError):
            raise InputError(f"{file}: the file is damaged; choose another name=") from None

    @property
    def optuna_study(self) -> optuna.Study:
        """Returns the underlying Optuna study."""
        return self._study

    def trials(self) -> tuple[Trial, ...]:
        """Returns all trials, in their order."""
        return tuple(self._trial(frozen) for frozen in self._study.get_trials(deepcopy=False))

    def add(self, settings: dict[str, Any]) -> Trial:
        """Adds a trial that is about to begin, in one step."""
        stored = {item.key: item.stored(settings[item.key]) for item in self._dimensions}
        self._study.add_trial(create_trial(state=TrialState.RUNNING, params=stored, distributions=self._distributions))
        return self.trials()[-1]

    def propose(self) -> dict[str, Any] | None:
        """Returns settings that no trial has used, or None if none were found, since all or nearly all were tried."""
        trials = self._study.get_trials(deepcopy=False)
        known = [self._trial(frozen).settings for frozen in trials]
        seed = int(np.random.SeedSequence((self._seed, len(trials))).generate_state(1)[0])
        # Ask a copy in memory: Optuna would write a trial's settings one by one, and a kill could leave only some.
        copy = optuna.create_study(direction="maximize")
        copy.add_trials(trials)
        samplers: tuple[tuple[BaseSampler, int], ...] = (
            (TPESampler(seed=seed), _MODELLED),
            (RandomSampler(seed=seed), _DRAWN),
        )
        for sampler, attempts in samplers:
            copy.sampler = sampler
            for _ in range(attempts):
                drawn = copy.ask(self._distributions).params
                settings = {item.key: _rounded(item, item.restored(drawn[item.key])) for item in self._dimensions}
                if settings not in known:
                    return settings
        return None

    def is_below_median(self, number: int) -> bool:
        """Returns whether a trial's best score so far is below the median of finished trials at the same share."""
        return bool(self._live(number).should_prune())  # otherwise a NumPy bool, which JSON cannot encode

    def report(self, number: int, share: float, score: float) -> None:
        """Records an evaluation of a trial, unless it has been recorded already."""
        trial, step = self._live(number), round(share * _SHARES)
        if step not in self._study.get_trials(deepcopy=False)[number].intermediate_values:
            trial.report(score, step)

    def finish(self, number: int, score: ScoreRow) -> None:
        """Marks a trial as finished."""
        self._live(number).set_user_attr(_SCORE, asdict(score))
        self._study.tell(number, score.f1)

    def prune(self, number: int) -> None:
        """Marks a trial as stopped early."""
        self._study.tell(number, state=TrialState.PRUNED)

    def fail(self, number: int, fault: str) -> None:
        """Marks a trial as failed."""
        self._live(number).set_user_attr(_FAULT, fault)
        self._study.tell(number, state=TrialState.FAIL)

    def _live(self, number: int) -> optuna.Trial:
        study_id = self._storage.get_study_id_from_name(_NAME)
        return optuna.Trial(self._study, self._storage.get_trial_id_from_study_id_trial_number(study_id, number))

    def _trial(self, frozen: FrozenTrial) -> Trial:
        score = frozen.user_attrs.get(_SCORE)
        return Trial(
            number=frozen.number,
            state=_STATES[frozen.state],
            settings={item.key: item.restored(frozen.params[item.key]) for item in self._dimensions},
            score=ScoreRow(**score) if score and frozen.state == TrialState.COMPLETE else None,
            evaluations=tuple((step / _SHARES, value) for step, value in sorted(frozen.intermediate_values.items())),
            fault=frozen.user_attrs.get(_FAULT),
        )


def cut_off_torn_line(file: Path) -> None:
    """Removes an incomplete last line from a journal, which a crash of the machine may leave.

    Otherwise, Optuna would append to that line and could not read it later.
    """
    if not file.is_file():
        return
    content = file.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(file, whole)


def _distribution(dimension: Dimension) -> BaseDistribution:
    if dimension.kind == "choices":
        return CategoricalDistribution([dimension.stored(choice) for choice in dimension.values])
    low, high = dimension.values
    if dimension.kind == "integers":
        return IntDistribution(low, high, log=dimension.log)
    return FloatDistribution(low, high, log=dimension.log)


def _rounded(dimension: Dimension, value: Any) -> Any:
    """Rounds a drawn number, and keeps it in its range."""
    if dimension.kind != "numbers":
        return value
    low, high = dimension.values
    return min(max(float(f"{value:.{_DIGITS}g}"), low), high)
