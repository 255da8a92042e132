"""Reads English count phrases, as newspapers word a death toll, as the range that they mean.

A phrase is split into tokens (`_Kind`; a token may be several words), and parsed by recursive descent:

    phrase  = bounded { tail }                                       "at least 30 people, possibly 40"
    tail    = OR_MORE | OR_LESS | link bounded | any other word      "or more", "but fewer than 60", "people"
    link    = AND | TO | MAYBE | PUNCTUATION
    bounded = [ [ ARTICLE ] [ BODY ]                                 "a total of at least 30", "a group of up to 30"
                ( AT_LEAST | AT_MOST | BELOW ) ] range               "up to 30 or 40"
    range   = amount [ TO amount ]                                   "two or three hundred"
            | BETWEEN amount ( TO | AND ) amount                     "between 30 and 40"
    amount  = [ ARTICLE ] ( vague | [ BODY ] number | BODY )         "a dozen", "a family of five", "a group of"
    vague   = ( VAGUE | SCALES ) { [ OF ] SCALES | SCALE }           "several dozen", "tens of thousands"
    number  = ( UNIT | TENS | ARTICLE | SCALE )                      "3,000", "a hundred and five",
              { [ AND ] ( UNIT | TENS ) | SCALE | SCALES | HALF }    "two and a half thousand"

Fillers ("about", "some"), "possibly" and punctuation are skipped before and inside a bounded count. A number that ends
in an ORDINAL is not a count. A token NEVER marks a rate, an age or an amount of money, so the phrase is not a count.
"""

import re
from enum import Enum
from fractions import Fraction
from math import ceil, inf, prod
from typing import NamedTuple

from afteraction.data.articles.article import LARGEST_COUNT, Toll
from afteraction.data.text.lexicon import ordered_words
from afteraction.data.text.numbers import TENS, UNITS

_Kind = Enum(
    "_Kind",
    "UNIT TENS SCALE SCALES HALF VAGUE BODY ARTICLE ORDINAL AT_LEAST AT_MOST BELOW BETWEEN OR_MORE OR_LESS "
    "TO AND MAYBE FILLER PUNCTUATION OF WORD NEVER",
)


class _Token(NamedTuple):
    kind: _Kind
    value: Fraction


class _Range(NamedTuple):
    low: Fraction
    high: Fraction | None
    end: int


_COUNTED = (
    (_Kind.UNIT, 0, 1, ("zero", *UNITS)),
    (_Kind.TENS, 20, 10, TENS),
    (_Kind.ORDINAL, 1, 1, ordered_words("ordinals")),
)
"""Words in counting order: kind, value of the first word, step to the next word, words."""

