"""Runs that crash, are killed or are stopped, and then resume from their last checkpoint as if nothing had happened."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import TrainerCallback

from afteraction.data import Article, write_articles
from afteraction.output.progress import training_progress
from afteraction.train import ConfigError, FitResult, RunFolder, TrainConfig, dump_config
from afteraction.train.callbacks import StoppedError, StopWhen, read_log

CHECKPOINT = ("model.safetensors", "optimizer.pt", "rng_state.pth", "scheduler.pt", "trainer_state.json")
"""The files of a checkpoint."""

MakeConfig = Callable[..., TrainConfig]
Run = Callable[..., FitResult]
SameOutcome = Callable[[FitResult, FitResult], None]
Tree = Callable[[Path], dict[str, bytes]]


class KilledError(Exception):
    pass


class Kill(TrainerCallback):
    """A simulated crash at a step of training."""

    def __init__(self, event: str, step: int) -> None:
        setattr(self, event, self._end)
        self._step = step

    def _end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == self._step:
            raise KilledError


def run_and_kill(run: Run, make_config: MakeConfig, *, step: int) -> tuple[FitResult, TrainConfig]:
    """Returns the result of a whole run, and the config of an identical run that was killed after a step."""
    fitting = {"evaluate_steps": 2}
    unbroken = run(make_config(name="unbroken", fitting=fitting))
    broken = make_config(name="broken", fitting=fitting)
    with pytest.raises(KilledError):
        run(broken, callbacks=[Kill("on_step_end", step)])
    return unbroken, broken


@pytest.mark.slow
def test_two_runs_in_bfloat16_are_equal_to_the_bit_one_of_them_resumed(
    run: Run, make_config: MakeConfig, assert_same_outcome: SameOutcome
) -> None:
    settings = {"epochs": 2, "precision": "bfloat16"}
    first = run(make_config(name="first", fitting=settings))
    with pytest.raises(KilledError):
        run(make_config(name="again", fitting=settings), callbacks=[Kill("on_step_end", 4)])
    assert_same_outcome(first, run(make_config(name="again", fitting=settings), resume=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("evaluate_steps", "minutes", "kills"),
    [
        pytest.param(2, 10, [Kill("on_step_end", 5)], id="mid-epoch"),
        pytest.param(None, 10, [Kill("on_step_end", 8)], id="mid-epoch-with-a-checkpoint-an-epoch"),
        pytest.param(None, 1e-9, [Kill("on_save", 1), Kill("on_step_end", 6)], id="timed-checkpoints"),
        pytest.param(
            2,
            10,
            [
                Kill("on_step_end", 1),  # before the first checkpoint
                Kill("on_evaluate", 4),  # between evaluation and checkpoint
                Kill("on_save", 4),
                Kill("on_step_end", 7),  # the last checkpoint is from the end of an epoch
                Kill("on_train_end", 9),  # before the model is saved
            ],
            id="time-and-again",
        ),
    ],
)
def test_a_broken_run_resumed_is_the_unbroken_one_to_the_bit(
    run: Run,
    make_config: MakeConfig,
    evaluate_steps: int | None,
    minutes: float,
    kills: list[Kill],
    assert_same_outcome: SameOutcome,
) -> None:
    fitting = {"evaluate_steps": evaluate_steps, "patience": 4}
    unbroken = run(make_config(name="unbroken", fitting=fitting))
    broken = make_config(name="broken", fitting=fitting | {"checkpoint_minutes": minutes})
    for kill in kills:
        with pytest.raises(KilledError):
            run(broken, callbacks=[kill], resume=True)
    assert not (broken.folder / "model").exists()
    assert_same_outcome(run(broken, resume=True), unbroken)


@pytest.mark.parametrize("evaluate_steps", [None, 2])
def test_a_run_that_patience_ended_does_not_go_on_when_it_is_resumed(
    run: Run,
    make_config: MakeConfig,
    evaluate_steps: int | None,
    scores_in_turn: Callable[..., Any],
    assert_same_outcome: SameOutcome,
) -> None:
    fitting = {"evaluate_steps": evaluate_steps, "patience": 2}
    scores = (0.2, 0.1, 0.1, 0.9, 0.9)  # the second evaluation in vain is the last, not the best of all
    unbroken = run(make_config(name="unbroken", fitting={"epochs": 5} | fitting), score=scores_in_turn(*scores))
    broken = make_config(name="broken", fitting={"epochs": 5} | fitting)
    score = scores_in_turn(*scores)
    with pytest.raises(KilledError):
        run(broken, callbacks=[Kill("on_train_end", 3 * (evaluate_steps or 3))], score=score)
    assert_same_outcome(run(broken, resume=True, score=score), unbroken)


def test_checkpoints_are_timed_but_an_epoch_ends_with_one_only_after_its_evaluation(
    run: Run, make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afteraction.train.fitting.LOG_STEPS", 1)
    saved: list[tuple[int, int]] = []  # the step of each checkpoint, and the evaluations before it

    class Note(TrainerCallback):
        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            saved.append((state.global_step, sum("eval_micro_f1" in entry for entry in state.log_history)))

    run(make_config(fitting={"epochs": 2, "checkpoint_minutes": 1e-9}), callbacks=[Note()])
    assert saved == [(1, 0), (2, 0), (3, 1), (4, 1), (5, 1), (6, 2)]
    saved.clear()
    run(make_config(name="rare", fitting={"epochs": 2, "checkpoint_minutes": 10}), callbacks=[Note()])
    assert saved == [(3, 1), (6, 2)]


@pytest.mark.slow
def test_a_checkpoint_that_was_not_written_whole_is_passed_over(
    run: Run, make_config: MakeConfig, assert_same_outcome: SameOutcome
) -> None:
    unbroken, broken = run_and_kill(run, make_config, step=5)
    checkpoints = RunFolder(broken.folder).checkpoints
    shutil.copytree(checkpoints / "checkpoint-4", checkpoints / "checkpoint-5")
    (checkpoints / "checkpoint-5" / "trainer_state.json").unlink()
    (checkpoints / "checkpoint-5" / "model.safetensors").write_bytes(b"cut off")
    assert RunFolder(broken.folder).last_checkpoint() == checkpoints / "checkpoint-4"
    assert_same_outcome(run(broken, resume=True), unbroken)
    assert not (checkpoints / "checkpoint-5").exists()


def test_a_damaged_file_of_a_run_to_resume_is_named(run: Run, make_config: MakeConfig) -> None:
    config = make_config(fitting={"evaluate_steps": 2})
    with pytest.raises(KilledError):
        run(config, callbacks=[Kill("on_step_end", 5)])
    folder = RunFolder(config.folder)
    checkpoint = folder.checkpoints / "checkpoint-2"  # not the newest
    for file in (folder.config, folder.data, *(checkpoint / name for name in CHECKPOINT)):
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2] if file != folder.config else b"")
        with pytest.raises(ConfigError, match=rf"{file.name}: cannot resume: the file is cut short or damaged; choose"):
            run(config, resume=True)
        file.write_bytes(whole)
    run(config, resume=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKPOINT)
def test_where_the_newest_checkpoint_is_damaged_the_one_before_is_used(
    run: Run, make_config: MakeConfig, name: str, caplog: pytest.LogCaptureFixture, assert_same_outcome: SameOutcome
) -> None:
    unbroken, broken = run_and_kill(run, make_config, step=7)
    file = RunFolder(broken.folder).checkpoints / "checkpoint-6" / name
    file.write_bytes(file.read_bytes()[:-20])
    assert_same_outcome(run(broken, resume=True), unbroken)
    assert (
        f"{file}: cannot resume: the file is cut short or damaged; training resumes from an earlier point"
        in caplog.text
    )


def test_what_a_killed_run_left_is_removed(run: Run, make_config: MakeConfig) -> None:
    config = make_config(fitting={"epochs": 1})
    with pytest.raises(KilledError):
        run(config, callbacks=[Kill("on_step_end", 2)])
    left = [config.folder / ".data.json.abcdefgh", config.folder / "model" / ".README.md.abcdefgh"]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    run(config, resume=True)
    assert not any(path.exists() for path in left)


@pytest.mark.slow
def test_a_run_killed_by_the_system_can_be_resumed(
    run: Run, make_config: MakeConfig, tmp_path: Path, assert_same_outcome: SameOutcome
) -> None:
    fitting = {"evaluate_steps": 2}
    unbroken = run(make_config(name="unbroken", fitting=fitting))
    broken = make_config(name="broken", fitting=fitting)
    (tmp_path / "broken.yaml").write_text(dump_config(broken), encoding="utf-8")
    script = """
