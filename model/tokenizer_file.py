"""Checks `tokenizer.json` before the tokenizers library reads it.

The library does whatever the file says: it may repeat a text until the memory is full, or give different subwords each
time. This module accepts what the tokenizers of published encoders contain, within limits far above theirs.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from afteraction.data.errors import first_line
from afteraction.model.errors import ModelError
from afteraction.model.model_files import TOKENIZER_FILE

_LARGEST_FILE = 2**27
_MOST_ADDED = 10_000
_DEEPEST = 12
_MOST_ITEMS = 1_000
_LONGEST_STRING = 1_000
_LONGEST_AFFIX = 16
"""Characters of the mark of a piece inside a word. The tokenizer adds it to each piece that it tries."""
_LONGEST_WORD = 1_000
"""Characters of a word that WordPiece splits. Its running time grows with the square of this length."""
_MOST_GROWTH = 16
"""The factor by which a text may grow before it is split."""
_LARGEST_CHARSMAP = 2**21
_LONGEST_REPLACEMENT = 128
"""Bytes that may replace one character in SentencePiece's table. A ligature of Unicode needs 33."""


def check_tokenizer(folder: Path) -> None:
    """Checks the tokenizer file of a folder.

    Raises:
        ModelError: the file cannot be read, could take unbounded time or memory, or would split a text differently from
            call to call.
    """
    path = folder / TOKENIZER_FILE
    if path.stat().st_size > _LARGEST_FILE:
        raise _unreadable(folder, f"larger than {_LARGEST_FILE:,} bytes")
    try:
        content = from_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _unreadable(folder, first_line(error)) from None
    for problem in _problems(content):
        raise _unreadable(folder, problem)


def _unreadable(folder: Path, problem: str) -> ModelError:
    return ModelError(f"{folder}: not a model folder that can be read: {TOKENIZER_FILE}: {problem}")


def _problems(content: Any) -> Iterator[str]:
    """Yields the problems of a file."""
    if not isinstance(content, dict) or not isinstance(content.get("model"), dict):
        yield "it describes no tokenizer"
        return
    model = content["model"]
    added = content.get("added_tokens")
    if isinstance(added, list) and len(added) > _MOST_ADDED:
        yield f"added_tokens: more than {_MOST_ADDED:,}"
    parts = {name: part for name, part in content.items() if name not in ("added_tokens", "model")}
    parts["model"] = {name: part for name, part in model.items() if name not in ("vocab", "merges")}
    yield from _sizes(parts, "", 0)
    if model.get("dropout"):
        yield "model.dropout: it would split a text differently each time"
    for name in ("continuing_subword_prefix", "end_of_word_suffix"):
        if isinstance(model.get(name), str) and len(model[name]) > _LONGEST_AFFIX:
            yield f"model.{name}: longer than {_LONGEST_AFFIX} characters"
    word = model.get("max_input_chars_per_word")
    if isinstance(word, int) and word > _LONGEST_WORD:
        yield f"model.max_input_chars_per_word: more than {_LONGEST_WORD:,}"
    growth = 1.0
    for step in _steps([content.get("normalizer"), content.get("pre_tokenizer")]):
        growth *= _growth(step)
        if step.get("type") == "Precompiled":
            yield from _charsmap(step.get("precompiled_charsmap"))
    if growth > _MOST_GROWTH:
        yield f"normalizer: a text may become more than {_MOST_GROWTH} times as long"


def _sizes(value: Any, name: str, depth: int) -> Iterator[str]:
    """Yields the values in a part of a file that are nested too deeply or too long."""
    if depth > _DEEPEST:
        yield "nested too deeply"
    elif isinstance(value, str) and len(value) > _LONGEST_STRING and not name.endswith("precompiled_charsmap"):
        yield f"{name[:60]}: longer than {_LONGEST_STRING:,} characters"
    elif isinstance(value, dict | list):
        if len(value) > _MOST_ITEMS:
            yield f"{name[:60]}: more than {_MOST_ITEMS:,} items"
        else:
            for key, item in value.items() if isinstance(value, dict) else enumerate(value):
                yield from _sizes(item, f"{name}.{key}".lstrip("."), depth + 1)


def _steps(values: list[Any]) -> Iterator[dict[str, Any]]:
    """Yields the steps of normalizers and pre-tokenizers, including those in sequences."""
    for value in values:
        if isinstance(value, dict):
            yield value
            for inner in value.values():
                if isinstance(inner, list):
                    yield from _steps(inner)


def _growth(step: dict[str, Any]) -> float:
    """Returns the factor by which a step can lengthen a text, apart from Unicode normalisation."""
    content, pattern, prefix = step.get("content"), step.get("pattern"), step.get("prepend")
    if isinstance(content, str):
        found = pattern.get("String") if isinstance(pattern, dict) else None
        return max(len(content) / max(len(found) if isinstance(found, str) else 1, 1), 1.0)
    return float(max(len(prefix), 1)) if isinstance(prefix, str) else 1.0


def _charsmap(encoded: Any) -> Iterator[str]:
    """Yields the problems of SentencePiece's table, which is the size of a trie, the trie, and NUL-terminated texts."""
    name = "normalizer.precompiled_charsmap"
    if not isinstance(encoded, str) or len(encoded) > _LARGEST_CHARSMAP:
        yield f"{name}: more than {_LARGEST_CHARSMAP:,} characters"
        return
    try:
        table = base64.b64decode(encoded, validate=True)
    except ValueError:
        yield f"{name}: not in base64"
        return
    texts = table[4 + int.from_bytes(table[:4], "little") :]
    if encoded and (not texts or max(map(len, texts.split(b"\0"))) > _LONGEST_REPLACEMENT):
        yield f"{name}: a character becomes more than {_LONGEST_REPLACEMENT} bytes"
