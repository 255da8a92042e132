"""Subwords and their place in the text, BIO tags, windows, and training examples."""

from afteraction.data.tokens.alignment import (
    Bounds,
    Misalignment,
    spans_to_tokens,
    token_bounds,
    tokens_to_characters,
)
from afteraction.data.tokens.characters import CharacterKind, code_points
from afteraction.data.tokens.examples import Examples, build_examples, default_cache
from afteraction.data.tokens.label_scheme import IGNORED, LabelScheme
from afteraction.data.tokens.subwords import FastTokenizer, Subwords, SubwordTokenizer, lift_limits
from afteraction.data.tokens.windows import Window, WindowConfig, merge_windows, plan_windows

__all__ = [
    "IGNORED",
    "Bounds",
    "CharacterKind",
    "Examples",
    "FastTokenizer",
    "LabelScheme",
    "Misalignment",
    "SubwordTokenizer",
    "Subwords",
    "Window",
    "WindowConfig",
    "build_examples",
    "code_points",
    "default_cache",
    "lift_limits",
    "merge_windows",
    "plan_windows",
    "spans_to_tokens",
    "token_bounds",
    "tokens_to_characters",
]
