"""Small real objects that the tests share."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    AutoConfig,
    AutoModelForTokenClassification,
    BertConfig,
    BertModel,
    DistilBertConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    set_seed,
)

from afteraction.data import LABELS, Article, LabelScheme, Span, SubwordTokenizer, Toll, WindowConfig
from afteraction.data.files import sha256
from afteraction.model import PACKAGES, ModelSettings, build_classifier, load_tokenizer, save_model
from afteraction.model.card import CardScore, DataFile, TrainingRecord, write_training_record
from afteraction.model.encoder_packages import WeightsPackage

# On a busy machine, examples may take long.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

WORDS = (
    "the a an in near of and two three gunmen rebels soldiers police school bus village market city killed killing "
    "attacked wounded at least more than 50 12 people were was on said army group gao mali bamako kano river front"
).split()
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,()'-’\"!?é"


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """Returns a WordPiece tokenizer like BERT's. It splits words into known letters. Anything else is unknown."""
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *_LETTERS, *(f"##{letter}" for letter in _LETTERS), "[MASK]"]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    backend.enable_truncation(16)  # as in the files of sentence encoders; our tokenizer must ignore it
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=64,
    )


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Limits PyTorch to one thread: on a busy machine, tiny models are slower with more."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    return tiny_tokenizer()


@pytest.fixture(scope="session")
def subwords(tokenizer: PreTrainedTokenizerFast) -> SubwordTokenizer:
    return SubwordTokenizer(tokenizer)


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory, tokenizer: PreTrainedTokenizerFast) -> Path:
    """Saves a two-layer BERT with random weights and 64 positions, and returns its folder."""
    folder = tmp_path_factory.mktemp("encoder")
    set_seed(1)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


PACKAGE = "tiny-weights"
"""The name of the package that `tiny_package` installs."""


@pytest.fixture
def tiny_package(tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Installs a package with the tiny encoder, in version 1.0, and returns the folder of the installation."""
    site = tmp_path / "site"
    folder = site / "tiny_weights_package"
    shutil.copytree(tiny_encoder, folder / "model")
    (folder / "__init__.py").touch()
    metadata = site / "tiny_weights-1.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0\n", encoding="utf-8")
    monkeypatch.syspath_prepend(site)
    weights = sha256(folder / "model" / "model.safetensors")
    monkeypatch.setitem(PACKAGES, PACKAGE, WeightsPackage("tiny_weights_package", "model", weights))
    return site


@pytest.fixture
def tuned_folder(tiny_encoder: Path, tiny_package: Path, tmp_path: Path) -> Path:
    """Saves a classifier whose matrices differ from the tiny encoder's, as after training, and returns its folder.

    Its word embeddings are the encoder's. Its head is scaled up, so that it finds spans of every label.
    """
    folder = tmp_path / "tuned"
    set_seed(4)
    model = build_classifier(
        str(tiny_encoder), scheme=LabelScheme(), hidden_dropout=0.1, attention_dropout=0.1, head_dropout=0.1
    )
    with torch.no_grad():
        model.classifier.weight.mul_(15.0)
        for name, weight in model.bert.named_parameters():
            if "word_embeddings" not in name:
                weight.add_(0.02 * torch.randn_like(weight))
    settings = ModelSettings(window=WindowConfig(size=32, stride=8), thresholds=dict.fromkeys(LABELS, 0.0))
    save_model(folder, model=model, tokenizer=load_tokenizer(str(tiny_encoder)), settings=settings)
    write_training_record(folder, _training_record())
    return folder


def _training_record() -> TrainingRecord:
    return TrainingRecord(
        name="tuned",
        encoder=PACKAGE,
        labels=LABELS,
        data=(DataFile(name="bundled:train", roles=("training",), sha256="0" * 64),),
        scores=(CardScore(name="micro", precision=0.5, recall=0.5, f1=0.5, support=7),),
        config={},
        environment={"git": None, "packages": {"torch": "2.9"}, "processor": "CPU", "cores": 2},
    )


@pytest.fixture
def articles() -> list[Article]:
    """Returns a few annotated articles. One reports no attack, and one is longer than a window."""
    first = "Two gunmen killed at least 50 soldiers near Gao, Mali.\n\nThe gunmen attacked a police school."
    second = "Rebels attacked a bus in Kano, killing three people."
    long = " ".join(["The army said the market was near the river."] * 12) + " Rebels killed 12 people in Bamako."
    return [
        Article(
            "first",
            first,
            _spans(
                first,
                PERPETRATOR=["Two gunmen", "The gunmen"],
                DEATH_TOLL=["at least 50"],
                TARGET=["soldiers", "a police school"],
                LOCATION=["Gao", "Mali"],
            ),
            Toll(50, None),
        ),
        Article(
            "second",
            second,
            _spans(second, PERPETRATOR=["Rebels"], TARGET=["a bus", "people"], LOCATION=["Kano"], DEATH_TOLL=["three"]),
            Toll(3, 3),
        ),
        Article("none", "The army said the river was near the city."),
        Article(
            "long",
            long,
            _spans(long, PERPETRATOR=["Rebels"], DEATH_TOLL=["12"], TARGET=["people"], LOCATION=["Bamako"]),
            Toll(12, 12),
        ),
    ]


def _spans(text: str, **surfaces: list[str]) -> tuple[Span, ...]:
    return tuple(
        Span(text.index(surface), text.index(surface) + len(surface), label)
        for label, labelled in surfaces.items()
        for surface in labelled
    )


@pytest.fixture(scope="session")
def untrained() -> Callable[..., PreTrainedModel]:
    """Returns a function that makes a small classifier from a kind of encoder and a number of layers."""

    def make(kind: str, layers: int) -> PreTrainedModel:
        if kind == "distilbert":  # the same settings under other names
            config: PreTrainedConfig = DistilBertConfig(vocab_size=50, dim=8, hidden_dim=16, n_layers=layers, n_heads=2)
        else:
            sizes = {"hidden_size": 8, "num_hidden_layers": layers, "num_attention_heads": 2, "intermediate_size": 16}
            tokens = dict.fromkeys(("pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"), 0)
            config = AutoConfig.for_model(kind, vocab_size=50, max_position_embeddings=20, **sizes, **tokens)
        model: PreTrainedModel = AutoModelForTokenClassification.from_config(config)
        return model

    return make


@pytest.fixture(scope="session")
def tree() -> Callable[[Path], dict[str, bytes]]:
    """Returns a function that reads every file below a folder, by its relative path."""

    def read_tree(folder: Path) -> dict[str, bytes]:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    return read_tree
