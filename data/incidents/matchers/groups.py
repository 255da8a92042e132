"""Finds the name of an attacking group or person, and widens it to its noun phrase."""

import re
from collections.abc import Sequence

from afteraction.data.incidents.matchers.names import LONGEST_RUN, gap_before, name_runs, passive_verb, words_of
from afteraction.data.text.aliases import Aliases
from afteraction.data.text.lexicon import word_list
from afteraction.data.text.words import Word, word_key

_NOUNS = word_list("group_nouns")
_ADJECTIVES = word_list("group_adjectives")
_DETERMINERS = word_list("group_determiners")
_BEFORE = word_list("before_group")
_BEFORE_TO = word_list("before_to")
_BEFORE_ON = word_list("before_on")
_EVENTS = word_list("events")
_MERELY_AS = word_list("merely_as")
_AFTER = word_list("after_group")
_CAUGHT = word_list("attacked") | word_list("caught")
_FELL = re.compile(r"\s*(?:died|killed in|(?:killed|wounded)[.,])")
_BRACKETED_NOUN = re.compile(r" \([^)]{0,200}\) (\w+)")


def find_groups(text: str, name: str, aliases: Aliases) -> list[tuple[int, int]]:
    """Returns the noun phrases, code points `[start, end)`, that name a group or person as the one that acts.

    The name is also found in different case, without accents, and as a plural, demonym, acronym or alias. An occurrence
    is left out if it only describes another noun ("a Taliban commander"), or if the group is the object of an action.
    """
    words = words_of(text)
    found: dict[tuple[int, int], None] = {}
    taken = 0
    for first, stop in name_runs(text, name, aliases):
        if first < taken:
            continue
        phrase = _phrase(text, words, first, stop, aliases)
        if phrase is not None:
            taken = stop
            found[words[phrase[0]].start, words[phrase[1] - 1].end] = None
    return list(found)


def _phrase(text: str, words: Sequence[Word], first: int, stop: int, aliases: Aliases) -> tuple[int, int] | None:
    """Widens a name to its noun phrase, as words `[first, stop)`; returns None if the phrase does not act."""
    farthest = min(stop + LONGEST_RUN, len(words))
    while stop < farthest and gap_before(text, words, stop) == " " and words[stop].key in _NOUNS:
        stop += 1
    if not _ends_phrase(text, words, stop) or gap_before(text, words, first).strip()[-1:] in {"-", "–"}:
        return None
    # Step back over modifiers and a determiner, and over every "members of".
    farthest = max(first - LONGEST_RUN, 0)
    while True:
        while (
            first > farthest and gap_before(text, words, first) in {" ", "-"} and _modifies(words[first - 1], aliases)
        ):
            first -= 1
        if first and gap_before(text, words, first) == " " and words[first - 1].key in _DETERMINERS:
            first -= 1
        if first < farthest + 2 or words[first - 1].surface != "of" or words[first - 2].key not in _NOUNS:
            return (first, stop) if _begins_phrase(text, words, first) else None
        first -= 2


def _modifies(word: Word, aliases: Aliases) -> bool:
    """Returns whether a word before a name may be part of its noun phrase."""
    folded = word.surface.casefold()
    return folded in _ADJECTIVES or word.key in _NOUNS or aliases.is_demonym(word.key) or folded.isdecimal()


def _ends_phrase(text: str, words: Sequence[Word], stop: int) -> bool:
    """Returns whether a noun phrase may end before word `stop`.

    A mark, a verb or a function word must follow, but not a verb that makes the group a victim.
    """
    end = words[stop - 1].end
    if passive_verb(text, end) in _CAUGHT or _FELL.match(text, end):
        return False
    if stop == len(words) or gap_before(text, words, stop) != " ":
        rest = text[end : end + 2]
        bracketed = _BRACKETED_NOUN.match(text, end)
        return not re.match(r"['’‘`]s|[-/]\w", rest) and not (bracketed and word_key(bracketed[1]) in _NOUNS)
    following = words[stop].surface
    verb = following.islower() and following.endswith(("ed", "ing", "ly")) and words[stop].key not in _EVENTS
    return following in _AFTER or verb


def _begins_phrase(text: str, words: Sequence[Word], first: int) -> bool:
    """Returns whether the text before a phrase allows it to be the one that acts."""
    gap = gap_before(text, words, first) if first else "."
    if gap.strip():
        return gap.strip()[-1] not in "-/'’"
    before = words[first - 1].surface.casefold()
    earlier = words[first - 2].surface.casefold() if first > 1 else ""
    if before == "to":
        return earlier in _BEFORE_TO
    if before == "on":
        return earlier in _BEFORE_ON
    return before in _BEFORE and not (before == "as" and earlier in _MERELY_AS)
