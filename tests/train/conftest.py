import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import Article, write_articles
from afteraction.train import TrainConfig, load_config

MakeConfig = Callable[..., TrainConfig]


@pytest.fixture(scope="session", autouse=True)
def quick_collection() -> Iterator[None]:
    """Saves time by keeping the Trainer's `gc.collect` from visiting all modules."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def make_config(tmp_path: Path, tiny_encoder: Path, articles: list[Article]) -> MakeConfig:
    """Returns a function that makes a config for a file of `articles`, with three steps per epoch.

    Its arguments take precedence over the settings here, key by key within a section.
    """
    file = tmp_path / "articles.jsonl"
    write_articles(articles, file)

    def make(**changes: Any) -> TrainConfig:
        settings: dict[str, Any] = load_config("default").model_dump(mode="json")
        given: dict[str, Any] = {
            "name": "run",
            "runs": tmp_path / "runs",
            "encoder": str(tiny_encoder),
            "data": {"train": [str(file)], "dev": [str(file)]},
            "window": {"size": 48, "stride": 8},
            "dropout": {"hidden": 0.1, "attention": 0.1, "head": 0.2, "subwords": 0.1},
            "optimizer": {"learning_rate": 3e-3, "head_learning_rate": 1e-2},
            "fitting": {"epochs": 3, "tokens_per_batch": 128, "patience": None},
        }
        for key, value in [*given.items(), *changes.items()]:
            settings[key] = settings[key] | value if isinstance(value, dict) else value
        return TrainConfig.model_validate(settings)

    return make
