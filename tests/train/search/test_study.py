import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import InputError
from afteraction.train import ScoreRow, load_config
from afteraction.train.search import SearchSpace, Study, check_space
from afteraction.train.search.picture import importances


def open_study(file: Path, settings: dict[str, Any], **options: Any) -> Study:
    space = SearchSpace.model_validate({"settings": settings} | options)
    return Study(file, space=space, dimensions=check_space(space, load_config("default"), source="space.yaml"))


def row(f1: float) -> ScoreRow:
    return ScoreRow(precision=f1, recall=f1, f1=f1, support=3, low=f1 - 0.1, high=f1 + 0.1)


def test_a_small_space_is_tried_completely_and_without_repetition(tmp_path: Path) -> None:
    settings = {"fitting.epochs": {"low": 19, "high": 21}, "dropout.head": {"choices": [0.1, 0.3]}}
    study = open_study(tmp_path / "study.jsonl", settings)
    tried = []
    while (proposed := study.propose()) is not None:
        tried.append((proposed["fitting.epochs"], proposed["dropout.head"]))
        study.finish(study.add(proposed).number, row(0.5))
    assert sorted(tried) == sorted(product((19, 20, 21), (0.1, 0.3)))


def test_proposals_are_in_the_space_and_depend_on_the_trials_and_the_seed_alone(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "optimizer.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
        "fitting.tokens_per_batch": {"low": 16, "high": 4096, "log": True},
        "data.train": {"choices": [["bundled:train"], ["bundled:train", "bundled:dev"]]},
    }
    proposals = []
    for run in ("first", "again"):
        study = open_study(tmp_path / f"{run}.jsonl", settings)
        for number in range(14):  # from the eleventh trial on, Optuna's model proposes
            if run == "again":
                study = open_study(tmp_path / f"{run}.jsonl", settings)
            proposed = study.propose()
            assert proposed is not None
            assert 1e-4 <= proposed["optimizer.learning_rate"] <= 1e-2
            assert float(f"{proposed['optimizer.learning_rate']:.4g}") == proposed["optimizer.learning_rate"]
            assert isinstance(proposed["fitting.tokens_per_batch"], int)
            assert proposed["data.train"] in settings["data.train"]["choices"]
            trial = study.add(proposed)
            assert (trial.number, trial.state, trial.settings) == (number, "begun", proposed)
            study.finish(number, row(proposed["optimizer.learning_rate"] * 50))
        proposals.append([trial.settings for trial in study.trials()])
    assert proposals[0] == proposals[1]
    other = open_study(tmp_path / "other.jsonl", settings, seed=1)
    assert other.propose() != proposals[0][0]


def test_a_trial_below_the_median_of_finished_ones_is_seen(tmp_path: Path) -> None:
    study = open_study(tmp_path / "study.jsonl", {"fitting.epochs": {"low": 1, "high": 30}}, prune_after=3)
    for epochs, score in ((20, 0.4), (21, 0.5), (22, 0.6)):
        number = study.add({"fitting.epochs": epochs}).number
        study.report(number, 0.25, score)
        assert not study.is_below_median(number)
        study.finish(number, row(score))
    for epochs, score in ((1, 0.49), (2, 0.5)):
        number = study.add({"fitting.epochs": epochs}).number
        study.report(number, 0.25, score)
        study.report(number, 0.25, 0.9)  # the first report counts
        assert study.is_below_median(number) == (score < 0.5)
        study.prune(number)
    assert [trial.state for trial in study.trials()] == ["finished"] * 3 + ["pruned"] * 2
    assert study.trials()[3].evaluations == ((0.25, 0.49),)
    never = open_study(tmp_path / "never.jsonl", {"fitting.epochs": {"low": 1, "high": 30}}, prune_after=None)
    for score in (0.9, 0.1):
        number = never.add({"fitting.epochs": int(score * 10)}).number
        never.report(number, 0.5, score)
        assert not never.is_below_median(number)
        never.finish(number, row(score))


def test_a_line_that_a_crash_cut_off_is_no_trial(tmp_path: Path) -> None:
    file, settings = tmp_path / "study.jsonl", {"fitting.epochs": {"low": 1, "high": 30}}
    study = open_study(file, settings)
    study.finish(study.add({"fitting.epochs": 20}).number, row(0.5))
    whole = file.read_bytes()
    study.add({"fitting.epochs": 3})
    file.write_bytes(file.read_bytes()[:-9])
    (tmp_path / "study.jsonl.lock").symlink_to(file)  # as Optuna locks it
    again = open_study(file, settings)
    assert file.read_bytes() == whole
    again.add({"fitting.epochs": 4})
    assert [trial.settings["fitting.epochs"] for trial in open_study(file, settings).trials()] == [20, 4]


def test_a_damaged_study_is_refused(tmp_path: Path) -> None:
    file, settings = tmp_path / "study.jsonl", {"fitting.epochs": {"low": 1, "high": 30}}
    open_study(file, settings).add({"fitting.epochs": 20})
    lines = file.read_bytes().splitlines(keepends=True)
    for damaged in (b"not JSON\n", json.dumps({"op_code": 4}).encode() + b"\n"):
        file.write_bytes(b"".join([lines[0], damaged, *lines[1:]]))
        with pytest.raises(InputError, match=r"study\.jsonl: the file is damaged; choose another name="):
            open_study(file, settings)


def test_the_setting_that_decides_the_score_is_the_most_important(tmp_path: Path) -> None:
    settings = {"dropout.head": {"low": 0.0, "high": 0.5}, "dropout.hidden": {"low": 0.0, "high": 0.5}}
    study = open_study(tmp_path / "study.jsonl", settings)
    for number in range(16):
        assert importances(study) == {} or number >= 8
        proposed = study.propose()
        assert proposed is not None
        study.finish(study.add(proposed).number, row(0.9 - proposed["dropout.hidden"]))
    found = importances(study)
    assert list(found) == ["dropout.hidden", "dropout.head"]
    assert sum(found.values()) == pytest.approx(1)
