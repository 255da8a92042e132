"""Number words, and regular expressions for finding count phrases.

The patterns here only find where a count phrase may be. `counts.py` reads a phrase as the range that it means.
"""

import re

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

_SCALES = "hundred|thousand|million|billion|dozen|lakh|crore"
_SMALL = f"{UNITS_PATTERN}|{TENS_PATTERN}"
_NUMBER = (
    r"(?:(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d\d)+,\d{3}"
    rf"|(?!(?:19|20)\d\d\b)\d{{1,6}}(?:\.\d{{1,3}}(?= (?:{_SCALES})\b))?)(?: (?:{_SCALES})\b)*+"  # 1985 is a year
    rf"|(?:(?:a|half a) (?:{_SCALES})|{_SMALL}|(?<!\d )(?:hundred|thousand|dozen))\b"
    rf"(?:(?:-| and | )(?:{_SMALL}|{_SCALES}|a half(?= (?:{_SCALES})\b))\b)*+)"
    rf"(?![\w%]|[.,:]\d|-year|-old|-month|-day|-hour|-(?:{'|'.join(ordered_words('ordinals'))})\b)"
)
_BOUND = (
    "at least|more than|over|no fewer than|no less than|not fewer than|not less than|no more than|not more than|at most"
    "|up to|as many as|about|around|approximately|roughly|nearly|almost|some|an estimated|upwards of|in excess of"
    "|fewer than|less than|possibly|close to"
)
_BEGINS = r"(?<![\w$€£.,-])(?<!\d:)"
# A count with several bounds in front begins with the first one, and "no more than" with "no". Without this, a match
# would be tried from each bound in a long run. The "one" of "no one" and "not one" is not a count.
_NOT_AFTER_A_BOUND = "".join(rf"(?<!{_BEGINS}{bound} )" for bound in _BOUND.split("|"))
_NOT_AFTER_A_BOUND += r"(?<!\bno\s)(?!(?<=\bnot\s)(?:one\b|(?:more|fewer|less) than ))"
COUNT = re.compile(
    rf"{_BEGINS}(?=[a-z\d]){_NOT_AFTER_A_BOUND}(?:(?:{_BOUND}) )*+"
    rf"(?:between {_NUMBER} and {_NUMBER}|{_NUMBER}(?:(?: to | or |-|–){_NUMBER})?+"
    r"(?: or more\b|\+)?|(?:(?:tens|dozens|hundreds) of )?(?:dozens|scores|hundreds|thousands)(?: of\b)?"
    rf"|(?:(?:several|multiple|a few)(?: (?:{_SCALES}))?|(?<!as )(?<!how )(?<!not )many|numerous"
    r"|an? (?:\w+ )?number of)\b)(?![- ](?:thirds?|quarters?|fifths?|tenths?|per ?cent)\b)"
)
"""Finds where a count phrase may be in a lower-case text, with its bounds: "at least 30", "dozens of"."""


def is_number(token: str) -> bool:
    """Returns whether a token is a number, in digits or as a word."""
    return token[:1].isdigit() or token.lower() in NUMBER_WORDS
