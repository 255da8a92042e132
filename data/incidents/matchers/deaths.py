"""Where a text counts people, and whether it counts the dead, the hurt or something else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from afteraction.data.articles.article import Toll
from afteraction.data.text.counts import parse_count
from afteraction.data.text.lexicon import word_list
from afteraction.data.text.numbers import TENS_PATTERN, UNITS_PATTERN
from afteraction.data.text.sentences import sentence_starts
from afteraction.data.text.words import fold

Kind = Literal["dead", "hurt", "other"]

_UNITS = f"{UNITS_PATTERN}|{TENS_PATTERN}|hundred|thousand|dozen"
_NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+|(?!(?:19|20)\d\d\b)\d{1,6}"  # a bare 1985 is a year
    rf"|(?:(?:a|half a) (?=hundred\b|thousand\b|dozen\b))?(?:{_UNITS})(?:(?:-| and | )(?:{_UNITS}))*)"
    r"(?![\w%]|[.,:]\d|-year|-old|-month|-day|-hour)"
)
_BOUND = (
    "at least|more than|over|no fewer than|no less than|up to|as many as|about|around|approximately|roughly|nearly"
    "|almost|some|an estimated|upwards of|fewer than|less than|possibly|close to"
)
_COUNT = re.compile(
    rf"(?<![\w$€£.,-])(?:(?:{_BOUND}) )*(?:between {_NUMBER} and {_NUMBER}|{_NUMBER}(?:(?: to | or |-|–){_NUMBER})?"
    r"(?: or more\b|\+)?|(?:dozens|scores|hundreds|thousands)(?: of\b)?|(?:several|multiple|a few)\b)"
)
_REACH = 14
"""How many words after a count may hold the verb that governs it."""

_TOKEN = re.compile(r"\w+(?:['’]\w+)?|[^\w\s]")

_KILLED, _DEAD, _KILLING = word_list("killed"), word_list("dead"), word_list("killing")
_HURT = word_list("hurt")
_HURTING = _HURT | word_list("hurting")
_BE = word_list("be")
_ATTACKERS = word_list("attackers")
_PASSED_OVER = word_list("between_verb_and_count")
_CLAUSE_ENDS = word_list("clause_ends")
_PHRASE_ENDS = _BE | _KILLED | _DEAD | _CLAUSE_ENDS | word_list("phrase_ends")
_OBJECT_STARTS = word_list("object_starts")
_SELVES = {"himself", "herself", "themselves", "itself"}


@dataclass(frozen=True, slots=True)
class Count:
    """A count phrase: code points `[start, end)` with the words that bound it, the range it means, whom it counts."""

    start: int
    end: int
    toll: Toll
    kind: Kind


def count_people(text: str) -> list[Count]:
    """The counts of a text, in order.

    A count is of the dead if a word for killing or death governs it, in its own sentence: "killing 12", "12 civilians
    were killed", "12 dead", "a death toll of 12", and what is joined to it by "and" or a comma. It is not if it counts
    attackers, or the dead and the hurt together.
    """
    plain = "".join(folded if len(folded := fold(character)) == 1 else character for character in text)
    starts = [*sentence_starts(text), len(text)]
    counts: list[Count] = []
    for start, stop in pairwise(starts):
        matches = [(match, parse_count(text[slice(*match.span())])) for match in _COUNT.finditer(plain, start, stop)]
        counted = [(match.start(), match.end(), toll) for match, toll in matches if toll is not None]
        ends = [place for place, _, _ in counted[1:]] + [stop] * bool(counted)
        before = [_TOKEN.findall(plain, start, begin) for begin, _, _ in counted]
        after = [_TOKEN.findall(plain, end, following) for (_, end, _), following in zip(counted, ends, strict=True)]
        kinds = [
            _governed_before(tokens) or _governed_after(then, _TOKEN.findall(plain, end, stop))
            for tokens, then, (_, end, _) in zip(before, after, counted, strict=True)
        ]
        for kind, then, (begin, end, toll) in zip(_joined(kinds, after), after, counted, strict=True):
            if kind == "dead" and _ATTACKERS & set(_noun_phrase(then)):
                kind = "other"
            counts.append(Count(begin, end, toll, kind or "other"))
    return counts


def _joined(kinds: Sequence[Kind | None], after: Sequence[Sequence[str]]) -> list[Kind | None]:
    """Gives counts without a governing word the kind of the count that "and" or a comma joins them to."""
    joined = list(kinds)
    for place in range(1, len(joined)):
        if joined[place] is None and _joins(after[place - 1]):
            joined[place] = joined[place - 1]
    for place in reversed(range(len(joined) - 1)):
        if joined[place] is None and _joins(after[place]):
            joined[place] = joined[place + 1]
    return joined


def _governed_before(tokens: Sequence[str]) -> Kind | None:
    """Whom a count counts by the words before it: "killing all", "death toll rose to"."""
    place = len(tokens) - (3 if _SELVES & set(tokens[-2:-1]) and tokens[-1] == "and" else 1)
    while place >= 0 and (tokens[place] in _PASSED_OVER or tokens[place].endswith("ly")):
        if tokens[place] == "of" and tokens[place - 1] in {"death", "deaths", "lives", "life", "killing", "murder"}:
            return "dead"
        place -= 1
    if place < 0:
        return None
    word, earlier = tokens[place], set(tokens[max(0, place - 3) : place])
    if "toll" in tokens[max(0, place - 4) : place + 1] and word in {"to", "of", "at", "is", "was", "toll"}:
        return "dead"
    if word in _HURTING:
        return "other" if earlier & {"or", "/"} and earlier & _KILLING else "hurt"
    if word in _KILLING and not set(tokens[max(0, place - 2) : place]) & _BE:
        return "other" if earlier & _HURT and "or" in earlier else "dead"
    return None


def _governed_after(tokens: Sequence[str], rest: Sequence[str]) -> Kind | None:
    """Whom a count counts by the words after it; `tokens` end at the next count, `rest` at the sentence's end."""
    for place, word in enumerate(tokens[:_REACH]):
        earlier, following = tokens[:place], rest[place + 1 : place + 3]
        if word in _CLAUSE_ENDS or (word == "," and place > _REACH // 2):
            return None
        if word in _HURT:
            return "hurt"
        died = word in _DEAD or (word == "lives" and "lost" in earlier)
        passive = word in _KILLED and (bool(_BE & set(earlier[-3:])) or not _is_object(following[:1]))
        if word == "shot" and "dead" not in following and "fatally" not in earlier:
            passive = False
        if died or passive:
            # "killed and wounded 3": the wounded have a count of their own.
            ended = place + 3 >= len(tokens) < len(rest)
            return "dead" if ended else _unless_joined(following)
    return None


def _unless_joined(following: Sequence[str]) -> Kind:
    """The dead, unless the next words add the hurt to the same count: "12 killed or wounded"."""
    joined = len(following) == 2 and following[0] in {"or", "and", "/"} and following[1] in {"wounded", "injured"}
    return "other" if joined else "dead"


def _is_object(following: Sequence[str]) -> bool:
    return any(word in _OBJECT_STARTS or word.isdigit() for word in following)


def _noun_phrase(tokens: Sequence[str]) -> Sequence[str]:
    """The words that may belong to what is counted: those up to a verb, a preposition or a mark."""
    for place, token in enumerate(tokens):
        if token in _PHRASE_ENDS:
            return tokens[:place]
    return tokens


def _joins(tokens: Sequence[str]) -> bool:
    """Whether the words between two counts only name what is counted first: "soldiers and", "civilians, "."""
    names = list(tokens)
    while names and names[-1] in _PASSED_OVER:
        names.pop()
    return len(names) <= 6 and names[-1:] in (["and"], [","]) and not set(names) & (_BE | _CLAUSE_ENDS | _HURTING)
