"""The precision chosen for a model: by measured scores, by the processor, and the same throughout a run."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from afteraction.data import Article, DataError, write_articles
from afteraction.model import RULES, ModelError, Tagger, fastest_precision, precision, save_settings, system_precision
from afteraction.model.archive import label_archive, run_precision
from afteraction.model.saving import read_settings


@pytest.fixture
def native(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Returns a function that sets whether the processor multiplies bfloat16. At first it does."""

    def set_native(capabilities: dict[str, bool]) -> None:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)

    set_native({"avx512_f": True, "avx512_bf16": True, "amx_bf16": False})
    return set_native


@pytest.fixture
def measured(model_folder: Path, tmp_path: Path) -> Path:
    """Returns a model whose F1 in bfloat16 is as good as in float32."""
    folder = tmp_path / "measured"
    shutil.copytree(model_folder, folder)
    save_settings(folder, read_settings(folder).model_copy(update={"dev_f1": {"float32": 0.75, "bfloat16": 0.748}}))
    return folder


@pytest.mark.parametrize(
    ("dev_f1", "device", "chosen"),
    [
        ({"float32": 0.75, "bfloat16": 0.76}, "cpu", "bfloat16"),
        ({"float32": 0.75, "bfloat16": 0.748}, "cpu", "bfloat16"),
        ({"float32": 0.75, "bfloat16": 0.7479}, "cpu", "float32"),
        ({"float32": 0.75, "bfloat16": 0.76}, "cuda:1", "float32"),
        ({"bfloat16": 0.76}, "cpu", "float32"),
        ({}, "cpu", "float32"),
    ],
)
def test_bfloat16_is_chosen_where_it_costs_little(dev_f1: Any, device: str, chosen: str, native: Any) -> None:
    assert fastest_precision(dev_f1, device=device) == chosen


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
        ({"avx512_f": True, "avx512_bf16": False}, False),
        ({}, False),
    ],
)
def test_only_native_products_count(capabilities: dict[str, bool], expected: bool, native: Any) -> None:
    native(capabilities)
    assert precision.multiplies_bfloat16() is expected


def test_without_word_of_the_processor_it_is_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert not precision.multiplies_bfloat16()


def test_a_tagger_has_the_chosen_precision(
    measured: Path, native: Any, model_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="afteraction")
    assert Tagger.load(measured).model.dtype == torch.bfloat16
    assert caplog.messages == [f"{measured}: the precision is bfloat16"]
    assert Tagger.load(measured, precision="float32").model.dtype == torch.float32
    assert Tagger.load(model_folder).model.dtype == torch.float32
    assert (system_precision(measured), system_precision(measured, precision="float32")) == ("bfloat16", "float32")
    assert system_precision(RULES) == "float32"
    native({})
    assert Tagger.load(measured).model.dtype == torch.float32


def test_a_run_goes_on_in_its_precision_on_another_processor(
    measured: Path, native: Any, articles: list[Article], tmp_path: Path
) -> None:
    write_articles(articles, tmp_path / "in.jsonl")
    inputs, output = [str(tmp_path / "in.jsonl")], tmp_path / "labelled"
    stops = iter([False, False, True, True, True, True, True, True])
    label_archive(measured, inputs, output, part_size=1, should_stop=lambda: next(stops))
    assert (output / "unfinished").is_dir()
    native({})
    assert run_precision(measured, tmp_path / "other") == "float32"
    manifest = label_archive(measured, inputs, output, part_size=1)
    assert manifest.settings["precision"] == "bfloat16"
    label_archive(measured, inputs, tmp_path / "whole", part_size=1, precision="bfloat16")
    assert json.loads((output / "manifest.json").read_text()) == json.loads(
        (tmp_path / "whole/manifest.json").read_text()
    )


def test_a_run_in_another_precision_than_its_folders_is_refused(
    measured: Path, native: Any, articles: list[Article], tmp_path: Path
) -> None:
    write_articles(articles, tmp_path / "in.jsonl")
    inputs, output = [str(tmp_path / "in.jsonl")], tmp_path / "labelled"
    label_archive(measured, inputs, output)
    with pytest.raises(DataError, match="precision was bfloat16, now float32"):
        label_archive(measured, inputs, output, precision="float32")


def test_a_precision_that_does_not_exist_is_refused_in_the_settings(measured: Path) -> None:
    path = measured / "afteraction.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"bfloat16"', '"int4"'), encoding="utf-8")
    with pytest.raises(ModelError, match=r"afteraction\.json: dev_f1"):
        Tagger.load(measured)


@pytest.mark.parametrize(
    ("name", "hint"), [("bf16", "did you mean 'bfloat16'"), ("float16", "did you mean"), ("8", "known: auto")]
)
def test_a_precision_that_there_is_not_is_refused(name: Any, hint: str, model_folder: Path) -> None:
    with pytest.raises(ModelError, match=f"precision '{name}': unknown; {hint}"):
        Tagger.load(model_folder, precision=name)
