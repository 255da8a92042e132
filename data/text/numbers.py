"""Number words, and regular expressions for finding count phrases.

The patterns here only find where a count phrase may be. `counts.py` reads a phrase as the range that it means.
"""

from afteraction.data.text.lexicon import ordered_words

UNITS = ordered_words("units")
"""The words from one to nineteen, in order."""

TENS = ordered_words("tens")
"""The words twenty, thirty, ..., ninety, in order."""

SCALES = ordered_words("scales")
PLURAL_SCALES = ordered_words("plural_scales")

NUMBER_WORDS = frozenset((*UNITS, *TENS, *SCALES, *PLURAL_SCALES))

UNITS_PATTERN = "|".join(UNITS)
"""An alternation for a regular expression, without a group around it. `TENS_PATTERN` likewise."""

TENS_PATTERN = "|".join(TENS)


def is_number(token: str) -> bool:
    """Returns whether a token is a number, in digits or as a word."""
    return token[:1].isdigit() or token.lower() in NUMBER_WORDS
