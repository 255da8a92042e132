"""Trains a config with several seeds, to measure how much the scores vary by chance."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from afteraction.data import InputError
from afteraction.data.files import atomic_write
from afteraction.train.config import TrainConfig
from afteraction.train.config_files import change_config
from afteraction.train.run_folder import check_run
from afteraction.train.scores import DevScores
from afteraction.train.series import Announce, no_announcement, one_process, train_or_restart


@dataclass(frozen=True, slots=True)
class SeedRow:
    """The development F1 of one label or of one average over seeds.

    `deviation` is the sample standard deviation, or None with one seed. `runs` are in the order of the seeds.
    """

    name: str
    mean: float
    deviation: float | None
    runs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SeedsResult:
    """The runs of a config with several seeds: their folder, and the rows `micro`, `macro`, then the labels."""

    path: Path
    seeds: tuple[int, ...]
    rows: tuple[SeedRow, ...]

    @property
    def summary(self) -> Path:
        """Returns the JSON file with the seeds and rows."""
        return self.path / "seeds.json"


def fit_seeds(
    config: TrainConfig,
    seeds: Sequence[int],
    *,
    train: Callable[[TrainConfig], DevScores],
    resume: bool = False,
    announce: Announce = no_announcement,
) -> SeedsResult:
    """Trains one run per seed in `NAME-seeds`, next to the run `NAME`, and summarises their development scores.

    Args:
        config: all settings; its seed is not used.
        seeds: the seeds, all different.
        train: trains a run, from its last checkpoint if it has one, and returns its scores.
        resume: keep finished runs, and resume one that was interrupted.
        announce: called with a line at the beginning of each run.

    Raises:
        InputError: a seed is invalid or given twice; a folder holds a run and `resume` is not set, or it holds another
            run; or a run cannot be trained.
    """
    one_process("a training with several seeds")
    if not seeds or len(set(seeds)) < len(seeds):
        raise InputError(f"seeds must all be different, and at least one, got {', '.join(map(str, seeds)) or 'none'}")
    folder = config.runs / f"{config.name}-seeds"
    configs = [
        change_config(config, {"runs": str(folder), "name": f"seed-{seed}", "fitting.seed": seed}) for seed in seeds
    ]
    # Check all runs before the first is trained, so that none is refused after hours of training.
    for of_seed in configs:
        check_run(of_seed, resume=resume)
    scores = []
    for number, of_seed in enumerate(configs, start=1):
        announce(f"seed {of_seed.fitting.seed}, {number} of {len(seeds)}")
        scores.append(train_or_restart(of_seed, train, announce=announce))
    result = SeedsResult(folder, tuple(seeds), _rows(scores))
    content = {"seeds": list(seeds), "f1": [asdict(row) for row in result.rows]}
    with atomic_write(result.summary) as path:
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return result


def _rows(scores: Sequence[DevScores]) -> tuple[SeedRow, ...]:
    rows = []
    for name in scores[0].rows():
        runs = np.array([of_seed.rows()[name].f1 for of_seed in scores])
        deviation = float(runs.std(ddof=1)) if len(runs) > 1 else None
        rows.append(SeedRow(name, float(runs.mean()), deviation, tuple(map(float, runs))))
    return tuple(rows)
