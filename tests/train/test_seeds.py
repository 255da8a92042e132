import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from afteraction.data import LABELS, InputError
from afteraction.train import ConfigError, DevScores, ScoreRow, SeedsResult, TrainConfig, fit_seeds
from afteraction.train.run_folder import DamagedRunError, open_run

MakeConfig = Callable[..., TrainConfig]


def scores(seed: int) -> DevScores:
    """Returns scores that differ by seed and label."""
    rows = {
        name: ScoreRow(precision=0.5, recall=0.5, f1=float(np.random.default_rng([seed, index]).uniform()), support=3)
        for index, name in enumerate(("micro", "macro", *LABELS))
    }
    return DevScores(rows.pop("micro"), rows.pop("macro"), rows)


def train(config: TrainConfig) -> DevScores:
    open_run(config, resume=True)
    return scores(config.fitting.seed)


def test_mean_and_deviation_are_numpys_in_the_result_and_in_its_file(make_config: MakeConfig) -> None:
    config, seeds = make_config(), (3, 1, 2)
    result = fit_seeds(config, seeds, train=train)
    assert (result.path, result.seeds) == (config.runs / "run-seeds", seeds)
    assert [row.name for row in result.rows] == ["micro", "macro", *LABELS]
    for row in result.rows:
        f1 = [scores(seed).rows()[row.name].f1 for seed in seeds]
        assert row.runs == tuple(f1)
        assert row.mean == pytest.approx(np.mean(f1))
        assert row.deviation == pytest.approx(np.std(f1, ddof=1))
    content = json.loads(result.summary.read_text(encoding="utf-8"))
    assert content["seeds"] == [3, 1, 2]
    assert [(row["name"], row["mean"], row["deviation"], tuple(row["runs"])) for row in content["f1"]] == [
        (row.name, row.mean, row.deviation, row.runs) for row in result.rows
    ]


def test_each_seed_is_a_run_of_its_own(make_config: MakeConfig) -> None:
    config, configs = make_config(fitting={"seed": 9}), []

    def note(given: TrainConfig) -> DevScores:
        configs.append(given)
        return train(given)

    fit_seeds(config, [4, 5], train=note)
    for given, seed in zip(configs, (4, 5), strict=True):
        assert given.folder == config.runs / "run-seeds" / f"seed-{seed}"
        assert given.fitting == config.fitting.model_copy(update={"seed": seed})
        assert given.optimizer == config.optimizer


def test_one_seed_has_no_deviation(make_config: MakeConfig) -> None:
    result = fit_seeds(make_config(), [1], train=train)
    assert {row.deviation for row in result.rows} == {None}
    assert json.loads(result.summary.read_text())["f1"][0]["deviation"] is None


def test_runs_are_kept_only_if_asked_and_refused_before_any_is_trained(make_config: MakeConfig) -> None:
    config = make_config()
    fit_seeds(config, [2], train=train)
    trained: list[str] = []

    def note(given: TrainConfig) -> DevScores:
        trained.append(given.name)
        return train(given)

    with pytest.raises(ConfigError, match=r"seed-2 already holds a run; give --resume"):
        fit_seeds(config, [1, 2], train=note)
    with pytest.raises(ConfigError, match=r"seed-2: cannot resume: its optimizer\.warmup was 0\.1, now 0\.3"):
        fit_seeds(make_config(optimizer={"warmup": 0.3}), [1, 2], train=note, resume=True)
    assert trained == []
    assert [row.name for row in fit_seeds(config, [1, 2], train=note, resume=True).rows][:1] == ["micro"]
    assert trained == ["seed-1", "seed-2"]


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ([], "seeds must all be different, and at least one, got none"),
        ([1, 2, 1], "seeds must all be different, and at least one, got 1, 2, 1"),
        ([-1], r"fitting\.seed: .*greater than or equal to 0, got -1"),
        ([2**32], r"fitting\.seed: .*less than 4294967296"),
    ],
)
def test_wrong_seeds_are_refused(make_config: MakeConfig, seeds: list[int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fit_seeds(make_config(), seeds, train=train)


def test_a_damaged_run_starts_again(make_config: MakeConfig, tmp_path: Path) -> None:
    lines: list[str] = []

    def damaged_once(config: TrainConfig) -> DevScores:
        if len(lines) < 2:
            open_run(config, resume=True)
            raise DamagedRunError(f"{config.folder}: cannot resume: damaged; choose another name=")
        assert not config.folder.exists()
        return train(config)

    result: Any = fit_seeds(make_config(), [1], train=damaged_once, announce=lines.append)
    assert isinstance(result, SeedsResult)
    assert lines[1].endswith("cannot resume: damaged; the run starts again")


def test_several_processes_are_refused(make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(InputError, match="a training with several seeds trains in one process"):
        fit_seeds(make_config(), [1], train=train)
