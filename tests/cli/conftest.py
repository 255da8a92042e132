from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from transformers import set_seed

from afteraction.__main__ import run
from afteraction.data import LABELS, Article, LabelScheme, WindowConfig, write_articles
from afteraction.model import ModelSettings, build_classifier, load_tokenizer, save_model
from afteraction.model.card import CardScore, DataFile, TrainingRecord


class Outcome(NamedTuple):
    """The outcome of a command: its exit status, its standard output and its standard error."""

    status: int
    out: str
    err: str


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Returns a function that runs a command."""

    def run_command(*arguments: object) -> Outcome:
        capfd.readouterr()
        status = run([str(argument) for argument in arguments])
        return Outcome(status, *capfd.readouterr())

    return run_command


@pytest.fixture(scope="session")
def model_folder(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Saves a model with a random head, which finds many meaningless spans, and returns its folder."""
    folder = tmp_path_factory.mktemp("model")
    set_seed(3)
    model = build_classifier(
        str(tiny_encoder), scheme=LabelScheme(), hidden_dropout=0, attention_dropout=0, head_dropout=0
    )
    settings = ModelSettings(window=WindowConfig(size=48, stride=8), thresholds=dict.fromkeys(LABELS, 0.0))
    save_model(folder, model=model, tokenizer=load_tokenizer(str(tiny_encoder)), settings=settings)
    return folder


@pytest.fixture
def articles_file(tmp_path: Path, articles: list[Article]) -> Path:
    path = tmp_path / "articles.jsonl"
    write_articles(articles, path)
    return path


@pytest.fixture
def training_record() -> TrainingRecord:
    """Returns the training record of a model whose training articles do not exist."""
    packages = {"afteraction": "0.2.0", "torch": "2.9"}
    return TrainingRecord(
        name="m",
        encoder="tiny",
        labels=LABELS,
        data=(DataFile(name="bundled:train", roles=("training",), sha256="0" * 64),),
        scores=(CardScore(name="micro", precision=0.5, recall=0.5, f1=0.5, low=0.4, high=0.6, support=7),),
        config={"fitting": {"seed": 7}},
        environment={
            "git": {"commit": "4a1b", "modified": False},
            "packages": packages,
            "processor": "CPU",
            "cores": 2,
        },
    )
