"""Splits texts into subwords with a fast tokenizer, without its length limit and padding."""

import hashlib
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from afteraction.data.errors import InputError, first_line
from afteraction.data.text.rendering import render
from afteraction.data.tokens.alignment import Bounds, token_bounds


class FastTokenizer(Protocol):
    """The part of a transformers tokenizer that is used here."""

    @property
    def name_or_path(self) -> str:
        """Returns the name or path that the tokenizer was loaded from."""
        ...

    @property
    def is_fast(self) -> bool:
        """Returns whether the tokenizer has a backend, which gives offsets."""
        ...

    @property
    def backend_tokenizer(self) -> Tokenizer:
        """Returns the backend, which splits texts."""
        ...

    @property
    def pad_token_id(self) -> Any:
        """Returns the id of the subword that pads windows, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Subwords:
    """The subwords of a text, without special ones: their ids, shape (subwords,), and their bounds.

    The bounds refer to the text as given.
    """

    ids: NDArray[np.int32]
    bounds: Bounds


def lift_limits(tokenizer: FastTokenizer) -> Tokenizer:
    """Removes the truncation and padding that a tokenizer was saved with, in place, and returns its backend.

    Raises:
        InputError: the tokenizer is not a fast one, so it gives no offsets.
    """
    if not tokenizer.is_fast:
        raise InputError(f"{tokenizer.name_or_path}: the tokenizer has no tokenizer.json, so it gives no offsets")
    backend: Tokenizer = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    return backend


class SubwordTokenizer:
    """Splits whole texts. Truncation and padding in the tokenizer's files are ignored.

    The name of a special token in a text, such as `[SEP]`, is treated as text.

    Raises:
        InputError: the tokenizer is not a fast one, so it gives no offsets.
    """

    def __init__(self, tokenizer: FastTokenizer) -> None:
        self._backend = lift_limits(deepcopy(tokenizer))
        self.pad_id = int(tokenizer.pad_token_id or 0)
        # The special subwords are those around an ordinary text.
        special = self._backend.encode("a")
        plain = self._backend.encode("a", add_special_tokens=False)
        first = special.special_tokens_mask.index(0)
        self.prefix = np.array(special.ids[:first], dtype=np.int32)
        """Ids of the special subwords before a window."""
        self.suffix = np.array(special.ids[first + len(plain.ids) :], dtype=np.int32)
        """Ids of the special subwords after a window."""
        # From here on, "[SEP]" in a text is text.
        self._backend.encode_special_tokens = True

    @property
    def special_count(self) -> int:
        """Returns the number of special subwords in a window."""
        return len(self.prefix) + len(self.suffix)

    @cached_property
    def fingerprint(self) -> str:
        """Returns the SHA-256 of the tokenizer's whole definition."""
        return hashlib.sha256(self._backend.to_str().encode()).hexdigest()

    def encode(self, texts: Sequence[str]) -> list[Subwords]:
        """Renders each text and splits it into subwords.

        Raises:
            InputError: the tokenizer is damaged.
        """
        rendered = [render(text) for text in texts]
        try:
            encodings = self._backend.encode_batch([item.text for item in rendered], add_special_tokens=False)
        except BaseException as error:
            if isinstance(error, Exception) or type(error).__name__ == "PanicException":  # a panic is not an Exception
                raise InputError(f"the tokenizer cannot split a text: {first_line(error)}") from None
            raise
        return [
            Subwords(np.array(encoding.ids, dtype=np.int32), item.to_given(token_bounds(item.text, encoding.offsets)))
            for item, encoding in zip(rendered, encodings, strict=True)
        ]

    def window_ids(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """Puts the special subwords around the ids of a window."""
        return np.concatenate([self.prefix, ids, self.suffix])
