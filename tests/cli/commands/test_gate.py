import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from afteraction.data import Article, Span, read_articles, write_articles
from afteraction.model.gate import is_skipped, read_gate

Command = Callable[..., Any]


@pytest.fixture
def files(model_folder: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Returns a model without a gate, and articles. Those with a span are about attacks."""
    shutil.copytree(model_folder, tmp_path / "model")
    rng = np.random.default_rng(2)
    articles = []
    for number in range(200):
        words = ["rebels", "killed", "bus"] if number % 2 else ["market", "river", "school"]
        text = " ".join(rng.choice(words, 12))
        articles.append(Article(f"a{number}", text, (Span(0, 3, "TARGET"),) if number % 2 else ()))
    write_articles(articles, tmp_path / "in.jsonl")
    return tmp_path / "model", tmp_path / "in.jsonl"


def test_it_is_made_printed_and_asked(command: Command, files: tuple[Path, Path], tmp_path: Path) -> None:
    model, articles = files
    status, out, err = command("gate", model, articles, "--recall", "0.95")
    assert (status, err) == (0, "")
    first, second = out.splitlines()
    share = read_gate(model).with_spans
    assert first.startswith(f"{share.passed} of 100 articles with spans pass: {share.passed}.0%, 95 % interval ")
    assert second.startswith(f"{read_gate(model).without.passed} of 100 articles without pass: ")

    skipped = sum(not read_gate(model).passes(article.text) for article in read_articles(articles))
    assert 60 < skipped < 110
    line = f"afteraction: {skipped} of 200 articles did not pass the gate and were not read\n"
    for output in (tmp_path / "out.jsonl", tmp_path / "folder"):
        status, out, err = command("predict", model, articles, "--gate", "--other-languages", "off", "--output", output)
        assert (status, line in err) == (0, True)
    labelled = list(read_articles(tmp_path / "out.jsonl"))
    assert sum(map(is_skipped, labelled)) == skipped
    assert "not read: it did not pass the gate" in command("predict", model, articles, "--gate").out


def test_without_a_gate_and_with_a_share_above_one_it_is_refused(command: Command, files: tuple[Path, Path]) -> None:
    model, articles = files
    assert "it has no gate.json" in command("predict", model, articles, "--gate").err
    assert command("gate", model, articles, "--recall", "2").status == 2
