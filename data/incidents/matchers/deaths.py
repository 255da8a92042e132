"""Finds the counts of people in a text, and whether they count the dead, the hurt or others."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Literal

from afteraction.data.articles.article import Toll
from afteraction.data.text.counts import parse_count
from afteraction.data.text.lexicon import word_list
from afteraction.data.text.numbers import COUNT
from afteraction.data.text.sentences import sentence_starts
from afteraction.data.text.words import fold_in_place

Kind = Literal["dead", "hurt", "other"]

_REACH = 14
"""The number of words after a count that are searched for the verb that governs it."""

_FARTHEST = _REACH + 4
"""The number of words kept after a count: more than are ever examined."""

_BEFORE_COUNT = 8
"""The number of words kept before a count for the next count: more than are ever examined."""

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
# Plurals and units, since a singular may describe people ("two village guards"), as "States" does ("United States").
_THINGS = {word for word in word_list("uncounted") if word.endswith("s")} - {"states"} | {"am", "km", "pm", "year"}
_SELVES = {"himself", "herself", "themselves", "itself"}

_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
# "3 May", "3 and 4 May", "May 3", but not "in May 3 people"; "05/14/2012", as each text of the GTD begins.
_DATE = re.compile(
    rf"\b\d\d?(?:(?: and | or | to |, |-|–)\d\d?){{0,3}} {_MONTH}\b|(?<!\b[Ii]n )\b{_MONTH} \d\d?\b(?!,\d)"
    r"|\b\d\d?/\d\d?/\d{2,4}\b"
)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Count:
    """A count of people.

    `[start, end)` are the code points of the phrase, including bounds such as "at least".
    `toll` is the range that it means. `kind` is the kind of people that it counts.
    """

    start: int
    end: int
    toll: Toll
    kind: Kind


def count_people(text: str) -> list[Count]:
    """Returns the counts of a text, in order.

    A count is of the dead if a word for killing or death governs it in the same sentence: "killing 12", "12 civilians
    were killed", "12 dead", "a death toll of 12". So is a count joined to such a count by "and" or a comma. A count of
    attackers, of things ("three days"), or of the dead and the hurt together, is not a count of the dead. The
    numbers of a date ("3 May") are not counts.
    """
    plain = fold_in_place(text)
    starts = [*sentence_starts(text), len(text)]
    days = {number.end() for date in _DATE.finditer(text) for number in _DIGITS.finditer(text, *date.span())}
    counts: list[Count] = []
    for start, stop in pairwise(starts):
        matches = [(match, parse_count(text[slice(*match.span())])) for match in COUNT.finditer(plain, start, stop)]
        counted = [
            (match.start(), match.end(), toll)
            for match, toll in matches
            if toll is not None and match.end() not in days
        ]
        # A count may be governed by the words before it in the sentence, or by those up to the next count or the end.
        ends = [begin for begin, _, _ in counted[1:]] + [stop] * bool(counted)
        before = _before_each(plain, start, [begin for begin, _, _ in counted])
        after = [_TOKEN.findall(plain, end, following) for (_, end, _), following in zip(counted, ends, strict=True)]
        kinds = [
            _governed_before(tokens) or _governed_after(then[:_FARTHEST], _first_words(plain, end, stop))
            for tokens, then, (_, end, _) in zip(before, after, counted, strict=True)
        ]
        for kind, then, (begin, end, toll) in zip(_joined(kinds, after), after, counted, strict=True):
            if kind == "dead" and (_ATTACKERS & set(_noun_phrase(then)) or _THINGS & set(_noun_phrase(then[:2]))):
                kind = "other"
            counts.append(Count(begin, end, toll, kind or "other"))
    return counts


def _before_each(plain: str, start: int, begins: Sequence[int]) -> Iterator[Sequence[str]]:
    """Yields the words before each count of a sentence, starting a few words before the previous count."""
    tokens: list[str] = []
    kept = 0
    for begin in begins:
        tokens += _TOKEN.findall(plain, start, begin)
        yield tokens[kept:]
        kept, start = max(len(tokens) - _BEFORE_COUNT, 0), begin


def _first_words(plain: str, start: int, stop: int) -> Sequence[str]:
    return [match[0] for match in islice(_TOKEN.finditer(plain, start, stop), _FARTHEST)]


def _joined(kinds: Sequence[Kind | None], after: Sequence[Sequence[str]]) -> list[Kind | None]:
    """Returns the kinds. A count without a governing word takes the kind of one joined to it by "and" or a comma."""
    joined = list(kinds)
    for index in range(1, len(joined)):
        if joined[index] is None and _joins(after[index - 1]):
            joined[index] = joined[index - 1]
    for index in reversed(range(len(joined) - 1)):
        if joined[index] is None and _joins(after[index]):
            joined[index] = joined[index + 1]
    return joined


def _governed_before(tokens: Sequence[str]) -> Kind | None:
    """Returns the kind of a count from the words before it ("killing all", "death toll rose to"), or None."""
    # In "killed himself and six others", the verb stands before "himself and".
    index = len(tokens) - (3 if _SELVES & set(tokens[-2:-1]) and tokens[-1] == "and" else 1)
    while index >= 0 and (tokens[index] in _PASSED_OVER or tokens[index].endswith("ly")):
        if tokens[index] == "of" and tokens[index - 1] in {"death", "deaths", "lives", "life", "killing", "murder"}:
            return "dead"
        index -= 1
    if index < 0:
        return None
    word, earlier = tokens[index], set(tokens[max(0, index - 3) : index])
    if "toll" in tokens[max(0, index - 4) : index + 1] and word in {"to", "of", "at", "is", "was", "toll"}:
        return "dead"
    if word in _HURTING:
        return "other" if earlier & {"or", "/"} and earlier & _KILLING else "hurt"
    if word in _KILLING and not set(tokens[max(0, index - 2) : index]) & _BE:
        return "other" if earlier & _HURT and "or" in earlier else "dead"
    return None


def _governed_after(tokens: Sequence[str], rest: Sequence[str]) -> Kind | None:
    """Returns the kind of a count from the words after it, or None.

    `tokens` end at the next count, `rest` at the end of the sentence.
    """
    for index, word in enumerate(tokens[:_REACH]):
        earlier, following = tokens[:index], rest[index + 1 : index + 3]
        if word in _CLAUSE_ENDS or (word == "," and index > _REACH // 2):
            return None
        if word in _HURT:
            return "hurt"
        died = word in _DEAD or (word == "lives" and "lost" in earlier)
        passive = word in _KILLED and (bool(_BE & set(earlier[-3:])) or not _is_object(following[:1]))
        if word == "shot" and "dead" not in following and "fatally" not in earlier:
            passive = False
        if died or passive:
            # In "killed and wounded 3", the wounded are counted separately.
            ended = index + 3 >= len(tokens) < len(rest)
            return "dead" if ended else _unless_joined(following)
    return None


def _unless_joined(following: Sequence[str]) -> Kind:
    """Returns "dead", or "other" if the next words add the hurt to the count ("12 killed or wounded")."""
    joined = len(following) == 2 and following[0] in {"or", "and", "/"} and following[1] in {"wounded", "injured"}
    return "other" if joined else "dead"


def _is_object(following: Sequence[str]) -> bool:
    return any(word in _OBJECT_STARTS or word.isdigit() for word in following)


def _noun_phrase(tokens: Sequence[str]) -> Sequence[str]:
    """Returns the words of the counted noun phrase: those before a verb, a preposition or a mark."""
    for index, token in enumerate(tokens):
        if token in _PHRASE_ENDS:
            return tokens[:index]
    return tokens


def _joins(tokens: Sequence[str]) -> bool:
    """Returns whether words between two counts only name the people first counted: "soldiers and", "civilians, "."""
    names = list(tokens)
    while names and names[-1] in _PASSED_OVER:
        names.pop()
    return len(names) <= 6 and names[-1:] in (["and"], [","]) and not set(names) & (_BE | _CLAUSE_ENDS | _HURTING)
