"""Finds the name of a place where a text uses it as the location of an event."""

import re
from collections.abc import Sequence
from functools import lru_cache

from afteraction.data.incidents.matchers.names import LONGEST_RUN, gap_before, words_of
from afteraction.data.text.aliases import Aliases
from afteraction.data.text.lexicon import word_list
from afteraction.data.text.words import KeyIndex, Word, fold, split_words

_DIVISIONS = word_list("divisions")
_DIRECTIONS = word_list("directions")
_KINDS = word_list("place_nouns")
_KINDS_AND_DIRECTIONS = _KINDS | _DIRECTIONS
_PREPOSITIONS = word_list("before_place")
_AFTER = word_list("after_place")
_GOVERNMENT = word_list("governments_verbs")
_EVENTS = word_list("events")


def place_levels(value: str, text: str) -> list[str]:
    """Returns the places that a field names, as written: "Kabul, Afghanistan" has two levels.

    "Afrin and Jarabulus" gives two places, but "Jammu and Kashmir" only one if the text contains it as a whole.
    """
    plain = fold(text)
    levels: dict[str, None] = {}
    for part in map(str.strip, re.split(r"[,;/()\n]|\s{2,}", value)):
        whole = " and " not in part or fold(part) in plain
        levels |= dict.fromkeys([part] if whole else map(str.strip, part.split(" and ")))
    return [level for level in levels if re.search(r"[^\W\d_]{2}", level)]


def find_places(text: str, name: str, aliases: Aliases) -> list[tuple[int, int]]:
    """Returns where a text uses a name as a place: code points `[start, end)`, without nouns such as "province".

    "The" before a name is included if no such noun follows it ("the Gaza Strip"). An occurrence is left out if it is
    part of a longer name ("Kabul University"), describes another noun ("a Kabul hotel"), stands for a government, or
    names an event.
    """
    words, keys = words_of(text), _keys_of(text)
    runs = set()
    for alternative in aliases.alternatives(name):
        wanted, capitals = _bare(alternative)
        for index in keys.occurrences(wanted):
            if words[index].capital and (not capitals or words[index].surface.isupper()):
                runs.add((index, index + len(wanted)))
    # Of overlapping runs, keep the first, and of those with the same start the longest.
    found: list[tuple[int, int]] = []
    taken = 0
    for first, stop in sorted(runs, key=lambda run: (run[0], -run[1])):
        if first >= taken and _is_place(text, words, first, stop):
            begin = first - _has_article(text, words, first, stop)
            found.append((words[begin].start, words[stop - 1].end))
            taken = stop
    return found


@lru_cache(maxsize=1)
def _keys_of(text: str) -> KeyIndex:
    return KeyIndex(word.plain for word in words_of(text))


def _bare(name: str) -> tuple[list[str], bool]:
    """Returns the keys of a name without common nouns and directions, and whether the name is written in capitals."""
    words = split_words(name)
    while len(words) > 1 and (words[-1].surface.casefold() in _DIVISIONS or words[-1].surface == "city"):
        words.pop()
    while len(words) > 1 and (words[0].surface in _DIRECTIONS or words[0].surface.casefold() in {"the", "near"}):
        words.pop(0)
    return [word.plain for word in words], name.replace(".", "").isupper()


def _is_place(text: str, words: Sequence[Word], first: int, stop: int) -> bool:
    return _may_precede(text, words, first) and _may_follow(text, words, stop)


def _has_article(text: str, words: Sequence[Word], first: int, stop: int) -> bool:
    """Returns whether "the" before a name belongs to it: in "the Gaza Strip", but not in "the Kunduz province"."""
    if gap_before(text, words, first) != " " or words[first - 1].surface.casefold() != "the":
        return False
    followed = stop < len(words) and gap_before(text, words, stop) == " "
    noun = followed and words[stop].surface.casefold() in _KINDS | _DIVISIONS
    return words[stop - 1].capital and not noun


def _may_precede(text: str, words: Sequence[Word], first: int) -> bool:
    """Returns whether a name may be a place, judged by the text before it: a preposition or a separating mark."""
    if not first:
        return True
    gap = text[words[first - 1].end : words[first].start]
    if gap != " ":
        return gap[-1:] in {" ", "(", "\n", "–", "—"} and not gap.startswith(("-", "'", "’"))
    # Skip directions and an article: "in the northern Sahel".
    index = first - 1
    farthest = max(index - LONGEST_RUN, 0)
    while index > farthest and words[index].surface.casefold() in _DIRECTIONS and text[words[index - 1].end] == " ":
        index -= 1
    before = words[index]
    if before.surface.casefold() == "the":
        index -= 1
        before = words[index] if index >= 0 else before
    if before.surface == "of":
        return _is_kind(words, index - 1)
    return before.surface.casefold() in _PREPOSITIONS | _KINDS


def _is_kind(words: Sequence[Word], index: int) -> bool:
    """Returns whether the word before "of" is the place's common noun ("city of") and does not belong to another noun.

    For "the headquarters of the municipality of" it returns False: that phrase is a target.
    """
    for _ in range(LONGEST_RUN):
        if index < 0 or words[index].surface not in _KINDS_AND_DIRECTIONS:
            return False
        before = index - 1 - (index > 0 and words[index - 1].surface == "the")
        if before < 0 or words[before].surface != "of":
            return True
        index = before - 1
    return False


def _may_follow(text: str, words: Sequence[Word], stop: int) -> bool:
    """Returns whether a name may be a place: not part of a longer name, not a modifier and not a government."""
    end = words[stop - 1].end
    if stop == len(words):
        return True
    gap = text[end : words[stop].start]
    if re.match(r"['’]s ", text[end : end + 3]):
        owned = words[stop + 1] if stop + 1 < len(words) else None
        return owned is not None and (owned.capital or owned.surface in _KINDS | _DIRECTIONS)
    if gap != " ":
        return not re.match(r"[-/'’:]", gap)
    following = words[stop].surface
    if following in _GOVERNMENT:
        return False
    if following.casefold() in _KINDS | _DIVISIONS:
        return True
    return following in _AFTER or (
        following.islower() and following.endswith(("ed", "ing", "ly")) and words[stop].key not in _EVENTS
    )
