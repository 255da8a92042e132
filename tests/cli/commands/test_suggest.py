import json
from collections.abc import Callable
from pathlib import Path

import pytest

from afteraction.data import Article, read_articles

Command = Callable[..., "tuple[int, str, str]"]


def test_suggestions_are_written_and_summed_up(
    command: Command, model_folder: Path, articles_file: Path, articles: list[Article], tmp_path: Path
) -> None:
    pool = tmp_path / "pool"
    pool.mkdir()
    (pool / "a.txt").write_text("Rebels killed 12 people near Gao.")
    (pool / "b.txt").write_text("Rebels killed 12 people near Gao.")
    (pool / "c.txt").write_text(articles[0].text)
    output = tmp_path / "to-annotate.jsonl"
    arguments = (model_folder, pool, "--annotated", articles_file, "--output", output, "--weight", "TARGET=2")
    status, out, err = command("data", "suggest", *arguments)
    assert (status, out) == (0, "")
    [article] = read_articles(output)
    assert article.text.startswith("Rebels")
    assert "1 article of 3; left out: 1 near-duplicates of others, 1 of annotated articles" in err
    (pool / "d.jsonl").write_text(json.dumps({"id": 1}) + "\n")
    assert command("data", "suggest", *arguments)[0] == 1


@pytest.mark.parametrize(
    ("option", "message"), [("TARGET", "needs a label and a number"), ("X=1", "the model has no such label")]
)
def test_wrong_weights_are_told(
    command: Command, model_folder: Path, articles_file: Path, tmp_path: Path, option: str, message: str
) -> None:
    output = tmp_path / "x.jsonl"
    status, _, err = command("data", "suggest", model_folder, articles_file, "--output", output, "--weight", option)
    assert (status, message in err, output.exists()) == (2, True, False)
