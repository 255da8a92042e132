"""Where a text names a place as the place of what it tells."""

import re
from collections.abc import Sequence

from afteraction.data.incidents.aliases import Aliases
from afteraction.data.text.lexicon import word_list
from afteraction.data.text.words import Word, fold, occurrences, split_words

_DIVISIONS = word_list("divisions")
_DIRECTIONS = word_list("directions")
_KINDS = word_list("place_nouns")
_PREPOSITIONS = word_list("before_place")
_AFTER = word_list("after_place")
_GOVERNMENT = word_list("governments_verbs")
_EVENTS = word_list("events")


def place_levels(value: str, text: str) -> list[str]:
    """The levels that a field names, as it words them: "Kabul, Afghanistan" has two.

    "Afrin and Jarabulus" is two places, but "Jammu and Kashmir" one where the text has it as one.
    """
    plain = fold(text)
    levels: dict[str, None] = {}
    for part in map(str.strip, re.split(r"[,;/()\n]|\s{2,}", value)):
        whole = " and " not in part or fold(part) in plain
        levels |= dict.fromkeys([part] if whole else map(str.strip, part.split(" and ")))
    return [level for level in levels if re.search(r"[^\W\d_]{2}", level)]


def find_places(text: str, name: str, aliases: Aliases) -> list[tuple[int, int]]:
    """Where a text uses a place's name as a place, code points `[start, end)`, without common nouns such as "province".

    A name that is part of a longer name or describes another noun ("Kabul University", "a Kabul hotel"), that stands
    for a government or that names an event is left out.
    """
    words = split_words(text)
    keys = [word.plain for word in words]
    runs = set()
    for alternative in aliases.of(name):
        wanted, capitals = _bare(alternative)
        for place in occurrences(keys, wanted):
            if words[place].capital and (not capitals or words[place].surface.isupper()):
                runs.add((place, place + len(wanted)))
    found: list[tuple[int, int]] = []
    taken = 0
    for first, stop in sorted(runs, key=lambda run: (run[0], -run[1])):
        if first >= taken and _is_place(text, words, first, stop):
            found.append((words[first].start, words[stop - 1].end))
            taken = stop
    return found


def _bare(name: str) -> tuple[list[str], bool]:
    """The keys of a name without common nouns and directions around it, and whether it is written in capitals."""
    words = split_words(name)
    while len(words) > 1 and (words[-1].surface.casefold() in _DIVISIONS or words[-1].surface == "city"):
        words.pop()
    while len(words) > 1 and (words[0].surface in _DIRECTIONS or words[0].surface.casefold() in {"the", "near"}):
        words.pop(0)
    return [word.plain for word in words], name.replace(".", "").isupper()


def _is_place(text: str, words: Sequence[Word], first: int, stop: int) -> bool:
    return _may_precede(text, words, first) and _may_follow(text, words, stop)


def _may_precede(text: str, words: Sequence[Word], first: int) -> bool:
    """Whether a preposition leads to the name, or a mark parts it from what stands before."""
    if not first:
        return True
    gap = text[words[first - 1].end : words[first].start]
    if gap != " ":
        return gap[-1:] in {" ", "(", "\n", "–", "—"} and not gap.startswith(("-", "'", "’"))
    place = first - 1
    while place > 0 and words[place].surface.casefold() in _DIRECTIONS and text[words[place - 1].end] == " ":
        place -= 1
    before = words[place]
    if before.surface == "the":
        place -= 1
        before = words[place] if place >= 0 else before
    if before.surface == "of":
        return _is_kind(words, place - 1)
    return before.surface.casefold() in _PREPOSITIONS | _KINDS


def _is_kind(words: Sequence[Word], place: int) -> bool:
    """Whether a word before "of" is the name's common noun ("city of"), and does not belong to another noun.

    Not so in "the headquarters of the municipality of": such a phrase is a target's.
    """
    if place < 0 or words[place].surface not in _KINDS | _DIRECTIONS:
        return False
    before = place - 1 - (place > 0 and words[place - 1].surface == "the")
    return before < 0 or words[before].surface != "of" or _is_kind(words, before - 1)


def _may_follow(text: str, words: Sequence[Word], stop: int) -> bool:
    """Whether what follows the name ends it: no longer name, no noun that it describes, no government's verb."""
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
