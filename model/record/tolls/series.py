"""Joins the victims of a sentence that are listed together: "@, @ and @", "@ as well as @"."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from afteraction.data import Toll
from afteraction.data.articles.article import LARGEST_COUNT
from afteraction.data.text import word_list, word_set
from afteraction.model.record.tolls.cues import ALSO
from afteraction.model.record.tolls.fates import Fate, fate_after, fate_before
from afteraction.model.record.tolls.sentences import VICTIMS, Sentence, Victims

_JOINERS = word_set("and , & plus")
_LONG_JOINERS = (("as", "well", "as"), ("along", "with"), ("together", "with"))
_BEFORE_VICTIMS = word_set("a also an another further her his other the their")
_NOT_JOINED = (
    word_list("be")
    | word_list("have")
    | word_list("clause_ends")
    | word_list("killed")
    | word_list("killing")
    | word_list("dead")
    | word_list("hurt")
    | word_list("hurting")
    | word_set("# at by from in including left leaving near of on or said says to with")
)
_LONGEST_NAME = 4
"""The largest number of words between two groups of victims that only say who the first are."""

_CLOSERS = {",": ",", "(": ")", "-": "-", "–": "–", "—": "—"}
_PARTS = word_set("among including most mostly of them")
_LONGEST_PART = 30
_OF_THEM = word_set("whom them these those")

_ALSO_BEFORE, _ALSO_AFTER = 6, 9
"""The numbers of words before and after a series that are searched for "also" and the like."""

_FAR = 64
"""An upper limit for the number of words in an apposition and the verb after it."""

_FARTHEST = 256
"""The number of words before victims that are searched for the word that governs them."""

_ANIMALS = word_list("animals")
_UNCOUNTED = word_list("uncounted")
_AROUND_AGE = frozenset({(",",), (",", "."), (",", ";"), (",", VICTIMS), ("(", ")")})
_BETWEEN_AGES = frozenset({(",",), ("and",), (",", "and")})
_AFTER_AGES = frozenset({(), (",",), ("and",), (".",), (";",)})
_MOST_AGES = 8
"""The number of ages in a list that are read."""

_DEAD_IN_NAME = word_set("assassinated beheaded dead deceased executed fallen killed late murdered slain")


_Part = tuple[int, int]
"""The indices of the first and last word of a parenthesis that names parts."""


@dataclass(frozen=True)
class Series:
    """Victims that share a verb. `members` are their indices in `sentence.victims`."""

    sentence: Sentence
    members: tuple[int, ...]

    @property
    def first(self) -> int:
        """Returns the index of the first victims among the sentence's words."""
        return self.sentence.places[self.members[0]]

    @property
    def last(self) -> int:
        """Returns the index of the last victims among the sentence's words."""
        return self.sentence.places[self.members[-1]]

    @cached_property
    def fate(self) -> Fate | None:
        """Returns what the words around the series say. A toll of people said to be hurt is not a death toll."""
        words, places = self.sentence.words, self.sentence.places
        # Ends at the victims that limit what may govern the series: behind an apposition, not the next ones.
        following = bisect_right(places, self.last + _FAR)
        end = (places[following] if following < len(places) else len(words)) + _FAR
        before = fate_before(words[max(self.first - _FARTHEST, 0) : self.first])
        after = fate_after(words[self.last + 1 : end])
        if before == "shot" and after == "killed":  # "shot @ dead"
            return after
        return after if before is None or (before == "toll" and after == "hurt") else before

    @cached_property
    def is_added(self) -> bool:
        """Returns whether words around the series add it to earlier victims: "also", "another", "other"."""
        words = self.sentence.words
        near = {*words[max(self.first - _ALSO_BEFORE, 0) : self.first], *words[self.last : self.last + _ALSO_AFTER]}
        return bool(ALSO & near) or any(ALSO & set(victims.surface.split()[:3]) for victims in self.counted)

    @cached_property
    def dead(self) -> tuple[int, ...]:
        """Returns the members that may be people who died, as indices in `sentence.victims`."""
        return tuple(member for member in self.members if self._may_be_dead(member))

    def _may_be_dead(self, member: int) -> bool:
        victims = self.sentence.victims[member]
        noun = self.sentence.noun(member)
        if self.fate in ("hurt", "killed or hurt") or noun & _ANIMALS:
            return False
        if victims.source == "labelled":
            return True
        if victims.source == "one person":
            named_dead = self.fate is None and bool(_DEAD_IN_NAME & set(victims.surface.split()))
            return named_dead or self.fate in ("killed", "shot")
        return self.fate in ("killed", "toll", "shot") and not noun & _UNCOUNTED and not self._is_age(member)

    def _is_age(self, member: int) -> bool:
        """Returns whether a number is an age: "the mayor, 28, died", "the mayor (28)", "two aides, 28 and 31"."""
        place, words, victims = self.sentence.places[member], self.sentence.words, self.sentence.victims
        if not victims[member].surface.isdigit() or place == 0:
            return False
        marks = (words[place - 1], *words[place + 1 : place + 2])
        after_person = words[place - 2 : place - 1] == (VICTIMS,) and victims[member - 1].source == "one person"
        return marks == (",", ",") or (after_person and marks in _AROUND_AGE) or self._is_in_ages(member)

    def _is_in_ages(self, member: int) -> bool:
        """Returns whether a number without a noun ends or continues a list of ages: "two aides, 28, 31 and 40"."""
        words, places, victims = self.sentence.words, self.sentence.places, self.sentence.victims
        if words[places[member] + 1 : places[member] + 2] not in _AFTER_AGES:
            return False
        for index in range(member, max(member - _MOST_AGES, 0), -1):
            between = words[places[index - 1] + 1 : places[index]]
            if not victims[index].surface.isdigit() or between not in _BETWEEN_AGES:
                return False
            if self.sentence.noun(index - 1):
                return between == (",",)
        return False

    @cached_property
    def counted(self) -> tuple[Victims, ...]:
        """Returns the dead of the series, each once: no second mention of an entity, no parts of the first victims."""
        counted: list[Victims] = []
        known: set[tuple[str, Toll]] = set()
        for member in self.dead:
            victims = self.sentence.victims[member]
            if (victims.entity, victims.toll) in known:
                continue
            counted.append(victims)
            if victims.entity is not None:
                known.add((victims.entity, victims.toll))
        # "Two brothers, Ali and Omar": the others say who the first are.
        if len(counted) > 2 and add(*(victims.toll for victims in counted[1:])) == counted[0].toll:
            return tuple(counted[:1])
        return tuple(counted)


