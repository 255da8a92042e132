"""Searches over settings: trains one trial after another, and resumes a search that was killed."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml

from afteraction.data import InputError
from afteraction.data.files import atomic_write, remove_leftovers
from afteraction.data.locks import lock_folder
from afteraction.train.callbacks import StoppedError
from afteraction.train.config import ConfigError, TrainConfig
from afteraction.train.config_files import bundled_configs, find_config, load_config, nest, parse_override
from afteraction.train.fitting import DivergedError
from afteraction.train.scores import DevScores
from afteraction.train.search.picture import draw_search
from afteraction.train.search.plan import Plan, SearchFolder
from afteraction.train.search.space import check_space, load_search_space
from afteraction.train.search.study import Study, Trial
from afteraction.train.series import Announce, no_announcement, one_process, train_or_restart

ShouldStop = Callable[[float, float], bool]
"""Takes the completed share of a trial's steps and the development F1, and returns whether to stop the trial."""

Objective = Callable[[TrainConfig, ShouldStop], DevScores]
"""Trains one config, from its last checkpoint if there is one, and returns its scores.

It raises `StoppedError` if training was stopped. The run can then still be resumed.
"""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A search: its folder, its trials in their order, and the best of them."""

    folder: SearchFolder
    trials: tuple[Trial, ...]
    best: Trial
    exhausted: bool
    """Whether there are fewer trials than requested, since no untried settings were found."""


def search(
    config: str | Path,
    space: Path,
    *,
    objective: Objective,
    trials: int,
    overrides: Sequence[str] = (),
    announce: Announce = no_announcement,
) -> SearchResult:
    """Runs trials until the requested number is reached. Called again, it resumes an interrupted search.

    Trial 0 is the config itself. Each trial is a run in the search's folder, `NAME-search` next to the run `NAME`.

    Args:
        config: a config file, or a bundled config by its bare name.
        space: the file of the search space.
        objective: trains a trial.
        trials: the number of trials, including those of earlier calls; at least 1.
        overrides: as in `load_config`.
        announce: called with a line at the beginning and at the end of each trial.

    Raises:
        InputError: the config, the space or a data file is wrong; the folder holds another search; or the config
            itself cannot be trained.
    """
    one_process("a search")
    if trials < 1:
        raise InputError(f"a search needs at least 1 trial, got {trials}")
    base, chosen = load_config(config, overrides=overrides), load_search_space(space)
    plan = Plan(base, chosen, check_space(chosen, base, source=str(space)))
    plan.check_inputs()
    plan.check_folder()
    folder, exhausted = plan.folder, False
    with lock_folder(folder.path):
        remove_leftovers(folder.record, folder.best, folder.picture)  # of a killed search
        plan.write_record()
        study = Study(folder.study, space=chosen, dimensions=plan.dimensions)

        def show() -> None:
            _write_best(folder, study.trials(), config=config, overrides=overrides)
            draw_search(study, folder.picture)

        for number in range(trials):
            known = study.trials()
            settings = None
            if number == len(known):
                settings = study.propose() if number else plan.own_settings()
                if settings is None:
                    exhausted = True
                    break
            trial = known[number] if settings is None else study.add(settings)
            if trial.state == "begun":
                announce(f"trial {number} of 0 to {trials - 1}: {describe(trial.settings)}")
                _run(plan, study, trial, objective=objective, announce=announce)
                announce(f"trial {number}: {outcome(study.trials()[number])}")
                show()
            # Checkpoints are several times as large as the model.
            shutil.rmtree(folder.trial(number).checkpoints, ignore_errors=True)
        show()
        return SearchResult(folder, study.trials(), best_trial(study.trials()), exhausted)


def best_trial(trials: Sequence[Trial]) -> Trial:
    """Returns the finished trial with the highest development F1, the first if several are equal."""
    return max(trials, key=lambda trial: -1.0 if trial.score is None else trial.score.f1)


def describe(settings: dict[str, Any]) -> str:
    """Returns settings in one line, as on a command line."""
    return " ".join(
        f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in settings.items()
    )


def outcome(trial: Trial) -> str:
    """Returns the outcome of a trial in a few words."""
    if trial.score:
        return f"development F1 {trial.score.f1:.3f}"
    if trial.state == "pruned":
        share, score = trial.evaluations[-1]
        return f"stopped after {share:.0%} of its steps, at {score:.3f}"
    return f"failed: {trial.fault}"


def _run(plan: Plan, study: Study, trial: Trial, *, objective: Objective, announce: Announce) -> None:
    """Trains a trial until it finishes, is pruned at an evaluation, or fails."""
    number = trial.number

    def should_stop(share: float, score: float) -> bool:
        study.report(number, share, score)
        return study.is_below_median(number)

    if trial.evaluations and study.is_below_median(number):
        # The search was killed between the evaluation that decided this and the end of the trial.
        study.prune(number)
        return
    try:
        config = plan.trial_config(number, trial.settings)
        scores = train_or_restart(config, lambda given: objective(given, should_stop), announce=announce)
    except StoppedError:
        study.prune(number)
    except (ConfigError, DivergedError, torch.OutOfMemoryError, MemoryError) as error:
        # Settings that do not fit each other or the machine make a failed trial. Only the config itself must fit.
        if number == 0:
            raise
        study.fail(number, " ".join(str(error).split()) or type(error).__name__)
    else:
        study.finish(number, scores.micro)


def _write_best(folder: SearchFolder, trials: Sequence[Trial], *, config: str | Path, overrides: Sequence[str]) -> None:
    """Writes the config of the best trial, which extends the searched config."""
    best = best_trial(trials)
    found = find_config(Path(config))
    bundled = found in bundled_configs().values()
    settings = [*map(parse_override, overrides), *best.settings.items()]
    content = {
        "extends": found.stem if bundled else os.path.relpath(found.resolve(), folder.path.resolve()),
        "name": folder.path.name.removesuffix("-search") + "-best",
    }
    content = {**content, **nest((key, value) for key, value in settings if key != "name")}
    heading = f"# The best of {len(trials)} trials: trial {best.number}, {outcome(best)}.\n"
    with atomic_write(folder.best) as path:
        path.write_text(heading + yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
