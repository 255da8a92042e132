"""Tries out a loaded model on a short text, so that a damaged one is rejected when it is loaded rather than later."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from afteraction.data import SubwordTokenizer
from afteraction.data.errors import first_line
from afteraction.model.errors import ModelError, raise_unless_of_library
from afteraction.model.model_files import CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from afteraction.data.tokens import FastTokenizer
    from afteraction.model.runtimes import Runtime

_TEXT = "Gunmen killed 12 people in Niamey, Niger – “\U0001f600” ‽"
"""Ordinary words, punctuation, and characters that a vocabulary is unlikely to contain."""


def try_out(
    folder: Path, *, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", tags: int, window: int
) -> None:
    """Runs a model on a short text.

    Args:
        folder: the model's folder, for the error message.
        model: the model.
        tokenizer: its tokenizer.
        tags: the number of tags for which it should give scores.
        window: the longest window, in subwords.

    Raises:
        ModelError: the tokenizer cannot split a text or gives subwords that the model does not have, a weight is not a
            number, or the model does not give valid scores.
    """
    import torch

    from afteraction.model.torch_runtime import TorchRuntime

    ids = try_tokenizer(folder, tokenizer=tokenizer, window=window)
    known = tokenizer.backend_tokenizer.get_vocab(with_added_tokens=False).values()
    size = len(model.get_input_embeddings().state_dict()["weight"])
    highest = max(*map(int, ids), int(tokenizer.pad_token_id or 0), *known)
    if highest >= size:
        raise ModelError(f"{folder / TOKENIZER_FILE}: it has a subword {highest}, and the model has only {size}")
    for name, weight in model.named_parameters():
        if not bool(torch.isfinite(weight).all()):
            raise ModelError(f"{folder / WEIGHTS_FILE}: {name}: a weight is not a number")
    try_scores(folder / CONFIG_FILE, runtime=TorchRuntime(model), ids=ids, tags=tags)


def try_tokenizer(folder: Path, *, tokenizer: "FastTokenizer", window: int) -> "NDArray[np.int32]":
    """Returns the ids of a window of a short text.

    Raises:
        ModelError: the tokenizer cannot split a text, or leaves no room for it in a window.
    """
    try:
        subwords = SubwordTokenizer(tokenizer)
        ids = subwords.encode([_TEXT])[0].ids
    except BaseException as error:
        raise_unless_of_library(error)
        raise ModelError(f"{folder / TOKENIZER_FILE}: it cannot split a text: {first_line(error)}") from None
    room = window - subwords.special_count
    if room < 1:
        raise ModelError(
            f"{folder / TOKENIZER_FILE}: its {subwords.special_count} special subwords fill a window of {window}"
        )
    return subwords.window_ids(ids[:room])


def try_scores(file: Path, *, runtime: "Runtime", ids: "NDArray[np.int32]", tags: int) -> None:
    """Runs a model on a window. `file` is the file at fault if that fails.

    Raises:
        ModelError: the model cannot be run, or does not give a finite score for each tag.
    """
    try:
        scores = runtime.log_probabilities(ids.astype(np.int64)[None], None)
        fits = scores.shape == (1, len(ids), tags) and bool(np.isfinite(scores).all())
    except Exception as error:
        raise ModelError(f"{file}: the model cannot be run: {first_line(error)}") from None
    if not fits:
        raise ModelError(f"{file}: the model does not give a number for each of its {tags} tags")
