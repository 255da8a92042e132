"""Where a text names whom or what was attacked."""

import re
from collections.abc import Sequence

from afteraction.data.incidents.aliases import Aliases
from afteraction.data.incidents.matchers.names import gap_before, name_runs, passive_verb
from afteraction.data.text.counts import parse_count
from afteraction.data.text.lexicon import word_list
from afteraction.data.text.words import Word, split_words

_DETERMINERS = word_list("group_determiners")
_BEFORE = word_list("before_target")
_ATTACKS = word_list("attacks")
_AFTER = word_list("after_place")
_ATTACKED = word_list("attacked")


def find_targets(text: str, name: str, aliases: Aliases) -> list[tuple[int, int]]:
    """The noun phrases, code points `[start, end)`, that name a target where the text says that it was attacked.

    The name is found as a group's is. A phrase counts if a verb of attacking or killing leads to it ("killing two
    policemen", "an attack on a school") or it is that verb's passive subject; its determiner and demonym belong to it,
    a number before it does not.
    """
    words = split_words(text)
    found: list[tuple[int, int]] = []
    taken = 0
    for first, stop in name_runs(words, name, aliases):
        start = _phrase_start(text, words, first, aliases)
        end = words[stop - 1].end
        attacked = _led_to(words, start) or passive_verb(text, end) in _ATTACKED or text.startswith(" died", end)
        if first >= taken and attacked and _ends(text, words, stop):
            found.append((words[start].start, end))
            taken = stop
    return found


def _phrase_start(text: str, words: Sequence[Word], first: int, aliases: Aliases) -> int:
    while first and gap_before(text, words, first) == " " and aliases.is_demonym(words[first - 1].key):
        first -= 1
    determined = first and gap_before(text, words, first) == " " and words[first - 1].key in _DETERMINERS
    return first - 1 if determined else first


def _ends(text: str, words: Sequence[Word], stop: int) -> bool:
    """Whether the name ends its noun phrase, so that it does not only describe another noun."""
    if stop == len(words) or gap_before(text, words, stop) != " ":
        return not re.match(r"['’]s|[-/]\w", text[words[stop - 1].end :][:2])
    following = words[stop].surface
    return following in _AFTER or (following.islower() and following.endswith(("ed", "ing", "ly")))


def _led_to(words: Sequence[Word], start: int) -> bool:
    """Whether a verb of attacking, or "attack on", stands before a phrase and the number that it may have."""
    place = start - 1
    while place >= 0 and (parse_count(words[place].surface) is not None or words[place].plain in {"at", "least"}):
        place -= 1
    if place < 0:
        return False
    if words[place].plain in {"on", "against", "at"}:
        return place > 0 and words[place - 1].key in _ATTACKS
    return words[place].plain in _BEFORE
