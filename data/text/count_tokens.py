"""Splits English count phrases into tokens: numbers, and the words and marks that count, bound or join them.

A token may be several words, such as "no fewer than", or a number in groups of digits, such as "3,000".
"""

import re
from enum import Enum
from fractions import Fraction
from typing import NamedTuple

from afteraction.data.text.lexicon import ordered_words
from afteraction.data.text.numbers import TENS, UNITS

Kind = Enum(
    "Kind",
    "UNIT TENS SCALE SCALES HALF VAGUE BODY ARTICLE ORDINAL AT_LEAST AT_MOST BELOW BETWEEN OR_MORE OR_LESS "
    "TO AND MAYBE FILLER PUNCTUATION OF WORD NEVER",
)


class Token(NamedTuple):
    """The kind of a token, and its value if it is a number or a part of one."""

    kind: Kind
    value: Fraction


_COUNTED = (
    (Kind.UNIT, 0, 1, ("zero", *UNITS)),
    (Kind.TENS, 20, 10, TENS),
    (Kind.ORDINAL, 1, 1, ordered_words("ordinals")),
)
"""Words in counting order: kind, value of the first word, step to the next word, words."""

_SCALES = {"ten": 10, "dozen": 12, "score": 20, "hundred": 100, "thousand": 1000, "lakh": 10**5}
_SCALES |= {"million": 10**6, "crore": 10**7, "billion": 10**9}
_PHRASES = (
    (Kind.UNIT, 0, "no|none|nobody|no one|nil|not one|not a single"),
    (Kind.UNIT, 2, "both|couple|couple of|pair|pair of"),
    (Kind.UNIT, 3, "trio|trio of"),
    (Kind.UNIT, 4, "quartet|quartet of"),
    (Kind.ARTICLE, 1, "a|an"),
    (Kind.VAGUE, 2, "multiple|number of|large number of|small number of|unknown number of"),
    (Kind.BODY, 2, "group of|family of|band of|crew of|crowd of|gang of|party of|squad of|team of"),
    (Kind.VAGUE, 2, "unspecified number of|undetermined number of|unconfirmed number of"),
    (Kind.VAGUE, 3, "great many|good many|several|a few|handful|handful of|many|numerous|countless|lot of|lots of"),
    (Kind.ORDINAL, 0, "hundredth|thousandth|third of|thirds|quarter of|quarters|fifths|tenths"),
    (Kind.AT_LEAST, 0, "at least|at the least|at the very least|more than|many more than|over|above"),
    (Kind.AT_LEAST, 0, "no fewer than|no less than|not fewer than|not less than|upwards of|upward of"),
    (Kind.AT_LEAST, 0, "in excess of|north of|greater than|as few as|a minimum of|minimum of|minimum|>|>=|≥"),
    (Kind.AT_MOST, 0, "up to|as many as|as much as|no more than|not more than|at most|at the most"),
    (Kind.AT_MOST, 0, "a maximum of|maximum of|maximum|<=|≤"),
    (Kind.BELOW, 0, "fewer than|less than|under|below|short of|<"),
    (Kind.BETWEEN, 0, "between|from|anything from|anything between"),
    (Kind.OR_MORE, 0, "or more|or above|or possibly more|or perhaps more|and possibly more|if not more"),
    (Kind.OR_MORE, 0, "and perhaps more|possibly more|perhaps more|maybe more|and counting|and rising|plus|+"),
    (Kind.OR_MORE, 0, "or even more|or maybe more|likely more|probably more|or upwards|and upwards|and upward"),
    (Kind.OR_LESS, 0, "or fewer|or less|or under"),
    (Kind.TO, 0, "to|or|if not|-|–"),
    (Kind.AND, 0, "and|but|then|while|&|/"),
    (Kind.MAYBE, 0, "possibly|perhaps|maybe|potentially|probably"),
    (Kind.FILLER, 0, "about|around|roughly|approximately|approx|circa|ca|~|≈|nearly|almost|close to|near"),
    (Kind.FILLER, 0, "exactly|precisely|just|only|even|well|far|slightly|still|now|quite|some|somewhere"),
    (Kind.FILLER, 0, "anywhere|the|these|those|his|her|its|their|our|all|another|further|additional|other"),
    (Kind.FILLER, 0, "total of|estimated|estimated at|reported|reportedly|confirmed|combined|or so|in all"),
    (Kind.FILLER, 0, "or thereabouts|as a group|entire|in the region of|on the order of|good|full|record"),
    (Kind.FILLER, 0, "toll of|death toll of|total number of"),
    (Kind.FILLER, 0, "a little|a bit|a shade|not quite|close on|nigh on|getting on for|odd"),
    (Kind.OF, 0, "of"),
    (Kind.NEVER, 0, "percent|per cent|%|$|€|£|year old|years old|year olds|daily|an hour|a day|a week"),
    (Kind.NEVER, 0, "a month|a year|per hour|per day|per week|per month|per year|every day|each day"),
)
"""Phrases by kind and value, separated by bars."""

