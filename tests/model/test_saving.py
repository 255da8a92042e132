import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from afteraction.data import LABELS, LabelScheme, WindowConfig
from afteraction.model import (
    SETTINGS_FILE,
    ModelError,
    ModelSettings,
    Tagger,
    load_model,
    load_tokenizer,
    save_model,
    save_settings,
)
from afteraction.model.saving import DEFAULT_THRESHOLD


def changing(name: str, **values: Any) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        content = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(content | values))

    return change


def writing(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


def removing(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def cut_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def pickle_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"classifier.bias": torch.zeros(9)}, folder / "pytorch_model.bin")


DAMAGE = {
    "settings missing": (removing(SETTINGS_FILE), f"has no {SETTINGS_FILE}"),
    "settings not JSON": (writing(SETTINGS_FILE, b"{"), f"{SETTINGS_FILE}: invalid JSON"),
    "settings not UTF-8": (writing(SETTINGS_FILE, b"\xff"), f"{SETTINGS_FILE}: invalid JSON"),
    "unknown key": (changing(SETTINGS_FILE, windw={}), "unknown key 'windw'; did you mean 'window'?"),
    "unknown inner key": (
        changing(SETTINGS_FILE, window={"sise": 32}),
        "unknown key 'window.sise'; did you mean 'size'?",
    ),
    "key of old": (changing(SETTINGS_FILE, threshold=0.5), "unknown key 'threshold'; did you mean 'thresholds'?"),
    "threshold of no label": (changing(SETTINGS_FILE, thresholds={"TARGTE": 0.5}), "did you mean 'TARGET'?"),
    "threshold above 1": (changing(SETTINGS_FILE, thresholds={"TARGET": 1.5}), "thresholds.TARGET: .* got 1.5"),
    "temperature of zero": (changing(SETTINGS_FILE, temperature=0), "temperature: .* greater than 0, got 0"),
    "another version": (changing(SETTINGS_FILE, version=2), "version: input should be 1, got 2"),
    "label twice": (changing(SETTINGS_FILE, labels=["X", "X"]), f"{SETTINGS_FILE}: labels: "),
    "no label": (changing(SETTINGS_FILE, labels=[]), f"{SETTINGS_FILE}: labels: "),
    "other labels": (
        changing(SETTINGS_FILE, labels=["X"], thresholds={}),
        "give the tags O, B-X, I-X; config.json has O, B-PERP",
    ),
    "labels in another order": (
        changing(SETTINGS_FILE, labels=["TARGET", "PERPETRATOR", "LOCATION", "DEATH_TOLL"]),
        "give the tags O, B-TARGET, .*; config.json has O, B-PERP",
    ),
    "window too long": (
        changing(SETTINGS_FILE, window={"size": 65, "stride": 8}),
        "window.size: 65 is more than the model's 64 positions",
    ),
    "weights missing": (removing("model.safetensors"), "no model.safetensors"),
    "weights pickled": (pickle_weights, "pickled weights are refused"),
    "weights cut": (cut_weights, "not a model folder that can be read: .*"),
    "config missing": (removing("config.json"), "not a model folder that can be read: no config.json"),
    "config not JSON": (writing("config.json", b"{"), "config.json' is not a valid JSON file"),
    "unknown architecture": (changing("config.json", model_type="nonesuch"), "nonesuch"),
    "weights of other shapes": (
        changing("config.json", intermediate_size=48),
        "its weights are not those of its config.json",
    ),
    "layer without weights": (changing("config.json", num_hidden_layers=3), "weights are not those of .*layer.2"),
    "weights without layer": (changing("config.json", num_hidden_layers=1), "weights are not those of .*layer.1"),
    "tokenizer missing": (removing("tokenizer.json"), "no tokenizer.json"),
    "tokenizer not JSON": (writing("tokenizer.json", b"{"), "not a model folder that can be read"),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_folder_is_refused_in_one_line(
    model_folder: Path, tmp_path: Path, damage: Callable[[Path], object], message: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(model_folder, folder)
    damage(folder)
    with pytest.raises(ModelError, match=message) as refused:
        Tagger.load(folder)
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith(str(folder))


def test_an_encoder_without_a_head_is_no_model(model_folder: Path, tiny_encoder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(model_folder, folder)
    shutil.copy(tiny_encoder / "model.safetensors", folder)
    with pytest.raises(ModelError, match=r"its weights are not those of its config\.json: classifier"):
        load_model(folder)


def test_the_folder_above_is_refused_with_a_hint(model_folder: Path) -> None:
    with pytest.raises(ModelError, match=re.escape(f"did you mean {model_folder}?")):
        load_model(model_folder.parent)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere: no such model folder$"):
        Tagger.load(tmp_path / "nowhere")


def test_saving_and_loading_gives_the_same_model(model_folder: Path, tmp_path: Path) -> None:
    model, tokenizer, settings = load_model(model_folder)
    assert settings == ModelSettings(window=WindowConfig(size=32, stride=8), thresholds=dict.fromkeys(LABELS, 0.0))
    assert tuple(model.config.id2label.values()) == LabelScheme().tags
    save_model(tmp_path / "again", model=model, tokenizer=tokenizer, settings=settings)
    again, _, settings_again = load_model(tmp_path / "again")
    assert settings_again == settings
    assert again.state_dict().keys() == model.state_dict().keys()
    assert all(torch.equal(again.state_dict()[name], tensor) for name, tensor in model.state_dict().items())


def test_a_saved_tokenizer_says_the_window_and_cuts_nothing(model_folder: Path) -> None:
    tokenizer = load_tokenizer(str(model_folder))
    assert tokenizer.model_max_length == 32
    assert len(tokenizer.backend_tokenizer.encode("the " * 100).ids) == 102


def test_settings_give_every_label_a_threshold() -> None:
    assert ModelSettings().thresholds == dict.fromkeys(LABELS, DEFAULT_THRESHOLD)
    given = ModelSettings(labels=("X", "Y"), thresholds={"Y": 0.8})
    assert given.thresholds == {"X": DEFAULT_THRESHOLD, "Y": 0.8}


def test_settings_are_written_in_the_place_of_the_old_ones(model_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(model_folder, folder)
    settings = load_model(folder)[2].model_copy(update={"temperature": 1.5, "thresholds": dict.fromkeys(LABELS, 0.4)})
    save_settings(folder, settings)
    assert load_model(folder)[2] == settings
    assert {path.name for path in folder.iterdir()} == {path.name for path in model_folder.iterdir()}