import os, signal, sys
from pathlib import Path
import torch
from transformers import TrainerCallback
from afteraction.train import load_config
from afteraction.training import fit

class Kill(TrainerCallback):
    def on_step_end(self, args, state, control, **_):
        if state.global_step == 5:
            os.kill(os.getpid(), signal.SIGKILL)

torch.set_num_threads(1)
config = load_config(sys.argv[1])
fit(config, cache=Path(sys.argv[2]), callbacks=[Kill()])
"""
    command = [sys.executable, "-c", script, str(tmp_path / "broken.yaml"), str(tmp_path / "cache")]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -9
    assert (broken.folder / "checkpoints" / "checkpoint-4" / "trainer_state.json").is_file()
    assert_same_outcome(run(broken, resume=True), unbroken)


def test_resuming_with_another_config_or_other_data_is_refused(
    run: Run, make_config: MakeConfig, articles: list[Article], tree: Tree
) -> None:
    config = make_config()
    with pytest.raises(KilledError):
        run(config, callbacks=[Kill("on_step_end", 4)])
    before = tree(config.folder)
    with pytest.raises(ConfigError, match=r"cannot resume: its fitting\.epochs was 3, now 4; choose"):
        run(make_config(fitting={"epochs": 4}), resume=True)
    write_articles(articles[1:], Path(config.data.train[0]))
    with pytest.raises(ConfigError, match=r"cannot resume: .*articles\.jsonl has changed since"):
        run(config, resume=True)
    assert tree(config.folder) == before


def test_resuming_a_run_that_never_began_begins_it(
    run: Run, make_config: MakeConfig, assert_same_outcome: SameOutcome
) -> None:
    fresh = run(make_config(name="fresh", fitting={"epochs": 1}))
    resumed = run(make_config(name="resumed", fitting={"epochs": 1}), resume=True)
    assert_same_outcome(fresh, resumed)


def test_a_resumed_run_logs_its_checkpoint(run: Run, make_config: MakeConfig, caplog: pytest.LogCaptureFixture) -> None:
    config = make_config(fitting={"epochs": 2})
    with pytest.raises(KilledError):
        run(config, callbacks=[Kill("on_step_end", 4)])
    with caplog.at_level("INFO", logger="afteraction"):
        run(config, resume=True)
    assert f"resuming from {config.folder / 'checkpoints' / 'checkpoint-3'}" in caplog.messages
    assert any("read from the cache" in message for message in caplog.messages)


def test_a_run_that_is_stopped_is_not_finished_and_can_be_resumed(
    run: Run, make_config: MakeConfig, assert_same_outcome: SameOutcome
) -> None:
    asked: list[tuple[float, float]] = []

    def should_stop(share: float, score: float) -> bool:
        asked.append((share, score))
        return True

    config = make_config(name="stopped")
    with pytest.raises(StoppedError):
        run(config, callbacks=[StopWhen(should_stop)])
    assert not RunFolder(config.folder).finished
    unbroken = run(make_config(name="unbroken"))
    [first, *_] = [entry["eval_micro_f1"] for entry in read_log(unbroken.run.log) if "eval_micro_f1" in entry]
    assert asked == [(1 / 3, first)]
    assert_same_outcome(run(config, resume=True), unbroken)


def test_a_resumed_run_that_patience_ends_is_not_asked_whether_to_stop(
    run: Run, make_config: MakeConfig, scores_in_turn: Callable[..., Any]
) -> None:
    asked: list[tuple[float, float]] = []

    def should_stop(share: float, score: float) -> bool:
        asked.append((share, score))
        return False

    config, score = make_config(fitting={"epochs": 4, "patience": 1}), scores_in_turn(0.5, 0.1)
    with pytest.raises(KilledError):
        run(config, callbacks=[StopWhen(should_stop), Kill("on_step_end", 5)], score=score)
    run(config, callbacks=[StopWhen(should_stop)], score=score, resume=True)
    assert asked == [(1 / 4, 0.5)]


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory")])
def test_a_batch_that_does_not_fit_in_memory_names_the_key_and_the_run_goes_on_with_more(
    run: Run, make_config: MakeConfig, error: Exception, assert_same_outcome: SameOutcome
) -> None:
    whole = run(make_config(name="whole"))

    class Full(TrainerCallback):
        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step == 5:
                raise error

    with pytest.raises(ConfigError, match=r"fitting\.tokens_per_batch: training with 128 does not fit in memory; set"):
        run(make_config(), callbacks=[Full()])
    assert_same_outcome(run(make_config(), resume=True), whole)


def test_a_clock_that_steps_back_changes_nothing(
    run: Run, make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch, assert_same_outcome: SameOutcome
) -> None:
    whole = run(make_config(name="whole"))
    now, steps = time.time(), count()
    monkeypatch.setattr(time, "time", lambda: now - 3600 * next(steps))
    with pytest.raises(KilledError):
        run(make_config(), callbacks=[Kill("on_step_end", 5), *training_progress()])
    assert_same_outcome(run(make_config(), resume=True, callbacks=training_progress()), whole)
    assert next(steps) > 2