_SCALES = {"ten": 10, "dozen": 12, "score": 20, "hundred": 100, "thousand": 1000, "lakh": 10**5}
_SCALES |= {"million": 10**6, "crore": 10**7, "billion": 10**9}
_PHRASES = (
    (_Kind.UNIT, 0, "no|none|nobody|no one|nil|not one|not a single"),
    (_Kind.UNIT, 2, "both|couple|couple of|pair|pair of"),
    (_Kind.UNIT, 3, "trio|trio of"),
    (_Kind.UNIT, 4, "quartet|quartet of"),
    (_Kind.ARTICLE, 1, "a|an"),
    (_Kind.VAGUE, 2, "multiple|number of|large number of|small number of|unknown number of"),
    (_Kind.BODY, 2, "group of|family of|band of|crew of|crowd of|gang of|party of|squad of|team of"),
    (_Kind.VAGUE, 2, "unspecified number of|undetermined number of|unconfirmed number of"),
    (_Kind.VAGUE, 3, "great many|good many|several|a few|handful|handful of|many|numerous|countless|lot of|lots of"),
    (_Kind.ORDINAL, 0, "hundredth|thousandth|third of|thirds|quarter of|quarters|fifths|tenths"),
    (_Kind.AT_LEAST, 0, "at least|at the least|at the very least|more than|many more than|over|above"),
    (_Kind.AT_LEAST, 0, "no fewer than|no less than|not fewer than|not less than|upwards of|upward of"),
    (_Kind.AT_LEAST, 0, "in excess of|north of|greater than|as few as|a minimum of|minimum of|minimum|>|>=|≥"),
    (_Kind.AT_MOST, 0, "up to|as many as|as much as|no more than|not more than|at most|at the most"),
    (_Kind.AT_MOST, 0, "a maximum of|maximum of|maximum|<=|≤"),
    (_Kind.BELOW, 0, "fewer than|less than|under|below|short of|<"),
    (_Kind.BETWEEN, 0, "between|from|anything from|anything between"),
    (_Kind.OR_MORE, 0, "or more|or above|or possibly more|or perhaps more|and possibly more|if not more"),
    (_Kind.OR_MORE, 0, "and perhaps more|possibly more|perhaps more|maybe more|and counting|and rising|plus|+"),
    (_Kind.OR_LESS, 0, "or fewer|or less|or under"),
    (_Kind.TO, 0, "to|or|if not|-|–"),
    (_Kind.AND, 0, "and|but|then|while|&|/"),
    (_Kind.MAYBE, 0, "possibly|perhaps|maybe|potentially|probably"),
    (_Kind.FILLER, 0, "about|around|roughly|approximately|approx|circa|ca|~|≈|nearly|almost|close to|near"),
    (_Kind.FILLER, 0, "exactly|precisely|just|only|even|well|far|slightly|still|now|quite|some|somewhere"),
    (_Kind.FILLER, 0, "anywhere|the|these|those|his|her|its|their|our|all|another|further|additional|other"),
    (_Kind.FILLER, 0, "total of|estimated|estimated at|reported|reportedly|confirmed|combined|or so|in all"),
    (_Kind.FILLER, 0, "or thereabouts|as a group|entire|in the region of|on the order of|good|full|record"),
    (_Kind.FILLER, 0, "toll of|death toll of"),
    (_Kind.FILLER, 0, "a little|a bit|a shade|not quite|close on|nigh on|getting on for|odd"),
    (_Kind.OF, 0, "of"),
    (_Kind.NEVER, 0, "percent|per cent|%|$|€|£|year old|years old|year olds|daily|an hour|a day|a week"),
    (_Kind.NEVER, 0, "a month|a year|per hour|per day|per week|per month|per year|every day|each day"),
)
"""Phrases by kind and value, separated by bars."""

# "tens" is a scale, as in "tens of thousands"; "ten" is a unit.
_ROWS = [(kind, value, 0, phrases.split("|")) for kind, value, phrases in _PHRASES]
_ROWS += [(kind, first, step, [*words]) for kind, first, step, words in _COUNTED]
_ROWS += [(_Kind.SCALE, value, 0, [word]) for word, value in _SCALES.items() if word != "ten"]
_ROWS += [(_Kind.SCALES, value, 0, [f"{word}s"]) for word, value in _SCALES.items()]
_LEXICON = {
    phrase: _Token(kind, Fraction(first + step * index))
    for kind, first, step, phrases in _ROWS
    for index, phrase in enumerate(phrases)
}
_LEXICON |= dict.fromkeys(("half", "half a", "a half"), _Token(_Kind.UNIT, Fraction(1, 2)))
_LEXICON["and a half"] = _Token(_Kind.HALF, Fraction(1, 2))

_NUMERIC = (_Kind.UNIT, _Kind.TENS, _Kind.SCALE, _Kind.SCALES, _Kind.VAGUE, _Kind.BODY)
_SKIPPED = (_Kind.FILLER, _Kind.MAYBE, _Kind.PUNCTUATION)
_LINKS = (_Kind.AND, _Kind.TO, _Kind.MAYBE, _Kind.PUNCTUATION)
_MARKERS = (_Kind.AT_LEAST, _Kind.AT_MOST, _Kind.BELOW)
_TRAILING = {_Kind.AT_LEAST: _Kind.OR_MORE, _Kind.AT_MOST: _Kind.OR_LESS}

