"""Articles' texts to subwords: a fast tokenizer freed of the limits that it may carry."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from afteraction.data.errors import InputError
from afteraction.data.tokens.alignment import Bounds, token_bounds

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Subwords:
    """A text's subwords, without special ones: their ids, shape (subwords,), and their bounds."""

    ids: NDArray[np.int32]
    bounds: Bounds


class SubwordTokenizer:
    """Splits whole texts, whatever length or padding the tokenizer's own files ask for.

    A special token's name in a text, such as `[SEP]`, is read as text.

    Raises:
        InputError: the tokenizer is not a fast one, and so has no offsets.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        if not tokenizer.is_fast:
            raise InputError(f"{tokenizer.name_or_path}: the tokenizer has no tokenizer.json, so it gives no offsets")
        self._backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        self._backend.no_truncation()
        self._backend.no_padding()
        self.pad_id = int(tokenizer.pad_token_id or 0)
        special = self._backend.encode("a")
        plain = self._backend.encode("a", add_special_tokens=False)
        first = special.special_tokens_mask.index(0)
        self.prefix = np.array(special.ids[:first], dtype=np.int32)
        """The special subwords before a window."""
        self.suffix = np.array(special.ids[first + len(plain.ids) :], dtype=np.int32)
        """The special subwords after a window."""
        self._backend.encode_special_tokens = True

    @property
    def special_count(self) -> int:
        """How many special subwords a window has."""
        return len(self.prefix) + len(self.suffix)

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of the tokenizer's whole definition."""
        return hashlib.sha256(self._backend.to_str().encode()).hexdigest()

    def encode(self, texts: Sequence[str]) -> list[Subwords]:
        """Splits each text."""
        encodings = self._backend.encode_batch(list(texts), add_special_tokens=False)
        return [
            Subwords(np.array(encoding.ids, dtype=np.int32), token_bounds(text, encoding.offsets))
            for text, encoding in zip(texts, encodings, strict=True)
        ]

    def window_ids(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """A window's ids between the special ones."""
        return np.concatenate([self.prefix, ids, self.suffix])
