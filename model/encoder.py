"""Finds encoders, and turns them into token classifiers.

Code that comes with a model is never run, and weights are read only from safetensors files.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afteraction.data import InputError, LabelScheme
from afteraction.data.errors import first_line
from afteraction.data.tokens import lift_limits
from afteraction.model.encoder_packages import PACKAGES, package_folder
from afteraction.model.errors import ModelError, raise_unless_of_library
from afteraction.model.layers import keep_layers
from afteraction.model.model_files import CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE, check_model_files
from afteraction.model.packed_folder import is_packed
from afteraction.model.tokenizer_file import check_tokenizer

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


_MOST_NEW = 2
"""A config may need this many times the numbers in its weights, since an encoder lacks the head and maybe more."""
_HEAD = 2**24


def locate_encoder(name: str) -> str:
    """Returns the folder or hub name under which transformers finds an encoder.

    Args:
        name: a folder, a package of `PACKAGES` or a hub name. A folder takes precedence over a package.

    Raises:
        ModelError: the folder is a packed model, the package is not installed, or its weights are not the published
            ones.
    """
    folder = Path(name)
    if is_packed(folder):
        raise ModelError(f"{folder}: a packed model, not an encoder; `afteraction unpack` turns it into one")
    if folder.is_dir() or name not in PACKAGES:
        return name
    return str(package_folder(name))


def load_tokenizer(location: str) -> "PreTrainedTokenizerBase":
    """Loads the fast tokenizer of a model folder or hub name, without the length limit and padding saved with it.

    Raises:
        ModelError: there is no fast tokenizer, or it cannot be read.
    """
    from tokenizers import Tokenizer
    from transformers import AutoTokenizer

    part = TOKENIZER_FILE
    if (Path(location) / TOKENIZER_FILE).is_file():
        check_tokenizer(Path(location))
    try:
        if (Path(location) / TOKENIZER_FILE).is_file():
            Tokenizer.from_file(str(Path(location) / TOKENIZER_FILE))
            part = "tokenizer_config.json"
        tokenizer = AutoTokenizer.from_pretrained(location, use_fast=True, trust_remote_code=False)
    except BaseException as error:  # damaged files cause bare exceptions and panics
        raise_unless_of_library(error)
        raise ModelError(_unavailable(location, error, part=part)) from None
    try:
        lift_limits(tokenizer)
    except InputError as error:
        raise ModelError(str(error)) from None
    return tokenizer


def build_classifier(
    location: str,
    *,
    scheme: LabelScheme,
    hidden_dropout: float,
    attention_dropout: float,
    head_dropout: float,
    layers: Sequence[int] | None = None,
) -> "PreTrainedModel":
    """Loads an encoder and adds a new token-classification head to it.

    The head's weights are drawn from torch's random state. `location` may also be a token classifier, which keeps its
    head if its tags are those of the scheme, in the same order.

    Args:
        location: the encoder's folder or hub name.
        scheme: the tags of the head.
        hidden_dropout: dropout of the encoder's hidden layers.
        attention_dropout: dropout of attention weights.
        head_dropout: dropout before the head.
        layers: the numbers of the layers to keep, from 0, in ascending order; None for all.

    Raises:
        ModelError: the encoder cannot be found or read, or lacks a layer.
    """
    config = _read_config(location)
    is_classifier = any("ForTokenClassification" in name for name in config.architectures or ())
    other_head = is_classifier and tuple((config.id2label or {}).values()) != scheme.tags
    config.id2label = dict(enumerate(scheme.tags))
    config.label2id = {tag: index for index, tag in enumerate(scheme.tags)}
    _set_dropout(config, hidden=hidden_dropout, attention=attention_dropout, head=head_dropout)
    model = load_classifier(location, config=config)
    if other_head:
        _renew_head(model)
    if layers is not None:
        keep_layers(model, layers)
        if model.state_dict().keys() != _without_values(location, model.config).state_dict().keys():
            raise ModelError(f"encoder_layers: {location}: its layers are not alike, so these cannot stand alone")
    return model


def load_classifier(location: str, *, config: Any = None) -> "PreTrainedModel":
    """Loads a token classifier's weights, in 32-bit floats.

    Args:
        location: a model folder or hub name.
        config: the config with which to load an encoder, whose head is then new. None for a complete classifier, whose
            weights must be exactly those that its own config requires.

    Raises:
        ModelError: there are no weights in safetensors files, or they cannot be read or do not fit the config.
    """
    import torch
    from transformers import AutoModelForTokenClassification

    from afteraction.model.kernels import use_onednn

    if Path(location).is_dir():
        size = check_model_files(Path(location))
        needed = sum(weight.numel() for weight in _without_values(location, config).parameters())
        if needed > _MOST_NEW * size + _HEAD:  # before anything is allocated
            raise ModelError(f"{location}: its weights are not those of its config.json: it needs {needed:,} numbers")
    try:
        model: PreTrainedModel
        with _quiet_transformers():  # it would warn about a new head
            model, loaded = AutoModelForTokenClassification.from_pretrained(
                location,
                config=config,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.float32,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
            )
    except Exception as error:  # damaged files cause errors of many kinds
        raise ModelError(_unavailable(location, error, part=WEIGHTS_FILE)) from None
    unlike = {name for name, *_ in loaded["mismatched_keys"]}
    if config is None:
        unlike |= loaded["missing_keys"] | loaded["unexpected_keys"]
    else:  # the head is new, so only the encoder's weights must fit
        unlike = {name for name in unlike if name.startswith(f"{model.base_model_prefix}.")}
    if unlike:
        raise ModelError(f"{location}: its weights are not those of its config.json: {min(unlike)}")
    use_onednn(model)
    return model


def assemble_classifier(
    location: str, weights: "Callable[[PreTrainedModel], Mapping[str, Tensor]]"
) -> "PreTrainedModel":
    """Builds a token classifier from a folder's config and computed weights.

    Args:
        location: the folder.
        weights: a function that returns the weights, in 32-bit floats. It is called with the classifier, whose weights
            have names and shapes but no values.

    Raises:
        ModelError: the config cannot be read, or the weights do not fit it.
    """
    import torch

    from afteraction.model.kernels import use_onednn

    config = _read_config(location)
    shapes = _without_values(location, config)
    values = weights(shapes)
    expected = {name: value.shape for name, value in shapes.state_dict().items()}
    if unlike := expected.items() ^ {name: value.shape for name, value in values.items()}.items():
        raise ModelError(f"{location}: its weights are not those of its config.json: {min(unlike)[0]}")
    model: PreTrainedModel
    with _quiet_transformers():
        model = type(shapes).from_pretrained(None, config=config, state_dict=dict(values), dtype=torch.float32)
    use_onednn(model)
    return model


def _read_config(location: str) -> Any:
    from transformers import AutoConfig

    folder = Path(location)
    if folder.is_dir() and not is_packed(folder):  # a packed model's config is checked against its encoder
        check_model_files(folder)
    try:
        return AutoConfig.from_pretrained(location, trust_remote_code=False)
    except Exception as error:  # wrong values in a config cause errors of many kinds
        raise ModelError(_unavailable(location, error, part=CONFIG_FILE)) from None


def _without_values(location: str, config: Any = None) -> "PreTrainedModel":
    """Returns the token classifier of a config, whose weights have names and shapes but no values."""
    import torch
    from transformers import AutoModelForTokenClassification

    config = _read_config(location) if config is None else config
    try:
        with torch.device("meta"):
            model: PreTrainedModel = AutoModelForTokenClassification.from_config(config, trust_remote_code=False)
    except Exception as error:
        raise ModelError(_unavailable(location, error, part=CONFIG_FILE)) from None
    return model


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Silences the warnings and progress bars of transformers inside the block."""
    from transformers.utils import logging

    verbosity, shows_progress = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if shows_progress:
            logging.enable_progress_bar()