# "tens" is a scale, as in "tens of thousands"; "ten" is a unit.
_ROWS = [(kind, value, 0, phrases.split("|")) for kind, value, phrases in _PHRASES]
_ROWS += [(kind, first, step, [*words]) for kind, first, step, words in _COUNTED]
_ROWS += [(Kind.SCALE, value, 0, [word]) for word, value in _SCALES.items() if word != "ten"]
_ROWS += [(Kind.SCALES, value, 0, [f"{word}s"]) for word, value in _SCALES.items()]
_LEXICON = {
    phrase: Token(kind, Fraction(first + step * index))
    for kind, first, step, phrases in _ROWS
    for index, phrase in enumerate(phrases)
}
_LEXICON |= dict.fromkeys(("half", "half a", "a half", "one half"), Token(Kind.UNIT, Fraction(1, 2)))
_LEXICON |= dict.fromkeys(("a quarter", "one quarter"), Token(Kind.UNIT, Fraction(1, 4)))
_LEXICON["and a half"] = Token(Kind.HALF, Fraction(1, 2))

# Reduces dashes to "-" and "–", and removes soft hyphens.
_DASHES = str.maketrans({"‐": "-", "‑": "-", "‒": "–", "−": "–", "\xad": None})
# A hyphen next to a letter separates words ("forty-two", "50-plus"). Between digits it means "to", so it stays.
_HYPHEN = re.compile(r"(?<=[^\W\d])-|-(?=[^\W\d])|(?<=ty)\s-\s")
_LEXICON_PATTERN = "|".join(sorted((word for word in _LEXICON if word[0].isalpha()), key=len, reverse=True))
# With a scale after it, a number with a single point is a decimal ("1.125 million"), not in groups of digits ("1.125").
_DECIMAL = rf"\d{{1,3}}\.\d{{3}}[ ](?:{'|'.join(_SCALES)})\b"
# "A large number" or the like, a phrase of the lexicon (the longest first), a number in groups of digits (Western or
# Indian), another number, a word, a long dash, or a single mark.
_TOKEN = re.compile(
    rf"""(?: (?P<some> an?[ ](?:(?!total)\w+[ ])?number) | {_LEXICON_PATTERN.replace(" ", "[ ]")} )
      (?! \w | (?<=more)[ ]than\b | (?<=at)[ ](?:least|most)\b )  # not "possibly more" of "possibly more than"
    | (?: (?P<grouped> (?!0|{_DECIMAL})\d{{1,3}} (?P<gap>[,.'’ ]|[ ],[ ])\d{{3}} (?:(?P=gap)\d{{3}}){{,3}} (?![,.'’]?\d)
                     | \d{{1,2}} (?:,\d\d){{1,5}} ,\d{{3}} (?![,.]?\d) )
        | (?P<plain> (?<![.\d])\d{{,15}}\.\d{{1,15}} (?![,.]?\d) | \d{{1,15}} (?![,.]\d) )
      ) (?P<thousands>k?) (?!\w)
    | \w+ | --+ | [<>]= | [^\w\s]""",
    re.VERBOSE,
)


def scan(phrase: str) -> list[Token]:
    """Splits a phrase into tokens. A word is appended as a sentinel, so that parsers need not check for the end."""
    text = " ".join(_HYPHEN.sub(" ", phrase.casefold().translate(_DASHES)).split()).strip(" -–")
    return [*map(_token, _TOKEN.finditer(text)), Token(Kind.WORD, Fraction(0))]


def _token(match: re.Match[str]) -> Token:
    text, grouped, plain = match[0], match["grouped"], match["plain"]
    if grouped or plain:
        value = Fraction(re.sub(r"\D", "", grouped) if grouped else plain)
        return Token(Kind.UNIT, value * 1000 if match["thousands"] else value)
    if match["some"]:
        return _LEXICON["number of"]
    if text.isdecimal():  # digits that are not part of a number above, as in "1,2"
        return Token(Kind.NEVER, Fraction(0))
    unknown = Kind.WORD if text[0].isalnum() else Kind.PUNCTUATION
    return _LEXICON.get(text, Token(unknown, Fraction(0)))
