import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from afteraction.data import Article, read_articles, write_articles
from afteraction.model import EXPORTED_FILE, Tagger

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

Command = Callable[..., Any]


@pytest.fixture
def gold(tuned_folder: Path, tmp_path: Path, articles: list[Article]) -> Path:
    """Returns a file of articles with the spans that the model finds."""
    path = tmp_path / "gold.jsonl"
    write_articles(Tagger.load(tuned_folder).predict(articles), path)
    return path


def test_exporting_says_what_it_costs_and_the_folder_is_a_model(
    command: Command, tuned_folder: Path, gold: Path, tmp_path: Path
) -> None:
    output = tmp_path / "new" / "exported"
    status, out, err = command("export", tuned_folder, output, "--format", "onnx", "--dev", gold)
    assert (status, err) == (0, "")
    size = sum(path.stat().st_size for path in output.iterdir()) / 1e6
    first, second = out.splitlines()
    assert first == f"{output}: {size:.2f} MB"
    assert second.startswith("Strict micro F1 on 4 articles: model 1.000, exported 1.000, difference +0.000")
    assert [path.name for path in output.parent.iterdir()] == ["exported"]
    predicted = tmp_path / "predicted.jsonl"
    assert command("predict", output, gold, "--output", predicted).status == 0
    found, expected = (
        [(article.id, span.start, span.end, span.label) for article in read_articles(path) for span in article.spans]
        for path in (predicted, gold)
    )
    assert found == expected
    scored = json.loads(command("evaluate", gold, "--model", output, "--json").out)
    assert scored["mentions"]["strict"]["micro"]["f1"] == 1.0
    assert command("evaluate", gold, "--model", output, "--report", tmp_path / "report").status == 0
    record = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert {"model, model.onnx, SHA-256", f"model, {EXPORTED_FILE}, SHA-256"} <= set(record["provenance"])


def test_an_export_that_loses_too_much_is_refused_with_the_figures(
    command: Command, tuned_folder: Path, articles: list[Article], tmp_path: Path
) -> None:
    # One value is so large that 8 bits leave little room for the others. Nothing reads it, so the model itself works.
    # The weights that read the others are scaled up, since random weights make almost no difference.
    weights = load_file(tuned_folder / "model.safetensors")
    for layer in ("bert.encoder.layer.0", "bert.encoder.layer.1"):
        for writer, reader in (("intermediate", "output"), ("attention.self.value", "attention.output")):
            name = writer if writer.endswith("value") else f"{writer}.dense"
            weights[f"{layer}.{name}.bias"][0] = 1e4
            weights[f"{layer}.{reader}.dense.weight"] *= 30.0
            weights[f"{layer}.{reader}.dense.weight"][:, 0] = 0.0
    save_file(weights, tuned_folder / "model.safetensors", metadata={"format": "pt"})
    gold, output = tmp_path / "gold.jsonl", tmp_path / "exported"
    write_articles(Tagger.load(tuned_folder).predict(articles), gold)
    status, out, err = command("export", tuned_folder, output, "--dev", gold)
    assert (status, out) == (2, "")
    found = re.fullmatch(
        rf"afteraction: {tuned_folder}: as onnx-int8, its strict micro F1 on {gold} falls from 1.0000 to (0\.\d+), by "
        r"more than 0.005; nothing was written\n",
        err,
    )
    assert found is not None
    assert float(found[1]) < 0.995
    assert not [path for path in tmp_path.iterdir() if "exported" in path.name]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("export nowhere {folder}/exported --dev {gold}", "nowhere: no such model folder"),
        ("export {model} {model} --dev {gold}", "tuned: not empty; name a new folder"),
        ("export {model} {gold} --dev {gold}", "gold.jsonl: a file; name a folder to write"),
        ("export {model} {folder}/exported --dev nowhere.jsonl", "nowhere.jsonl: no such file"),
        ("export {model} {folder}/exported --format onnx-int4", "Invalid value for '--format'"),
    ],
)
def test_wrong_input_is_one_line_and_writes_nothing(
    command: Command, tuned_folder: Path, gold: Path, tmp_path: Path, arguments: str, message: str
) -> None:
    status, out, err = command(*arguments.format(model=tuned_folder, gold=gold, folder=tmp_path).split())
    assert (status, out) == (2, "")
    [line] = err.splitlines()
    assert message in line
    assert not (tmp_path / "exported").exists()
