"""The commands that train several runs: `search` and `train --seeds`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from afteraction.model import Tagger

Command = Callable[..., Any]


@pytest.fixture
def config(articles_file: Path, tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AFTERACTION_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "small.yaml"
    path.write_text(
        f"runs: {tmp_path / 'runs'}\n"
        f"encoder: {tiny_encoder}\n"
        f"data: {{train: [{articles_file}], dev: [{articles_file}]}}\n"
        "window: {size: 48, stride: 8}\n"
        "optimizer: {learning_rate: 3.0e-3, head_learning_rate: 1.0e-2}\n"
        "fitting: {epochs: 2, tokens_per_batch: 128}\n"
    )
    return path


@pytest.mark.slow
def test_a_search_prints_its_trials_and_goes_on_with_the_same_command(
    command: Command, config: Path, tmp_path: Path
) -> None:
    space = tmp_path / "space.yaml"
    space.write_text("settings: {dropout.head: {low: 0.0, high: 0.5}, fitting.epochs: {choices: [2, 3]}}")
    outcome = command("search", config, space, "--trials", 3)
    assert outcome.status == 0, outcome.err
    folder = tmp_path / "runs" / "small-search"
    assert f"3 trials in {folder}: 3 finished, 0 stopped early, 0 failed" in outcome.out
    assert "The best development F1 of 3 trials is optimistic" in outcome.out
    rows = [line.split() for line in outcome.out.splitlines() if line.strip()[:1].isdigit()][1:]
    scores = [float(row[4 if row[1].startswith("(") else 1]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 3
    assert "trial 2 of 0 to 2: dropout.head=" in outcome.err
    assert command("search", config, space, "--trials", 3)[:2] == (0, outcome.out)
    assert command("train", folder / "best.yaml", "--dry-run").status == 0
    # A trial can be trained again by itself, in another folder.
    again = command("train", folder / "trial-1" / "config.yaml", "name=again")
    assert again.status == 0, again.err
    assert (folder / "again" / "model" / "model.safetensors").read_bytes() == (
        folder / "trial-1" / "model" / "model.safetensors"
    ).read_bytes()


@pytest.mark.slow
def test_seeds_are_trained_one_after_the_other_and_kept(command: Command, config: Path, tmp_path: Path) -> None:
    outcome = command("train", config, "--seeds", "1,2")
    assert outcome.status == 0, outcome.err
    folder = tmp_path / "runs" / "small-seeds"
    results = [json.loads((folder / f"seed-{seed}" / "result.json").read_text()) for seed in (1, 2)]
    f1 = [result["scores"]["micro"]["f1"] for result in results]
    [row] = [line.split() for line in outcome.out.splitlines() if line.strip().startswith("micro")]
    assert row[1:] == [f"{value:.3f}" for value in (np.mean(f1), np.std(f1, ddof=1), *f1)]
    assert [line for line in outcome.err.splitlines() if line.startswith("seed")] == [
        "seed 1, 1 of 2",
        "seed 2, 2 of 2",
    ]
    assert Tagger.load(folder / "seed-2" / "model").settings.window.size == 48

    again = command("train", config, "--seeds", "1,2")
    assert (again.status, again.out) == (2, "")
    assert "seed-1 already holds a run; give --resume" in again.err
    (folder / "seed-2" / "result.json").unlink()  # as if interrupted at its end
    more = command("train", config, "--seeds", "1,2,3", "--resume")
    assert more.status == 0, more.err
    content = json.loads((folder / "seeds.json").read_text())
    assert content["seeds"] == [1, 2, 3]
    assert content["f1"][0]["runs"][:2] == f1


def test_wrong_seeds_and_trials_are_refused(command: Command, config: Path, tmp_path: Path) -> None:
    for seeds, message in (("1,x", "'x' is not a whole number"), ("", "'' is not a whole"), ("1,1", "must all be")):
        outcome = command("train", config, "--seeds", seeds)
        assert (outcome.status, outcome.out) == (2, "")
        assert message in outcome.err
    space = tmp_path / "space.yaml"
    space.write_text("settings: {dropout.heat: {choices: [0.1]}}")
    outcome = command("search", config, space)
    assert outcome == (
        2,
        "",
        f"afteraction: {space}: setting 'dropout.heat': unknown key 'heat'; did you mean 'head'?\n",
    )
    assert command("search", config, space, "--trials", 0).status == 2
