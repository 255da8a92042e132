"""What training refuses: settings, articles and encoders that do not match, and weights that overflowed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import LABELS, Article, DataError, InputError, write_articles
from afteraction.train import ConfigError, FitResult, RunFolder, TrainConfig
from afteraction.train.preparation import prepare

MakeConfig = Callable[..., TrainConfig]
Run = Callable[..., FitResult]


def mislabelled(article: Article) -> Article:
    return article.with_fields(spans=[span.__class__(span.start, span.end, "TARGTE") for span in article.spans])


@pytest.mark.parametrize("part", ["train", "dev"])
def test_a_label_that_the_config_does_not_have_is_refused_with_file_and_article(
    run: Run, make_config: MakeConfig, articles: list[Article], tmp_path: Path, part: str
) -> None:
    file = tmp_path / "wrong.jsonl"
    config = make_config(data={part: [str(file)]})
    message = r"wrong\.jsonl: article 'second': unknown label 'TARGTE'; did you mean 'TARGET'\?"
    for wrong in (mislabelled(articles[1]), articles[1].with_fields(unknown_labels=("TARGTE",))):
        write_articles([articles[0], wrong], file)
        with pytest.raises(DataError, match=message):
            run(config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"window": {"size": 65}}, r"window\.size: 65 is more than the 64 positions of .*encoder"),
        ({"labels": ["PERPETRATOR", "TARGET"]}, r"articles\.jsonl: article 'first': unknown label 'DEATH_TOLL'"),
        ({"data": {"dev": ["nowhere.jsonl"]}}, r"nowhere\.jsonl: no such file"),
        ({"encoder": "no-such-encoder"}, "no-such-encoder"),
    ],
)
def test_a_run_that_is_refused_leaves_nothing_that_stands_in_the_way_of_the_next(
    run: Run, make_config: MakeConfig, changes: dict[str, Any], message: str
) -> None:
    config = make_config(**changes)
    with pytest.raises(ValueError, match=message):
        run(config)
    assert not config.folder.exists()


def test_training_articles_without_a_span_are_refused(run: Run, make_config: MakeConfig, tmp_path: Path) -> None:
    file = tmp_path / "bare.jsonl"
    write_articles([Article("bare", "Gunmen attacked a bus.")], file)
    config = make_config(data={"train": [str(file)]})
    with pytest.raises(DataError, match=r"data\.train: no article of .*bare\.jsonl has a span"):
        run(config)
    assert not config.folder.exists()


@pytest.mark.parametrize("texts", [(), ("Nothing happened.",)])
def test_development_articles_without_a_span_are_refused(
    run: Run, make_config: MakeConfig, tmp_path: Path, texts: tuple[str, ...]
) -> None:
    file = tmp_path / "bare.jsonl"
    write_articles([Article("bare", text) for text in texts], file)
    with pytest.raises(DataError, match=r"data\.dev: no article of .*bare\.jsonl has a span"):
        run(make_config(data={"dev": [str(file)]}))


def test_development_articles_whose_spans_are_not_scored_are_refused(
    run: Run, make_config: MakeConfig, articles: list[Article], tmp_path: Path
) -> None:
    file = tmp_path / "silver.jsonl"
    write_articles([article.with_fields(unknown_labels=LABELS) for article in articles], file)
    with pytest.raises(DataError, match=r"data\.dev: no article of .*silver\.jsonl has a span .* of unknown_labels"):
        run(make_config(data={"dev": [str(file)]}))


def test_development_articles_with_one_id_are_refused_before_training_not_at_the_first_evaluation(
    run: Run, make_config: MakeConfig, articles: list[Article], tmp_path: Path
) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    write_articles(articles, first)
    write_articles([Article("new", "Nothing happened."), articles[1]], second)
    config = make_config(data={"dev": [str(first), str(second)]})
    with pytest.raises(
        DataError, match=r"second\.jsonl: article 'second': .* another article with this id, in .*first"
    ):
        run(config)
    assert not config.folder.exists()


def test_a_development_file_that_is_trained_on_is_told(
    make_config: MakeConfig, articles: list[Article], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = make_config()
    prepare(config, cache=tmp_path)
    [name] = config.data.train
    message = f"data.dev: {name} is in data.train too, so the score says nothing about other articles"
    assert message in caplog.messages
    caplog.clear()
    write_articles(articles, tmp_path / "other.jsonl")
    prepare(make_config(data={"dev": [str(tmp_path / "other.jsonl")]}), cache=tmp_path)
    assert not any("data.train too" in logged for logged in caplog.messages)


def test_weights_that_are_no_numbers_are_not_saved_as_a_model(run: Run, make_config: MakeConfig) -> None:
    config = make_config(optimizer={"learning_rate": 1e30, "head_learning_rate": 1e30, "warmup": 0})
    with pytest.raises(InputError, match="set lower learning rates"):
        run(config)
    assert not RunFolder(config.folder).model.exists()


def test_a_loss_of_the_first_special_subword_needs_one(
    run: Run, make_config: MakeConfig, tiny_encoder: Path, tmp_path: Path
) -> None:
    encoder = shutil.copytree(tiny_encoder, tmp_path / "bare")
    tokenizer = json.loads((encoder / "tokenizer.json").read_text(encoding="utf-8"))
    (encoder / "tokenizer.json").write_text(json.dumps(tokenizer | {"post_processor": None}), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"fitting\.presence_loss: windows of .*bare begin with no special token"):
        run(make_config(encoder=str(encoder), fitting={"presence_loss": 1.0}))
