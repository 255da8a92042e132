"""Characters to subwords and back, BIO tags, windows, training examples."""

from afteraction.data.tokens.alignment import (
    FREE,
    INSIDE,
    LED_ON,
    PARAGRAPH,
    Bounds,
    Links,
    Misalignment,
    spans_to_tokens,
    token_bounds,
    token_links,
    tokens_to_characters,
)
from afteraction.data.tokens.examples import Examples, build_examples, default_cache
from afteraction.data.tokens.label_scheme import IGNORED, LabelScheme
from afteraction.data.tokens.subwords import Subwords, SubwordTokenizer
from afteraction.data.tokens.windows import Window, WindowConfig, merge_windows, plan_windows

__all__ = [
    "FREE",
    "IGNORED",
    "INSIDE",
    "LED_ON",
    "PARAGRAPH",
    "Bounds",
    "Examples",
    "LabelScheme",
    "Links",
    "Misalignment",
    "SubwordTokenizer",
    "Subwords",
    "Window",
    "WindowConfig",
    "build_examples",
    "default_cache",
    "merge_windows",
    "plan_windows",
    "spans_to_tokens",
    "token_bounds",
    "token_links",
    "tokens_to_characters",
]
