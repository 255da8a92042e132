"""Reads English count phrases, such as a newspaper's death toll, as the range that they mean.

A phrase is split into tokens (`count_tokens.py`; a token may be several words), and parsed by recursive descent:

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
from fractions import Fraction
from math import ceil, inf, prod
from typing import NamedTuple

from afteraction.data.articles.article import LARGEST_COUNT, Toll
from afteraction.data.text.count_tokens import Kind, Token, scan

_NUMERIC = (Kind.UNIT, Kind.TENS, Kind.SCALE, Kind.SCALES, Kind.VAGUE, Kind.BODY)
_SKIPPED = (Kind.FILLER, Kind.MAYBE, Kind.PUNCTUATION)
_LINKS = (Kind.AND, Kind.TO, Kind.MAYBE, Kind.PUNCTUATION)
_MARKERS = (Kind.AT_LEAST, Kind.AT_MOST, Kind.BELOW)
_TRAILING = {Kind.AT_LEAST: Kind.OR_MORE, Kind.AT_MOST: Kind.OR_LESS}

_NEARLY = re.compile(r"\s*(?:nearly|almost)\b", re.IGNORECASE)
_LEAST_NEARLY = 0.95
"""The smallest share of a number that "nearly" allows, by the annotation guidelines."""


class _Range(NamedTuple):
    low: Fraction
    high: Fraction | None
    end: int


def parse_count(phrase: str) -> Toll | None:
    """Reads a count phrase as the range that it means.

    - An approximate number counts as its own value: "nearly 50" is 50.
    - "More than 50" is 50 or more. "Fewer than 20" is 0 to 19.
    - A plural unit means at least two of them: "dozens" is 24 or more. "Several" and "a few" are at least three.
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
    tokens = scan(phrase)
    count = _bounded(tokens, 0)
    if count is None or any(token.kind is Kind.NEVER for token in tokens):
        return None
    low, high, i = count
    # Read what follows the count. The last token is the sentinel that `scan` appends.
    previous = Kind.UNIT
    while i < len(tokens) - 1:
        kind = tokens[i].kind
        i += 1
        if kind is Kind.FILLER:
            continue
        if i == len(tokens) - 1:  # "50 at least" means "50 or more"
            kind = _TRAILING.get(kind, kind)
        if kind is Kind.OR_MORE:
            high = None
        elif kind is Kind.OR_LESS:
            low = Fraction(0)
        elif kind not in _LINKS:
            again = None if previous is Kind.WORD else _bounded(tokens, i - 1)
            if again is None or (kind is Kind.ARTICLE and previous is Kind.PUNCTUATION):
                kind = Kind.WORD
            elif previous in _LINKS and again.low == low and again.high in (low, high):  # "eleven (11)"
                i = again.end
            elif previous in (Kind.TO, Kind.MAYBE) or (previous in _LINKS and again.low == 0):
                high, i = again.high, again.end  # "30, possibly 40", "more than 30 but fewer than 40"
            elif previous is Kind.PUNCTUATION and high == low < again.low < (again.high or 0):
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

    Works like `parse_count`, but "nearly 200" is 190 to 200, and "up to 40" is 1 to 40, since somebody died.
    """
    toll = parse_count(phrase)
    if toll is None or toll.high is None:
        return toll
    if toll.low == toll.high and _NEARLY.match(phrase):
        return Toll(ceil(toll.low * _LEAST_NEARLY), toll.high)
    return Toll(min(1, toll.high), toll.high) if toll.low == 0 else toll


def _skip(tokens: list[Token], i: int) -> int:
    """Returns the index of the first token from `i` on that is not skipped."""
    while tokens[i].kind in _SKIPPED:
        i += 1
    return i


def _bounded(tokens: list[Token], start: int) -> _Range | None:
    """Reads a count with a bound in front of it: "at least 30 or 40". Returns None if there is no count."""
    i = _skip(tokens, start)
    for kind in (Kind.ARTICLE, Kind.BODY):  # "a total of at least 30", "a group of at least 30"
        after = _skip(tokens, i + 1) if tokens[i].kind is kind else i
        i = after if tokens[after].kind in (*_MARKERS, Kind.BODY) else i
    marker = tokens[i].kind
    count = _range(tokens, _skip(tokens, i + 1) if marker in _MARKERS else i)
    if count is None or marker not in _MARKERS:
        return count
    if marker is Kind.AT_LEAST:
        return count._replace(high=None)
    high = None if count.high is None else count.high - (marker is Kind.BELOW)
    return count._replace(low=Fraction(0), high=high)


def _range(tokens: list[Token], start: int) -> _Range | None:
    """Reads one amount, or two joined ones ("between 30 and 40", "two or three hundred"), or returns None."""
    between = tokens[start].kind is Kind.BETWEEN
    joiners = (Kind.TO, Kind.AND) if between else (Kind.TO,)
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


def _last_scale(tokens: list[Token], end: int) -> Fraction:
    """Returns the scale of the number that ends at `end`: 100,000 in "three hundred thousand", 1,000 in "3,000"."""
    start = end
    while tokens[start - 1].kind is Kind.SCALE:
        start -= 1
    kind, value = tokens[start - 1]
    in_thousands = kind is Kind.UNIT and value >= 1000 and value % 1000 == 0
    return Fraction(prod(int(token.value) for token in tokens[start:end]) * (1000 if in_thousands else 1))


def _amounts(tokens: list[Token], start: int) -> list[_Range]:
    """Returns all ways to read one amount, exact or vague, the shortest first."""
    i = _skip(tokens, start)
    if tokens[i].kind is Kind.ARTICLE and tokens[after := _skip(tokens, i + 1)].kind in _NUMERIC:
        i = after
    if tokens[i].kind is Kind.BODY:
        return _amounts_at(tokens, _skip(tokens, i + 1)) or [_Range(tokens[i].value, None, i + 1)]
    return _amounts_at(tokens, i)


def _amounts_at(tokens: list[Token], i: int) -> list[_Range]:
    """Returns all ways to read the amount that begins at `i` itself, the shortest first."""
    if tokens[i].kind not in (Kind.VAGUE, Kind.SCALES):
        return _numbers(tokens, i)
    low = Fraction(2)  # a plural is at least two
    if tokens[i].kind is Kind.VAGUE:
        low = tokens[i].value
        i += 1
    while True:
        after = i + (tokens[i].kind is Kind.OF)
        if tokens[after].kind is not Kind.SCALES and (after > i or tokens[i].kind is not Kind.SCALE):
            return [_Range(low, None, i)]
        if low <= LARGEST_COUNT:  # larger numbers cannot be counts anyway
            low *= tokens[after].value
        i = after + 1


def _numbers(tokens: list[Token], i: int) -> list[_Range]:
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
        i += bool(parts) and room >= 100 and tokens[i].kind is Kind.AND
        kind, value = tokens[i]
        if kind is Kind.ORDINAL and parts and value < room:  # "twenty first"
            return []
        if kind in (Kind.UNIT, Kind.TENS) or (kind is Kind.ARTICLE and not parts):
            part, next_room, unit = value, 10 if kind is Kind.TENS else 1, Fraction(1)
        elif kind is Kind.HALF and parts:
            before, _ = parts.pop()
            total -= before
            part, next_room = before + value * unit, 1
        elif kind is Kind.SCALE or (kind is Kind.SCALES and parts):
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
