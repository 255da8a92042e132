"""Checks `tokenizer.json` before the library that runs it reads it.

That library does whatever the file says: repeats a text until the memory is full, or gives other subwords each time.
Here a file may say what tokenizers of published encoders say, up to limits that are far from theirs.
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
"""Characters of what marks a piece inside a word; it is put before each piece that is tried."""
_LONGEST_WORD = 1_000
"""Characters of a word that WordPiece splits. Its work grows with the square of them."""
_MOST_GROWTH = 16
"""How many times as long a text may become before it is split."""
_LARGEST_CHARSMAP = 2**21
_LONGEST_REPLACEMENT = 128
"""Bytes that stand for one character in the table of SentencePiece. A ligature of Unicode has 33."""


def check_tokenizer(folder: Path) -> None:
    """Checks the tokenizer's file of a folder.

    Raises:
        ModelError: it cannot be read, or says what would take unbounded time or memory or differ from call to call.
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
    """Yields what is wrong with a file."""
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
    """Yields what is too deep, too long or too much in a part of a file."""
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
    """Yields the steps of normalizers and the like, those in sequences included."""
    for value in values:
        if isinstance(value, dict):
            yield value
            for inner in value.values():
                if isinstance(inner, list):
                    yield from _steps(inner)


def _growth(step: dict[str, Any]) -> float:
    """Returns how many times as long a step can make a text, apart from Unicode's own forms."""
    content, pattern, prefix = step.get("content"), step.get("pattern"), step.get("prepend")
    if isinstance(content, str):
        found = pattern.get("String") if isinstance(pattern, dict) else None
        return max(len(content) / max(len(found) if isinstance(found, str) else 1, 1), 1.0)
    return float(max(len(prefix), 1)) if isinstance(prefix, str) else 1.0


def _charsmap(encoded: Any) -> Iterator[str]:
    """Yields what is wrong with SentencePiece's table: the size of a trie, the trie, and texts that end in NUL."""
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
