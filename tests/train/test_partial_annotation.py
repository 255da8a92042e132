from collections.abc import Callable
from pathlib import Path

import pytest

from afteraction.data import Article, write_articles
from afteraction.train import TrainConfig
from afteraction.training import fit

UNKNOWN = ("TARGET", "DEATH_TOLL")


@pytest.mark.slow
def test_partly_annotated_articles_train_beside_whole_ones(
    make_config: Callable[..., TrainConfig], articles: list[Article], tmp_path: Path
) -> None:
    partial = [
        article.with_fields(
            spans=tuple(span for span in article.spans if span.label not in UNKNOWN), unknown_labels=UNKNOWN
        )
        for article in articles
    ]
    write_articles([*partial, *articles], tmp_path / "mixed.jsonl")
    config = make_config(data={"train": [str(tmp_path / "mixed.jsonl")]}, fitting={"epochs": 12})
    result = fit(config, cache=tmp_path / "cache")
    assert result.scores.labels["TARGET"].f1 > 0.5
