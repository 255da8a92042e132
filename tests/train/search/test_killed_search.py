"""A search whose process is killed by the system, with real runs of tiny models."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from afteraction.train import RunFolder, load_config

SCRIPT = """
import json, os, signal, sys
from dataclasses import asdict
from pathlib import Path
import torch
from transformers import TrainerCallback
from afteraction.train import DevScores, ScoreRow, fit
from afteraction.train.callbacks import StopWhen
from afteraction.train.search import search

config, space, cache, name, trial, step = sys.argv[1:]

class Kill(TrainerCallback):
    def on_step_end(self, args, state, control, **_):
        if Path(args.output_dir).parent.name == trial and state.global_step == int(step):
            os.kill(os.getpid(), signal.SIGKILL)

def characters(articles):
    return {(a.id, at, s.label) for a in articles for s in a.spans for at in range(s.start, s.end)}

def score(gold, predicted):
    # By characters, since so tiny a model learns no whole span in a few steps.
    gold, predicted = characters(gold), characters(predicted)
    f1 = 2 * len(gold & predicted) / (len(gold) + len(predicted))
    row = ScoreRow(precision=f1, recall=f1, f1=f1, support=len(gold), low=f1, high=f1)
    return DevScores(row, row, {})

def objective(of_trial, should_stop):
    callbacks = [Kill(), StopWhen(should_stop)]
    return fit(of_trial, score=score, resume=True, cache=Path(cache), callbacks=callbacks).scores

torch.set_num_threads(1)
result = search(config, Path(space), objective=objective, trials=3, overrides=[f"name={name}", "fitting.epochs=12"])
print(json.dumps([asdict(trial) for trial in result.trials]))
"""


@pytest.mark.slow
def test_a_search_killed_by_the_system_ends_as_an_unbroken_one(config_file: Path, tmp_path: Path) -> None:
    space = tmp_path / "rates.yaml"
    space.write_text("settings: {optimizer.learning_rate: {low: 1e-4, high: 1e-2, log: true}}\nprune_after: 1")
    cache = tmp_path / "cache"

    def run_script(name: str, trial: str, step: int) -> subprocess.CompletedProcess[str]:
        arguments = [str(config_file), str(space), str(cache), name, trial, str(step)]
        command = [sys.executable, "-c", SCRIPT, *arguments]
        return subprocess.run(command, check=False, capture_output=True, text=True)

    unbroken = run_script("unbroken", "none", 0)
    assert unbroken.returncode == 0, unbroken.stderr
    trials = json.loads(unbroken.stdout)
    assert {trial["state"] for trial in trials} == {"finished", "pruned"}
    # Before and after the first checkpoint, which is written after three steps.
    for trial, step in (("trial-1", 2), ("trial-2", 20)):
        killed = run_script("broken", trial, step)
        assert killed.returncode == -9, killed.stderr
    broken = run_script("broken", "none", 0)
    assert broken.returncode == 0, broken.stderr
    assert json.loads(broken.stdout) == trials

    runs = load_config(config_file).runs
    for trial in trials:
        ours, theirs = (
            RunFolder(runs / f"{name}-search" / f"trial-{trial['number']}") for name in ("broken", "unbroken")
        )
        assert ours.log.read_text() == theirs.log.read_text()
        assert ours.finished == theirs.finished == (trial["state"] == "finished")
        assert load_config(ours.config).folder == ours.path
        if ours.finished:
            weights, others = ((folder.model / "model.safetensors").read_bytes() for folder in (ours, theirs))
            assert weights == others
