"""Targets that read a config, or a model folder with one file changed."""

import json
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from seeds import files, from_tests
from target import Target, folder, written

from afteraction.data import LABELS, LabelScheme, WindowConfig
from afteraction.data.files import sha256
from afteraction.model import (
    EXPORTED_FILE,
    GRAPH,
    PACKAGES,
    ModelSettings,
    Tagger,
    export_model,
    pack_model,
    save_model,
)
from afteraction.model.encoder_packages import WeightsPackage
from afteraction.model.gate import GATE_FILE
from afteraction.model.packed_folder import PACKED_FILE, PACKED_WEIGHTS, PackedModel
from afteraction.train.config_files import load_config, parse_override

PACKAGE = "tiny-weights"
SMALL_GATE = (
    b"""{"version": 1, "data": ["a"], "with_spans": {"passed": 1, "articles": 1, "low": 0, "high": 1}, "without":
{"passed": 0, "articles": 1, "low": 0, "high": 1}, "threshold": 0.5, "bias": -1.0, "words": {"killed": [2.0, 1.5]}}""",
)
TEXT = "Gunmen killed 12 people in Niamey, Niger, on Monday – “a raid” \U0001f600."


@cache
def model(window: int = 32) -> Path:
    """Returns the folder of a small model with random weights and windows of `window` subwords."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

    from afteraction.model import build_classifier

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *TEXT.lower().split()]
    letters = sorted(set(TEXT.lower()) - {" "})
    pieces = dict.fromkeys([*words, *letters, *(f"##{letter}" for letter in letters)])
    backend = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))  # noqa: S106
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    special = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=window, **special)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
        max_position_embeddings=window,
    )  # fmt: skip
    encoder = folder() / f"encoder-{window}"
    BertForTokenClassification(config).bert.save_pretrained(encoder)
    tokenizer.save_pretrained(encoder)
    classifier = build_classifier(
        str(encoder), scheme=LabelScheme(), hidden_dropout=0.1, attention_dropout=0.1, head_dropout=0.1
    )
    settings = ModelSettings(
        window=WindowConfig(size=window, stride=window // 4), thresholds=dict.fromkeys(LABELS, 0.0)
    )
    path = folder() / f"model-{window}"
    save_model(path, model=classifier, tokenizer=tokenizer, settings=settings)
    return path


def model_file(name: str) -> Target:
    def run(data: bytes) -> object:
        damaged = folder() / "damaged"
        shutil.rmtree(damaged, ignore_errors=True)
        shutil.copytree(model(), damaged)
        (damaged / name).write_bytes(data)
        [article] = Tagger.load(damaged).predict([TEXT])
        if article.text != TEXT:
            raise AssertionError("another text")
        return article

    return Target(run, lambda: ((model() / name).read_bytes(),), weight=0.02)


def header(data: bytes) -> object:
    """Reads a model folder whose weights have this JSON as their header, with its length."""
    content = (model() / "model.safetensors").read_bytes()
    size = int.from_bytes(content[:8], "little")
    weights = model_file("model.safetensors").run
    return weights(len(data).to_bytes(8, "little") + data + content[8 + size :])


def headers() -> tuple[bytes, ...]:
    content = (model() / "model.safetensors").read_bytes()
    return (content[8 : 8 + int.from_bytes(content[:8], "little")],)


def recorded(folder_of: Callable[[], Path], name: str, record: str) -> Target:
    """Returns a target that reads a folder with one file changed and with its checksum in the record."""

    def run(data: bytes) -> object:
        damaged = folder() / "damaged"
        shutil.rmtree(damaged, ignore_errors=True)
        shutil.copytree(folder_of(), damaged)
        (damaged / name).write_bytes(data)
        content = json.loads((damaged / record).read_bytes()) | {"sha256": sha256(damaged / name)}
        (damaged / record).write_text(json.dumps(content), encoding="utf-8")
        [article] = Tagger.load(damaged).predict([TEXT])
        return article

    return Target(run, lambda: ((folder_of() / name).read_bytes(),), weight=0.02)


@cache
def exported_folder() -> Path:
    """Returns the folder of the small model, exported as a graph."""
    export_model(model(), folder() / "exported")
    return folder() / "exported"


def install(encoder: Path) -> None:
    """Installs an encoder as a package, which `pack` needs."""
    package = folder() / "site" / "tiny_weights_package"
    shutil.copytree(encoder, package / "model")
    (package / "__init__.py").touch()
    metadata = package.with_name("tiny_weights-1.0.dist-info") / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0\n", encoding="utf-8")
    sys.path.append(str(package.parent))
    weights = sha256(package / "model" / "model.safetensors")
    PACKAGES[PACKAGE] = WeightsPackage(package.name, "model", weights)


@cache
def packed_folder() -> Path:
    """Returns the folder of the small model, packed as its difference from its encoder."""
    install(model().with_name("encoder-32"))
    pack_model(model(), folder() / "packed", rank=1, encoder=PACKAGE)
    return folder() / "packed"


def gate(data: bytes) -> object:
    from afteraction.model.gate import read_gate

    path = written(GATE_FILE, data)
    return read_gate(path.parent).passes(TEXT)


def config(data: bytes) -> object:
    return load_config(written("config.yaml", data))


def overrides(data: bytes) -> object:
    lines = data.decode("utf-8", "replace").split("\n")
    parse_override(lines[0])
    return load_config("quickstart", overrides=lines[:1])


def packed(data: bytes) -> object:
    from afteraction.model.json_files import read_json

    return read_json(written("packed.json", data), PackedModel)


def settings(data: bytes) -> object:
    from afteraction.model.json_files import read_json

    return read_json(written("afteraction.json", data), ModelSettings)


def _overrides() -> tuple[bytes, ...]:
    return (
        b"fitting.epochs=3",
        b"window.size=128",
        b'data.train=["bundled:train"]',
        *from_tests("train/test_config.py"),
    )


FOLDER_TARGETS: dict[str, Target] = {
    "configs": Target(config, lambda: files("configs/*.yaml") + from_tests("train/test_config.py"), weight=0.2),
    "overrides": Target(overrides, _overrides, weight=0.1),
    "settings": Target(settings, lambda: ((model() / "afteraction.json").read_bytes(),)),
    "packed models": Target(packed, lambda: files("model/shipped/*/*.json")),
    "model: config.json": model_file("config.json"),
    "model: tokenizer.json": model_file("tokenizer.json"),
    "model: tokenizer_config.json": model_file("tokenizer_config.json"),
    "model: afteraction.json": model_file("afteraction.json"),
    "model: weights": model_file("model.safetensors"),
    "model: header of the weights": Target(header, headers, weight=0.02),
    "model: graph": recorded(exported_folder, GRAPH, EXPORTED_FILE),
    "model: packed weights": recorded(packed_folder, PACKED_WEIGHTS, PACKED_FILE),
    "gates": Target(gate, lambda: files("model/shipped/news/gate.json") + SMALL_GATE),
}
