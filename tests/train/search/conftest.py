from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from afteraction.train import TrainConfig, dump_config

SPACE = {
    "settings": {
        "optimizer.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
        "fitting.epochs": {"low": 2, "high": 4},
        "dropout.head": {"choices": [0.0, 0.2]},
    },
    "prune_after": 2,
}


@pytest.fixture
def config_file(make_config: Callable[..., TrainConfig], tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(dump_config(make_config(name="tiny")), encoding="utf-8")
    return path


@pytest.fixture
def space_file(tmp_path: Path) -> Path:
    path = tmp_path / "space.yaml"
    path.write_text(yaml.safe_dump(SPACE), encoding="utf-8")
    return path
