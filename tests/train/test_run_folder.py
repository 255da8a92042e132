"""The folder of a run: who may write to it, and when its content stays unchanged."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from afteraction.data import DataError
from afteraction.data.locks import lock_folder
from afteraction.train import ConfigError, DevScores, FitResult, TrainConfig

MakeConfig = Callable[..., TrainConfig]
Run = Callable[..., FitResult]
ScoresInTurn = Callable[..., Callable[..., DevScores]]
Tree = Callable[[Path], dict[str, bytes]]


def test_two_runs_in_one_folder_are_not_at_the_same_time_and_the_lock_of_a_dead_one_holds_nothing(
    run: Run, make_config: MakeConfig
) -> None:
    config = make_config(fitting={"epochs": 1})
    config.folder.mkdir(parents=True)
    (config.folder / ".lock").touch()  # as a dead process leaves it
    with lock_folder(config.folder), pytest.raises(DataError, match="another run is writing in this folder"):
        run(config)
    run(config)


def test_a_run_is_finished_by_its_result_not_by_a_picture(run: Run, make_config: MakeConfig, tree: Tree) -> None:
    config = make_config(fitting={"epochs": 1})
    folder = run(config).run
    assert json.loads(folder.result.read_text(encoding="utf-8"))["scores"]["micro"]["f1"] >= 0
    folder.curves.unlink()
    before = tree(folder.path)
    run(config, resume=True)
    assert tree(folder.path) == before
    folder.result.unlink()
    assert not folder.finished


@pytest.mark.parametrize("patience", [None, 1])
def test_resuming_a_finished_run_changes_nothing(
    run: Run, make_config: MakeConfig, patience: int | None, tree: Tree, scores_in_turn: ScoresInTurn
) -> None:
    config = make_config(fitting={"patience": patience})
    finished = run(config, score=scores_in_turn(0.5, 0.5, 0.5))
    before = tree(finished.run.path)
    again = run(config, resume=True)
    assert tree(finished.run.path) == before
    assert again.scores == finished.scores


def test_an_existing_run_is_not_written_over(run: Run, make_config: MakeConfig, tree: Tree) -> None:
    config = make_config(fitting={"epochs": 1})
    before = tree(run(config).run.path)
    with pytest.raises(ConfigError, match=r"already holds a run; give --resume"):
        run(config)
    assert tree(config.folder) == before


def test_a_folder_of_something_else_is_not_written_to(run: Run, make_config: MakeConfig, tree: Tree) -> None:
    config = make_config()
    config.folder.mkdir(parents=True)
    (config.folder / "novel.txt").touch()
    for resume in (False, True):
        with pytest.raises(ConfigError, match="is not empty and holds no run"):
            run(config, resume=resume)
    assert set(tree(config.folder)) == {"novel.txt"}


def test_a_run_that_was_cut_off_while_it_was_opened_can_be_resumed(run: Run, make_config: MakeConfig) -> None:
    config = make_config(fitting={"epochs": 1})
    config.folder.mkdir(parents=True)
    for name in ("data.json", "environment.json", ".config.yaml.x1y2"):
        (config.folder / name).touch()
    assert run(config, resume=True).run.finished
