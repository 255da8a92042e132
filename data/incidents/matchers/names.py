"""Finds a name in a text's words, in any case, without accents, or as a plural, demonym, acronym or alias."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from afteraction.data.text.aliases import Aliases
from afteraction.data.text.words import KeyIndex, Word, split_words

LONGEST_RUN = 40
"""The maximum number of words of a kind, such as modifiers or numbers, that are skipped before or after a name."""

_SOLE_CAPITALS = re.compile(r"[A-Z][A-Z\d]{1,4}\.?")
_PASSIVE = re.compile(r"(?:,? who)? (?:was|were|are|is|(?:has|have|had) been)(?: \w+ly| also| later)? (\w+)")


@lru_cache(maxsize=1)  # the text of a row is searched for several names
def words_of(text: str) -> Sequence[Word]:
    """Returns the words of a text."""
    return split_words(text)


@lru_cache(maxsize=1)
def _keys_of(text: str, aliases: Aliases) -> KeyIndex:
    return KeyIndex(aliases.place_of(word.key) for word in words_of(text))


@lru_cache(maxsize=1)
def _surfaces_of(text: str) -> KeyIndex:
    return KeyIndex(word.surface for word in words_of(text))


def name_runs(text: str, name: str, aliases: Aliases) -> list[tuple[int, int]]:
    """Returns the runs of words `[first, stop)` that stand for a name, sorted by first word, then longest first."""
    words, keys = words_of(text), _keys_of(text, aliases)
    runs: set[tuple[int, int]] = set()
    names = aliases.alternatives(name)
    for alternative in names:
        wanted = [aliases.place_of(part.key) for part in split_words(alternative.removeprefix("The "))]
        for index in keys.occurrences(wanted):
            if not _SOLE_CAPITALS.fullmatch(alternative) or words[index].surface.isupper():
                runs.add((index, index + len(wanted)))
    for acronym in filter(None, map(_acronym, names)):
        runs.update((index, index + 1) for index in _surfaces_of(text).occurrences([acronym]))
    if _SOLE_CAPITALS.fullmatch(name) and len(name) > 2:
        runs.update(_spelt_out(words, name))
    return sorted(runs, key=lambda run: (run[0], -run[1]))


def _acronym(name: str) -> str | None:
    """Returns the initials of a name's capitalised words, or None if there are fewer than three."""
    initials = "".join(word.surface[0] for word in split_words(name) if word.capital)
    return initials if len(initials) >= 3 and not _SOLE_CAPITALS.fullmatch(name) else None


def _spelt_out(words: Sequence[Word], acronym: str) -> Iterator[tuple[int, int]]:
    """Yields the runs of words whose capitalised words have an acronym's letters as initials.

    Between them there may be short lower-case words, such as "of the".
    """
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


def gap_before(text: str, words: Sequence[Word], index: int) -> str:
    """Returns the text between a word and the one before it, or an empty string for the first word."""
    return text[words[index - 1].end : words[index].start] if index else ""


def passive_verb(text: str, end: int) -> str | None:
    """Returns the participle of the passive verb after a noun phrase ("killed" in "were later killed"), or None."""
    match = _PASSIVE.match(text, end)
    return match[1] if match else None