# Reduces dashes to "-" and "–", and removes soft hyphens.
_DASHES = str.maketrans({"‐": "-", "‑": "-", "‒": "–", "−": "–", "\xad": None})
# A hyphen next to a letter separates words ("forty-two", "50-plus"). Between digits it means "to", so it stays.
_HYPHEN = re.compile(r"(?<=[^\W\d])-|-(?=[^\W\d])|(?<=ty)\s-\s")
_NEARLY = re.compile(r"\s*(?:nearly|almost)\b", re.IGNORECASE)
_LEAST_NEARLY = 0.95
"""The least share of a number that "nearly" allows, by the annotation guidelines."""
_LEXICON_PATTERN = "|".join(sorted((word for word in _LEXICON if word[0].isalpha()), key=len, reverse=True))
# A phrase of the lexicon (the longest first), a number in groups of digits (Western or Indian), another number, a word,
# a long dash, or a single mark.
_TOKEN = re.compile(
    rf"""(?: {_LEXICON_PATTERN.replace(" ", "[ ]")} ) (?!\w)
    | (?: (?P<grouped> (?!0)\d{{1,3}} (?P<gap>[,.'’ ]|[ ],[ ])\d{{3}} (?:(?P=gap)\d{{3}}){{,3}} (?![,.'’]?\d)
                     | \d{{1,2}} (?:,\d\d){{1,5}} ,\d{{3}} (?![,.]?\d) )
        | (?P<plain> (?<![.\d])\d{{,15}}\.\d{{1,15}} (?![,.]?\d) | \d{{1,15}} (?![,.]\d) )
      ) (?P<thousands>k?) (?!\w)
    | \w+ | --+ | [<>]= | [^\w\s]""",
    re.VERBOSE,
)


def parse_count(phrase: str) -> Toll | None:
    """Reads a count phrase as the range that it means.

    - An approximate number counts as its own value: "nearly 50" is 50.
    - "More than 50" is 50 or more. "Fewer than 20" is 0 to 19.
    - A plural unit is at least two of it: "dozens" is 24 or more. "Several" and "a few" are at least three.
    - Words after the count are ignored ("50 people"), unless they bound it ("or more", "but fewer than 60"), continue
      it ("10, 11 or 12") or repeat it ("eleven (11)"). A second, different count ("12, then 15") makes the phrase
      ambiguous.
    - A group of a stated size counts as its size: "a family of five". Without a size it is at least two.
    - Rates, ages, fractions and ordinals are not counts.

    Args:
        phrase: any text. Case and white space do not matter.

    Returns:
        The range, or None if the phrase does not begin with a count of whole people, if it is ambiguous, or if its
        bounds contradict each other or say nothing ("at least zero").
    """
    tokens = _scan(phrase)
    count = _bounded(tokens, 0)
    if count is None or any(token.kind is _Kind.NEVER for token in tokens):
        return None
    low, high, i = count
    # Read what follows the count. The last token is the sentinel that `_scan` appends.
    previous = _Kind.UNIT
    while i < len(tokens) - 1:
        kind = tokens[i].kind
        i += 1
        if kind is _Kind.FILLER:
            continue
        if i == len(tokens) - 1:  # "50 at least" means "50 or more"
            kind = _TRAILING.get(kind, kind)
        if kind is _Kind.OR_MORE:
            high = None
        elif kind is _Kind.OR_LESS:
            low = Fraction(0)
        elif kind not in _LINKS:
            again = None if previous is _Kind.WORD else _bounded(tokens, i - 1)
            if again is None or (kind is _Kind.ARTICLE and previous is _Kind.PUNCTUATION):
                kind = _Kind.WORD
            elif previous in _LINKS and again.low == low and again.high in (low, high):  # "eleven (11)"
                i = again.end
            elif previous in (_Kind.TO, _Kind.MAYBE) or (previous in _LINKS and again.low == 0):
                high, i = again.high, again.end  # "30, possibly 40", "more than 30 but fewer than 40"
            elif previous is _Kind.PUNCTUATION and high == low < again.low < (again.high or 0):
                high, i = again.high, again.end  # "10, 11 or 12"
            elif previous in _LINKS and low == 0 and again.high is None:
                low, i = again.low, again.end  # "fewer than 40 but more than 30"
            else:
                return None
        previous = kind

    # Only whole numbers in order are a range, and "zero or more" says nothing.
    if low.denominator != 1 or (low == 0 and high is None):
        return None
    if max(low, high or 0) > LARGEST_COUNT:
        return None
    if high is not None and (high.denominator != 1 or high < low):
        return None
    return Toll(int(low), None if high is None else int(high))