def add(*tolls: Toll) -> Toll:
    """Returns the sum of ranges. The sum has no upper limit if one of the ranges has none."""
    highs = [toll.high for toll in tolls]
    low = min(sum(toll.low for toll in tolls), LARGEST_COUNT)
    return Toll(low, None if None in highs else min(sum(high or 0 for high in highs), LARGEST_COUNT))


def read_series(sentence: Sentence) -> list[Series]:
    """Returns the series of a sentence, in the order of their first victims.

    Victims in a parenthesis that names parts ("including @ and @") form a separate series, and those around it are
    joined across it.
    """
    if not sentence.places:
        return []
    parts = dict(_parts(sentence))
    part_at = {index: part for part in set(parts.values()) for index in range(part[0], part[1] + 1)}
    open_series: dict[_Part | None, list[int]] = {}
    found: list[list[int]] = []
    for member, place in enumerate(sentence.places):
        part = parts.get(place)
        series = open_series.get(part)
        if series is not None and _are_joined(sentence, sentence.places[series[-1]], place, part, part_at):
            series.append(member)
        else:
            open_series[part] = [member]
            found.append(open_series[part])
    return [Series(sentence, tuple(members)) for members in found]


def _parts(sentence: Sentence) -> Iterator[tuple[int, _Part]]:
    """Yields the places inside each parenthesis that names parts, with that parenthesis."""
    words = sentence.words
    taken = -1
    for start, word in enumerate(words):
        inside = words[start + 1 : start + _LONGEST_PART]
        if word not in _CLOSERS or start <= taken or (word != "(" and not _PARTS & set(inside[:1])):
            continue
        if _CLOSERS[word] in inside:
            taken = start + 1 + inside.index(_CLOSERS[word])
            inner = slice(bisect_right(sentence.places, start), bisect_left(sentence.places, taken))
            yield from ((place, (start, taken)) for place in sentence.places[inner])


def _are_joined(sentence: Sentence, first: int, second: int, part: _Part | None, part_at: Mapping[int, _Part]) -> bool:
    """Returns whether the words between two victims of a part only name the first and join them with the second.

    The words of other parts between them do not count.
    """
    words = sentence.words
    after = words[second + 1 : second + 3]
    if words[max(first - 2, 0) : first] == ("of", "the"):  # "of the 26 dead, nine were monks"
        return False
    if after[:1] == ("among",) or (after[:1] == ("of",) and _OF_THEM & set(after)):
        return False
    between = [words[index] for index in range(first + 1, second) if part_at.get(index, part) == part]
    return not between or _join(between)


def _join(between: Sequence[str]) -> bool:
    names = list(between)
    for joiner in _LONG_JOINERS:
        if tuple(names[-len(joiner) :]) == joiner:
            names = [word for word in names[: -len(joiner)] if word != ","]
            return len(names) <= _LONGEST_NAME and not _NOT_JOINED & set(names)
    while len(names) > 1 and names[-1] in _BEFORE_VICTIMS:
        names.pop()
    if names[-1] not in _JOINERS:
        return False
    while names and names[-1] in _JOINERS:
        names.pop()
    return len(names) <= _LONGEST_NAME and "," not in names and VICTIMS not in names and not _NOT_JOINED & set(names)
