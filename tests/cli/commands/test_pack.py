import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import Article, write_articles
from afteraction.model import Tagger, load_model, pack_model

Command = Callable[..., Any]


@pytest.fixture
def gold(tuned_folder: Path, tmp_path: Path, articles: list[Article]) -> Path:
    """Returns a file of articles with the spans that the whole model finds."""
    path = tmp_path / "gold.jsonl"
    write_articles(Tagger.load(tuned_folder).predict(articles), path)
    return path


@pytest.fixture
def news(tuned_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ships a model named `news`, and returns its folder."""
    folder = tmp_path / "shipped"
    pack_model(tuned_folder, folder / "news", rank=8)
    monkeypatch.setattr("afteraction.model.model_names.files", lambda _: folder)
    return folder / "news"


def size(folder: Path) -> str:
    return f"{sum(path.stat().st_size for path in folder.iterdir()) / 1e6:.2f} MB"


def test_packing_says_what_it_saves_and_costs(
    command: Command, tuned_folder: Path, gold: Path, articles: list[Article], tmp_path: Path
) -> None:
    output = tmp_path / "packed"
    status, out, err = command("pack", tuned_folder, output, "--rank", "4")
    assert (status, err) == (0, "")
    assert out == f"{output}: {size(output)}; the whole model: {size(tuned_folder)}\n"
    assert json.loads((output / "packed.json").read_bytes())["rank"] == 4
    more = tmp_path / "more.jsonl"
    write_articles((Article(f"{article.id}-2", article.text) for article in articles), more)
    status, out, err = command("pack", tuned_folder, output, "--rank", "1", "--articles", gold, "--articles", more)
    assert (status, err) == (0, "")
    line = r"Strict micro F1 on 8 articles: whole ([\d.]+), packed ([\d.]+), difference ([-+][\d.]+), 95 % interval .*"
    found = re.fullmatch(line, out.splitlines()[1])
    assert found is not None
    whole, packed, difference = map(float, found.groups())
    assert difference == pytest.approx(packed - whole, abs=1.1e-3)
    # The gold spans of these articles are those that the whole model finds, so it must be better here.
    status, out, _ = command("pack", tuned_folder, output, "--rank", "1", "--articles", gold)
    assert "on 4 articles: whole 1.000, packed 0." in out
    scored = json.loads(command("evaluate", gold, "--model", output, "--json").out)
    assert f"packed {scored['mentions']['strict']['micro']['f1']:.3f}" in out


def test_a_large_packed_model_is_warned_of(
    command: Command, tuned_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afteraction.packing.LARGE", 10_000)
    status, _, err = command("pack", tuned_folder, tmp_path / "packed")
    assert status == 0
    expected = f"afteraction: warning: {tmp_path / 'packed'} has more than 0.01 MB; a lower --rank makes it smaller\n"
    assert err == expected


def test_unpacking_gives_a_model_folder(command: Command, tuned_folder: Path, tmp_path: Path) -> None:
    assert command("pack", tuned_folder, tmp_path / "packed").status == 0
    assert command("unpack", tmp_path / "packed", tmp_path / "whole") == (
        0,
        f"{tmp_path / 'whole'}: a model folder\n",
        "",
    )
    load_model(tmp_path / "whole")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("pack nowhere {folder}/packed", "nowhere: no such model folder"),
        ("pack {model} {model}", "tuned: not empty; name a new folder or a packed model"),
        ("pack {model} {folder}/packed --rank 0", "Invalid value for '--rank'"),
        ("pack {model} {folder}/packed --articles nowhere.jsonl", "nowhere.jsonl: no such file"),
        ("pack {model} {folder}/packed --encoder some/encoder", "its encoder, some/encoder, is not a known package"),
        ("unpack {model} {folder}/packed", "tuned: not a packed model: it has no packed.json"),
        ("unpack nowhere {folder}/packed", "nowhere: no such model folder, nor a shipped model"),
    ],
)
def test_wrong_input_is_one_line_and_writes_nothing(
    command: Command, tuned_folder: Path, tmp_path: Path, arguments: str, message: str
) -> None:
    status, out, err = command(*arguments.format(model=tuned_folder, folder=tmp_path).split())
    assert (status, out) == (2, "")
    [line] = err.splitlines()
    assert line.startswith("afteraction: ")
    assert message in line
    assert not (tmp_path / "packed").exists()


def test_a_shipped_model_is_named_where_a_model_folder_is(
    command: Command, news: Path, gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("predict", "news", gold, "--json") == command("predict", news, gold, "--json")
    by_name, by_folder = (
        json.loads(command("evaluate", gold, "--model", name, "--json").out) for name in ("news", news)
    )
    assert (by_name.pop("system"), by_folder.pop("system")) == ("news", str(news))
    assert by_name == by_folder
    assert command("evaluate", gold, "--model", "news", "--report", "report").status == 0
    record = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert {"model, packed.safetensors, SHA-256", "model, packed.json, SHA-256"} <= set(record["provenance"])
    outcome = command("predict", "nwes", gold)
    assert outcome.status == 2
    assert "nwes: no such model folder, nor a shipped model; the shipped models are: news" in outcome.err


def test_a_shipped_model_is_not_calibrated_by_its_name(
    command: Command, news: Path, gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = command("calibrate", "news", gold)
    assert (outcome.status, outcome.err) == (2, "afteraction: news: no such model folder\n")
    assert not (tmp_path / "news").exists()