def read_toll(phrase: str) -> Toll | None:
    """Reads a count phrase as a death toll, by the annotation guidelines.

    As `parse_count` does, but "nearly 200" is 190 to 200, and "up to 40" is 1 to 40, since somebody died.
    """
    toll = parse_count(phrase)
    if toll is None or toll.high is None:
        return toll
    if toll.low == toll.high and _NEARLY.match(phrase):
        return Toll(ceil(toll.low * _LEAST_NEARLY), toll.high)
    return Toll(min(1, toll.high), toll.high) if toll.low == 0 else toll


def _scan(phrase: str) -> list[_Token]:
    """Splits a phrase into tokens. A word is appended as a sentinel, so that parsers need not check for the end."""
    text = " ".join(_HYPHEN.sub(" ", phrase.casefold().translate(_DASHES)).split()).strip(" -–")
    return [*map(_token, _TOKEN.finditer(text)), _Token(_Kind.WORD, Fraction(0))]


def _token(match: re.Match[str]) -> _Token:
    text, grouped, plain = match[0], match["grouped"], match["plain"]
    if grouped or plain:
        value = Fraction(re.sub(r"\D", "", grouped) if grouped else plain)
        return _Token(_Kind.UNIT, value * 1000 if match["thousands"] else value)
    if text.isdecimal():  # digits that are part of no number above, as in "1,2"
        return _Token(_Kind.NEVER, Fraction(0))
    unknown = _Kind.WORD if text[0].isalnum() else _Kind.PUNCTUATION
    return _LEXICON.get(text, _Token(unknown, Fraction(0)))


def _skip(tokens: list[_Token], i: int) -> int:
    """Returns the index of the first token from `i` on that is not skipped."""
    while tokens[i].kind in _SKIPPED:
        i += 1
    return i


def _bounded(tokens: list[_Token], start: int) -> _Range | None:
    """Reads a count with a bound in front of it: "at least 30 or 40". Returns None if there is none."""
    i = _skip(tokens, start)
    for kind in (_Kind.ARTICLE, _Kind.BODY):  # "a total of at least 30", "a group of at least 30"
        after = _skip(tokens, i + 1) if tokens[i].kind is kind else i
        i = after if tokens[after].kind in (*_MARKERS, _Kind.BODY) else i
    marker = tokens[i].kind
    count = _range(tokens, _skip(tokens, i + 1) if marker in _MARKERS else i)
    if count is None or marker not in _MARKERS:
        return count
    if marker is _Kind.AT_LEAST:
        return count._replace(high=None)
    high = None if count.high is None else count.high - (marker is _Kind.BELOW)
    return count._replace(low=Fraction(0), high=high)


def _range(tokens: list[_Token], start: int) -> _Range | None:
    """Reads one amount, or two joined ones ("between 30 and 40", "two or three hundred"). None if there is none."""
    between = tokens[start].kind is _Kind.BETWEEN
    joiners = (_Kind.TO, _Kind.AND) if between else (_Kind.TO,)
    # Try the longest lower amount first: "one hundred and fifty", then "one hundred" joined with "fifty".
    for low, high, end in reversed(_amounts(tokens, start + between)):
        for upper in _amounts(tokens, end + 1)[-1:] if tokens[end].kind in joiners else []:
            if upper.high is None:
                return upper._replace(low=low)
            # The lower end may share the scale of the upper one: "two to three hundred", "2-3,000".
            scaled = low * _last_scale(tokens, upper.end)
            if min(low, scaled) <= upper.high:
                return upper._replace(low=scaled if scaled < upper.high else low)
        if not between:
            return _Range(low, high, end)
    return None


