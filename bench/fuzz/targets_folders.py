"""Targets that read a config, or a model folder with one file changed."""

import shutil
from functools import cache
from pathlib import Path

from seeds import files, from_tests
from target import Target, folder, written

from afteraction.data import LABELS, LabelScheme, WindowConfig
from afteraction.model import ModelSettings, Tagger, save_model
from afteraction.model.packed_folder import PackedModel
from afteraction.train.config import load_config, parse_override

TEXT = "Gunmen killed 12 people in Niamey, Niger, on Monday – “a raid” \U0001f600."


@cache
def model(window: int = 32) -> Path:
    """Returns the folder of a small model with random weights, which reads windows of so many subwords."""
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
    """Reads a model folder whose weights have this JSON in front of them, with its length."""
    content = (model() / "model.safetensors").read_bytes()
    size = int.from_bytes(content[:8], "little")
    weights = model_file("model.safetensors").run
    return weights(len(data).to_bytes(8, "little") + data + content[8 + size :])


def headers() -> tuple[bytes, ...]:
    content = (model() / "model.safetensors").read_bytes()
    return (content[8 : 8 + int.from_bytes(content[:8], "little")],)


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
}
