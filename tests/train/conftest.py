import gc
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import LABELS, Article, write_articles
from afteraction.train import DevScores, FitResult, ScoreRow, TrainConfig, fit, load_config
from afteraction.train.callbacks import read_log
from afteraction.training import dev_scores

MakeConfig = Callable[..., TrainConfig]
Run = Callable[..., FitResult]


@pytest.fixture(scope="session", autouse=True)
def quick_collection() -> Iterator[None]:
    """Saves time: the Trainer's `gc.collect` does not visit all modules."""
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


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Returns a function that trains as `fit` does, by default with the usual score and a cache for this test."""

    def score(gold: Sequence[Article], predicted: Sequence[Article]) -> DevScores:
        return dev_scores(gold, predicted, labels=LABELS)

    def start(config: TrainConfig, **options: Any) -> FitResult:
        return fit(config, **({"score": score, "cache": tmp_path / "cache"} | options))

    return start


@pytest.fixture(scope="session")
def scores_in_turn() -> Callable[..., Callable[..., DevScores]]:
    """Returns a function that makes a minimal custom score, without labels and intervals.

    The score returns in turn each micro F1 that it was made with.
    """

    def make_score(*values: float) -> Callable[..., DevScores]:
        turn = count()

        def next_score(_gold: Sequence[Article], _predicted: Sequence[Article]) -> DevScores:
            row = ScoreRow(precision=0.5, recall=0.5, f1=values[next(turn)], support=3)
            return DevScores(micro=row, macro=row, labels={})

        return next_score

    return make_score


@pytest.fixture(scope="session")
def assert_same_outcome() -> Callable[[FitResult, FitResult], None]:
    """Returns a function that checks that two runs have the same scores, weights and log, bit for bit."""

    def check(result: FitResult, other: FitResult) -> None:
        assert result.scores == other.scores
        weights, others = ((run.model / "model.safetensors").read_bytes() for run in (result.run, other.run))
        assert weights == others
        assert read_log(result.run.log) == read_log(other.run.log)

    return check