def positions(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> int | None:
    """Returns the longest window that the encoder's position embeddings allow, in subwords; None if there is no limit.

    RoBERTa and related encoders start counting positions after the padding id, so they have fewer than in their config.
    """
    limit = getattr(model.config, "max_position_embeddings", None)
    if not limit or limit < 0 or getattr(model.config, "position_embedding_type", "absolute") == "relative":
        return None
    embeddings = getattr(model.base_model, "embeddings", None)
    offset = getattr(getattr(embeddings, "position_embeddings", None), "padding_idx", None)
    return int(limit) - (int(tokenizer.pad_token_id or 0) + 1 if offset is not None else 0)


def _renew_head(model: "PreTrainedModel") -> None:
    """Re-initialises the head.

    Its weights may have been loaded from a head for other tags whose weights have the same shapes.
    """
    encoder = set(model.base_model.modules())
    for module in model.modules():
        reset = getattr(module, "reset_parameters", None)
        if module not in encoder and callable(reset):
            reset()


_DROPOUT_KEYS = {
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
"""The names of the three dropout settings in the configs of the architectures in transformers."""


def _set_dropout(config: Any, **rates: float) -> None:
    for kind, rate in rates.items():
        for name in _DROPOUT_KEYS[kind]:
            if hasattr(config, name):
                setattr(config, name, rate)


def _unavailable(location: str, error: BaseException, *, part: str) -> str:
    """Returns the message about an encoder that cannot be read. `part` is the file at fault if it is a folder."""
    if Path(location).is_dir():
        problem = f"{part}: {first_line(error)}" if (Path(location) / CONFIG_FILE).is_file() else f"no {CONFIG_FILE}"
        return f"{location}: not a model folder that can be read: {problem}"
    return (
        f"encoder {location!r}: no such folder, no known package ({', '.join(PACKAGES)}), and not to be had "
        f"from the hub: {first_line(error)}"
    )
