import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from afteraction.data import Article, Span, write_articles
from afteraction.train import ConfigError, TrainConfig, dump_config
from afteraction.training import fit

MakeConfig = Callable[..., TrainConfig]


def train_in_two_processes(config: TrainConfig) -> None:
    """Trains with `afteraction train`, whose config is written beside the folder of the runs."""
    file = config.runs.parent / "two.yaml"
    file.write_text(dump_config(config), encoding="utf-8")
    # Addresses are given as numbers, since the name of a build machine may not resolve.
    loopback = "lo0" if sys.platform == "darwin" else "lo"
    launcher = "-m torch.distributed.run --standalone --local-addr 127.0.0.1 --nproc_per_node 2"
    cache = str(file.parent / "cache")
    launched = subprocess.run(
        [sys.executable, *launcher.split(), "-m", "afteraction", "train", str(file)],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": loopback, "AFTERACTION_CACHE": cache},
    )
    assert launched.returncode == 0, launched.stderr


@pytest.mark.slow
def test_a_step_of_two_processes_is_that_of_one_with_both_batches(make_config: MakeConfig, tmp_path: Path) -> None:
    # 18 and 30 subwords make one batch for each of two processes, or one batch together, with unequal label counts.
    short = Article("short", "rebels" + " killed" * 15, (Span(0, 6, "PERPETRATOR"),))
    long = Article("long", "the army" + " said the" * 13, (Span(0, 8, "TARGET"),))
    file = tmp_path / "two.jsonl"
    write_articles([short, long], file)
    sections = {
        "data": {"train": [str(file)], "dev": [str(file)]},
        "dropout": {"hidden": 0, "attention": 0, "head": 0, "subwords": 0},
        "optimizer": {"learning_rate": 1e-3, "warmup": 0},
    }
    two = make_config(name="two", **sections, fitting={"epochs": 1, "tokens_per_batch": 32})
    train_in_two_processes(two)
    assert [path.name for path in two.runs.iterdir()] == ["two"]

    one = make_config(name="one", **sections, fitting={"epochs": 1, "tokens_per_batch": 64})
    fit(one, cache=tmp_path / "cache")
    logs = [(config.folder / "log.jsonl").read_text(encoding="utf-8").splitlines() for config in (two, one)]
    first_of_two, first_of_one = (json.loads(log[0]) for log in logs)
    assert [len(log) for log in logs] == [2, 2]
    for name in ("loss", "grad_norm"):
        assert first_of_two[name] == pytest.approx(first_of_one[name], rel=1e-5)

    weights, others = (load_file(config.folder / "model" / "model.safetensors") for config in (two, one))
    before = load_file(Path(one.encoder) / "model.safetensors")
    for name, tensor in weights.items():
        if name.endswith("key.bias"):  # softmax ignores it, so its gradient is only rounding, which Adam scales up
            continue
        assert torch.allclose(tensor, others[name], rtol=0, atol=1e-6), name
    moved = weights["bert.encoder.layer.0.output.dense.weight"] - before["encoder.layer.0.output.dense.weight"]
    assert moved.abs().mean() > 1e-4
    assert json.loads(logs[0][1]) == json.loads(logs[1][1])


@pytest.mark.slow
def test_both_processes_take_part_in_a_timed_checkpoint_and_one_alone_does_not_resume_it(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(fitting={"epochs": 1, "tokens_per_batch": 64, "checkpoint_minutes": 1e-9})
    train_in_two_processes(config)
    timed, last = sorted((config.folder / "checkpoints").iterdir())
    assert timed.name == "checkpoint-1"
    for checkpoint in (timed, last):
        assert len(list(checkpoint.glob("rng_state_*.pth"))) == 2
    (config.folder / "result.json").unlink()
    with pytest.raises(ConfigError, match=r"cannot resume: its number of processes was 2, now 1; choose another name="):
        fit(config, resume=True, cache=tmp_path / "cache")