def _last_scale(tokens: list[_Token], end: int) -> Fraction:
    """Returns the scale of the number that ends at `end`: 100,000 in "three hundred thousand", 1,000 in "3,000"."""
    start = end
    while tokens[start - 1].kind is _Kind.SCALE:
        start -= 1
    kind, value = tokens[start - 1]
    in_thousands = kind is _Kind.UNIT and value >= 1000 and value % 1000 == 0
    return Fraction(prod(int(token.value) for token in tokens[start:end]) * (1000 if in_thousands else 1))


def _amounts(tokens: list[_Token], start: int) -> list[_Range]:
    """Returns all ways to read one amount, exact or vague, the shortest first."""
    i = _skip(tokens, start)
    if tokens[i].kind is _Kind.ARTICLE and tokens[after := _skip(tokens, i + 1)].kind in _NUMERIC:
        i = after
    if tokens[i].kind is _Kind.BODY:
        return _amounts_at(tokens, _skip(tokens, i + 1)) or [_Range(tokens[i].value, None, i + 1)]
    return _amounts_at(tokens, i)


def _amounts_at(tokens: list[_Token], i: int) -> list[_Range]:
    """Returns all ways to read the amount that begins at `i` itself, the shortest first."""
    if tokens[i].kind not in (_Kind.VAGUE, _Kind.SCALES):
        return _numbers(tokens, i)
    low = Fraction(2)  # a plural is at least two
    if tokens[i].kind is _Kind.VAGUE:
        low = tokens[i].value
        i += 1
    while True:
        after = i + (tokens[i].kind is _Kind.OF)
        if tokens[after].kind is not _Kind.SCALES and (after > i or tokens[i].kind is not _Kind.SCALE):
            return [_Range(low, None, i)]
        if low <= LARGEST_COUNT:  # any larger number is none that a count can be
            low *= tokens[after].value
        i = after + 1


def _numbers(tokens: list[_Token], i: int) -> list[_Range]:
    """Returns the numbers that begin at `i`, the shortest first: 1, 100 and 105 in "one hundred and five".

    A number is a sum of parts. Each part leaves room for smaller ones: below 10 after "twenty", below 100 after
    "hundred". "And a half" is half of the scale right before it ("a dozen and a half"), or half of one ("two and a half
    thousand").
    """
    parts: list[tuple[Fraction, float]] = []
    numbers: list[_Range] = []
    total = Fraction(0)
    room = inf
    unit = Fraction(1)
    while True:
        i += bool(parts) and room >= 100 and tokens[i].kind is _Kind.AND
        kind, value = tokens[i]
        if kind is _Kind.ORDINAL and parts and value < room:  # "twenty first"
            return []
        if kind in (_Kind.UNIT, _Kind.TENS) or (kind is _Kind.ARTICLE and not parts):
            part, next_room, unit = value, 10 if kind is _Kind.TENS else 1, Fraction(1)
        elif kind is _Kind.HALF and parts:
            before, _ = parts.pop()
            total -= before
            part, next_room = before + value * unit, 1
        elif kind is _Kind.SCALE or (kind is _Kind.SCALES and parts):
            # The scale multiplies the smaller parts before it: in "one million two hundred thousand", "two hundred".
            part = Fraction(0) if parts else value
            while parts and parts[-1][0] < max(value, Fraction(100)):
                smaller, _ = parts.pop()
                total -= smaller
                part += value * smaller
            next_room, unit = int(value) if value % 100 == 0 else 1, value
        else:
            return numbers
        if parts and not 0 < part < parts[-1][1]:  # no room: the part begins another number
            return numbers
        room = next_room
        parts.append((part, room))
        i += 1
        total += part
        numbers.append(_Range(total, total, i))
