"""Which runs of a text's words bear a name: through case, accents, plural, demonym, acronym and alias."""

import re
from collections.abc import Iterator, Sequence

from afteraction.data.incidents.aliases import Aliases
from afteraction.data.text.words import Word, occurrences, split_words

_SOLE_CAPITALS = re.compile(r"[A-Z][A-Z\d]{1,4}\.?")
_PASSIVE = re.compile(r"(?:,? who)? (?:was|were|are|is|(?:has|have|had) been)(?: \w+ly| also| later)? (\w+)")


def name_runs(words: Sequence[Word], name: str, aliases: Aliases) -> list[tuple[int, int]]:
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


def gap_before(text: str, words: Sequence[Word], place: int) -> str:
    """What stands between a word and the one before it."""
    return text[words[place - 1].end : words[place].start] if place else ""


def passive_verb(text: str, end: int) -> str | None:
    """The participle of the passive that follows a noun phrase: "killed" in "were later killed"."""
    match = _PASSIVE.match(text, end)
    return match[1] if match else None
