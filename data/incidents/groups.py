"""Where a text names a group or person that attacked, widened to the noun phrase around the name."""

import re
from collections.abc import Iterator, Sequence

from afteraction.data.incidents.aliases import Aliases
from afteraction.data.incidents.lexicon import word_list
from afteraction.data.incidents.words import Word, occurrences, split_words, word_key

_NOUNS = word_list("group_nouns")
_ADJECTIVES = word_list("group_adjectives")
_DETERMINERS = word_list("determiners")
_BEFORE = word_list("before_group")
_BEFORE_TO = word_list("before_to")
_BEFORE_ON = word_list("before_on")
_EVENTS = word_list("events")
_MERELY_AS = word_list("merely_as")
_AFTER = word_list("after_group")
_VICTIM = re.compile(
    r"\s*(?:,? who )?(?:was|were|are|is|had been|have been|has been)(?: \w+ly| also| later)? "
    r"(?:killed|arrested|wounded|injured|captured|detained|bombed|targeted|attacked|shot|beheaded|executed|ambushed)\b"
    r"|\s*(?:died|killed in|(?:killed|wounded)[.,])"
)
_BRACKETED_NOUN = re.compile(r" \([^)]*\) (\w+)")
_SOLE_CAPITALS = re.compile(r"[A-Z][A-Z\d]{1,4}\.?")


def find_groups(text: str, name: str, aliases: Aliases) -> list[tuple[int, int]]:
    """The noun phrases, code points `[start, end)`, that name a group or person as the one that acts.

    The name is found through case, accents, plural, demonym, acronym and alias. A place where it only describes
    another noun ("a Taliban commander"), or where something is done to it or against it, is left out.
    """
    words = split_words(text)
    found: dict[tuple[int, int], None] = {}
    taken = 0
    for first, stop in _matches(words, name, aliases):
        if first < taken:
            continue
        phrase = _phrase(text, words, first, stop, aliases)
        if phrase is not None:
            taken = stop
            found[words[phrase[0]].start, words[phrase[1] - 1].end] = None
    return list(found)


def _matches(words: Sequence[Word], name: str, aliases: Aliases) -> list[tuple[int, int]]:
    """Runs of words that bear a name, in order of their place, the longest first."""
    keys = [aliases.place_of(word.key) for word in words]
    runs: set[tuple[int, int]] = set()
    names = aliases.of(name)
    for alternative in names:
        wanted = [aliases.place_of(part.key) for part in split_words(alternative.removeprefix("The "))]
        for place in occurrences(keys, wanted):
            if not _SOLE_CAPITALS.fullmatch(alternative) or words[place].surface.isupper():
                runs.add((place, place + len(wanted)))
    for acronym in filter(None, map(_acronym, names)):
        runs.update((place, place + 1) for place, word in enumerate(words) if word.surface == acronym)
    if _SOLE_CAPITALS.fullmatch(name) and len(name) > 2:
        runs.update(_spelt_out(words, name))
    return sorted(runs, key=lambda run: (run[0], -run[1]))


def _acronym(name: str) -> str | None:
    """The initials of a name's capitalised words, where there are three or more."""
    initials = "".join(word.surface[0] for word in split_words(name) if word.capital)
    return initials if len(initials) >= 3 and not _SOLE_CAPITALS.fullmatch(name) else None


def _spelt_out(words: Sequence[Word], acronym: str) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words, small ones between them, whose initials are an acronym."""
    for first, word in enumerate(words):
        if not word.capital or word.surface == acronym:
            continue
        initials, stop = "", first
        while stop < len(words) and len(initials) < len(acronym) and stop - first <= 2 * len(acronym):
            if words[stop].capital and not words[stop].surface.isupper():
                initials += words[stop].surface[0]
            elif len(words[stop].surface) > 3:
                break
            stop += 1
        if initials == acronym:
            yield first, stop


def _phrase(text: str, words: Sequence[Word], first: int, stop: int, aliases: Aliases) -> tuple[int, int] | None:
    """Widens a name to its noun phrase, as a run of words; None where the phrase does not act."""
    while stop < len(words) and _gap(text, words, stop) == " " and words[stop].key in _NOUNS:
        stop += 1
    if not _ends_phrase(text, words, stop) or _gap(text, words, first).strip()[-1:] in {"-", "–"}:
        return None
    while True:
        while first and _gap(text, words, first) in {" ", "-"} and _modifies(words[first - 1], aliases):
            first -= 1
        if first and _gap(text, words, first) == " " and words[first - 1].key in _DETERMINERS:
            first -= 1
        if first < 2 or words[first - 1].surface != "of" or words[first - 2].key not in _NOUNS:
            return (first, stop) if _begins_phrase(text, words, first) else None
        first -= 2


def _modifies(word: Word, aliases: Aliases) -> bool:
    folded = word.surface.casefold()
    return folded in _ADJECTIVES or word.key in _NOUNS or aliases.is_demonym(word.key) or folded.isdecimal()


def _ends_phrase(text: str, words: Sequence[Word], stop: int) -> bool:
    """Whether a noun phrase may end before a word: a mark, a verb or a function word follows, and no victim's verb."""
    end = words[stop - 1].end
    if _VICTIM.match(text, end):
        return False
    if stop == len(words) or _gap(text, words, stop) != " ":
        rest = text[end : end + 2]
        bracketed = _BRACKETED_NOUN.match(text, end)
        return not re.match(r"['’‘`]s|[-/]\w", rest) and not (bracketed and word_key(bracketed[1]) in _NOUNS)
    following = words[stop].surface
    verb = following.islower() and following.endswith(("ed", "ing", "ly")) and words[stop].key not in _EVENTS
    return following in _AFTER or verb


def _begins_phrase(text: str, words: Sequence[Word], first: int) -> bool:
    """Whether what stands before a phrase lets it be the one that acts."""
    gap = _gap(text, words, first) if first else "."
    if gap.strip():
        return gap.strip()[-1] not in "-/'’"
    before = words[first - 1].surface.casefold()
    earlier = words[first - 2].surface.casefold() if first > 1 else ""
    if before == "to":
        return earlier in _BEFORE_TO
    if before == "on":
        return earlier in _BEFORE_ON
    return before in _BEFORE and not (before == "as" and earlier in _MERELY_AS)


def _gap(text: str, words: Sequence[Word], place: int) -> str:
    """What stands between a word and the one before it."""
    return text[words[place - 1].end : words[place].start] if place else ""
