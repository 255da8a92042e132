"""Number words, and the pieces that patterns of count phrases are made of.

`counts.py` reads a phrase to the range that it means. The patterns here only find where such a phrase may stand.
"""

from afteraction.data.text.lexicon import ordered_words

UNITS = ordered_words("units")
"""One to nineteen, in order."""

TENS = ordered_words("tens")
"""Twenty, thirty, ..., ninety, in order."""

SCALES = ordered_words("scales")
PLURAL_SCALES = ordered_words("plural_scales")

NUMBER_WORDS = frozenset((*UNITS, *TENS, *SCALES, *PLURAL_SCALES))

UNITS_PATTERN = "|".join(UNITS)
"""An alternation for a regular expression, without a group around it."""

TENS_PATTERN = "|".join(TENS)


def is_number(token: str) -> bool:
    """Whether a token is a number, in digits or as a word."""
    return token[:1].isdigit() or token.lower() in NUMBER_WORDS
