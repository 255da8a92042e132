from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from afteraction.data import Article, write_articles
from afteraction.model import Tagger
from afteraction.model.saving import read_settings

Command = Callable[..., Any]


def test_both_f1_are_printed_and_kept_and_used(
    command: Command, tuned_folder: Path, articles: list[Article], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold, before = tmp_path / "gold.jsonl", read_settings(tuned_folder)
    write_articles(Tagger.load(tuned_folder, precision="float32").predict(articles), gold)
    half = list(Tagger.load(tuned_folder, precision="bfloat16").predict(articles))
    status, out, err = command("precisions", tuned_folder, "--dev", gold)
    assert (status, err) == (0, "")
    assert out.startswith("Strict micro F1 on 4 articles: float32 1.000, bfloat16 ")
    measured = read_settings(tuned_folder).dev_f1
    assert measured["float32"] == 1.0
    write_articles(half, gold)
    assert command("precisions", tuned_folder, "--dev", gold).status == 0
    after = read_settings(tuned_folder)
    assert after.dev_f1 == {"float32": measured["bfloat16"], "bfloat16": 1.0}
    assert after.model_copy(update={"dev_f1": {}}) == before
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True}, raising=False)
    output = tmp_path / "labelled"
    labelled = command("predict", tuned_folder, gold, "--output", output)
    assert "the precision is bfloat16" in labelled.err
    assert '"precision": "bfloat16"' in (output / "manifest.json").read_text(encoding="utf-8")


def test_what_cannot_be_measured_is_one_line(command: Command, tuned_folder: Path, tmp_path: Path) -> None:
    assert (
        command("precisions", tmp_path).err
        == f"afteraction: {tmp_path}: not a model folder: it has no afteraction.json\n"
    )
    assert command("precisions", tuned_folder, "--dev", tmp_path / "none").status == 2
    assert not read_settings(tuned_folder).dev_f1
