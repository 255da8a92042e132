"""Finds the name of a target where a text says that it was attacked."""

import re
from collections.abc import Sequence
from functools import lru_cache

from afteraction.data.incidents.matchers.names import LONGEST_RUN, gap_before, name_runs, passive_verb, words_of
from afteraction.data.text.aliases import Aliases
from afteraction.data.text.counts import parse_count
from afteraction.data.text.lexicon import word_list
from afteraction.data.text.words import Word

_DETERMINERS = word_list("group_determiners")
_BEFORE = word_list("before_target")
_ATTACKS = word_list("attacks")
_AFTER = word_list("after_place")
_ATTACKED = word_list("attacked")


def find_targets(text: str, name: str, aliases: Aliases) -> list[tuple[int, int]]:
    """Returns the noun phrases, code points `[start, end)`, that name a target where it is attacked.

    The name is matched like the name of a group. A phrase counts if it follows a verb of attacking or killing ("killing
    two policemen", "an attack on a school") or is the passive subject of one. A determiner and a demonym are part of
    the phrase; a number before it is not.
    """
    words = words_of(text)
    found: list[tuple[int, int]] = []
    taken = 0
    for first, stop in name_runs(text, name, aliases):
        start = _phrase_start(text, words, first, aliases)
        end = words[stop - 1].end
        attacked = _led_to(words, start) or passive_verb(text, end) in _ATTACKED or text.startswith(" died", end)
        if first >= taken and attacked and _ends(text, words, stop):
            found.append((words[start].start, end))
            taken = stop
    return found


def _phrase_start(text: str, words: Sequence[Word], first: int, aliases: Aliases) -> int:
    """Returns the index of the first word of a noun phrase, including demonyms and a determiner before the name."""
    farthest = max(first - LONGEST_RUN, 0)
    while first > farthest and gap_before(text, words, first) == " " and aliases.is_demonym(words[first - 1].key):
        first -= 1
    determined = first and gap_before(text, words, first) == " " and words[first - 1].key in _DETERMINERS
    return first - 1 if determined else first


def _ends(text: str, words: Sequence[Word], stop: int) -> bool:
    """Returns whether the name ends its noun phrase, and so does not only describe another noun."""
    if stop == len(words) or gap_before(text, words, stop) != " ":
        end = words[stop - 1].end
        return not re.match(r"['’]s|[-/]\w", text[end : end + 2])
    following = words[stop].surface
    return following in _AFTER or (following.islower() and following.endswith(("ed", "ing", "ly")))


def _led_to(words: Sequence[Word], start: int) -> bool:
    """Returns whether a verb of attacking, or "attack on", stands before a phrase and its number, if it has one."""
    index = start - 1
    while index >= max(start - LONGEST_RUN, 0) and (
        _is_count(words[index].surface) or words[index].plain in {"at", "least"}
    ):
        index -= 1
    if index < 0:
        return False
    if words[index].plain in {"on", "against", "at"}:
        return index > 0 and words[index - 1].key in _ATTACKS
    return words[index].plain in _BEFORE


@lru_cache(maxsize=4096)
def _is_count(word: str) -> bool:
    # Cached, since a word in a run of numbers is checked again for each name that follows it.
    return parse_count(word) is not None
