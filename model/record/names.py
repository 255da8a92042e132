"""The sieves that compare names: acronyms, short forms, places, and groups with their fighters."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import takewhile

from afteraction.data.text import Aliases, load_aliases, split_words, without_arabic_article, word_list, word_set
from afteraction.model.record.chains import Key, Sieve
from afteraction.model.record.mentions import Mention

_MEMBERS = word_list("group_nouns")
"""Head nouns of a group's members. "The headquarters of JNIM" and "US jets" are not the group."""

_ARABIC_ARTICLES = ("al", "el")
_REGIONS = word_set("county district governorate height province region strip valley")
"""Last words that a region's name may lack: "Swat" is "Swat Valley", but "Oklahoma" is not "Oklahoma City"."""

_OFFICES = word_list("ranks") | word_list("offices")
"""Words before a name that are no part of it, though they are written with a capital."""

_SHORTEST_NAME = 3
"""In letters. A shorter name is not treated as the short form of another name."""


def _own_abbreviations(mention: Mention) -> Iterator[Key]:
    if mention.acronym is not None:
        yield "acronym", mention.acronym
    if len(mention.words) > 1:
        yield from (("initials", initials) for initials in mention.initials)


def _abbreviates(mention: Mention) -> Iterator[Key]:
    if mention.acronym is not None:
        yield "initials", mention.acronym
    if len(mention.words) > 1:
        yield from (("acronym", initials) for initials in mention.initials)


def _own_place(mention: Mention) -> Iterator[Key]:
    yield "place", _bare_place(" ".join(mention.words))


def _same_place(mention: Mention) -> Iterator[Key]:
    yield from (("place", _bare_place(name)) for name in _aliases().alternatives(" ".join(mention.words)))


def _bare_place(name: str) -> tuple[str, ...]:
    """Returns the keys of a place's name without Arabic articles and words for regions: "Swat" of "Swat Valley"."""
    keys = [word.key for word in split_words(name)]
    keys = [key for key in keys if key not in _ARABIC_ARTICLES] or keys
    regions = sum(1 for _ in takewhile(_REGIONS.__contains__, reversed(keys[1:])))
    return tuple(keys[: len(keys) - regions])


class ShortForms:
    """The sieve functions for names and their first or last words.

    Each beginning and each end of a name is a key. A key is a number rather than the words themselves, which would take
    time proportional to the square of the name's length.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[int | str, str], int] = {}

    def offers(self, mention: Mention) -> Iterator[Key]:
        """Yields the keys of a whole name, and of the forms to which it may be shortened."""
        fronts, ends = self._parts(mention)
        if _is_whole_name(mention):
            yield from (("whole", number) for number in (*fronts[-1:], *ends[-1:]))
        yield from (("part", number) for number in (*fronts[:-1], *(ends[:-1] if mention.name else ends)))

    def seeks(self, mention: Mention) -> Iterator[Key]:
        """Yields the keys of longer names that the mention shortens, of the same name, and of shorter ones."""
        fronts, ends = self._parts(mention)
        if _is_whole_name(mention):
            yield from (("part", number) for number in (*fronts[-1:], *ends[-1:]))
        yield from (("whole", number) for number in (*fronts, *ends))
        yield from (narrower for _, narrower in self.narrows(mention))

    def narrows(self, mention: Mention) -> Iterator[tuple[Key, Key]]:
        """Yields the keys of shorter names that the mention spells out, and the keys of those who spell them out alike.

        If "Ada Bora" is called "Bora", then "Ben Bora" is somebody else, but "Ada M. Bora" is not.
        """
        fronts, ends = self._parts(mention)
        name = bare_name(mention)
        yield from ((("whole", number), ("whole", number, name[-1])) for number in fronts[:-1])
        yield from ((("whole", number), ("whole", number, name[0])) for number in ends[:-1])

    def _parts(self, mention: Mention) -> tuple[list[int], list[int]]:
        """Returns the numbers of the first words of a name and of its last words, the shortest first.

        A description that ends in a name has only last words, and a mention without a name has neither.
        """
        words = bare_name(mention)
        return self._beginnings("first", words if mention.name else ()), self._beginnings("last", words[::-1])

    def _beginnings(self, side: str, words: Sequence[str]) -> list[int]:
        found: list[int] = []
        for word in words:
            key = (found[-1] if found else side, word)
            found.append(self._numbers.setdefault(key, len(self._numbers)))
        return found


def bare_name(mention: Mention) -> tuple[str, ...]:
    """Returns the words of the name that a mention is or ends in, without offices at the front and Arabic articles."""
    words = mention.words if mention.name else mention.described_name
    offices = sum(1 for _ in takewhile(_OFFICES.__contains__, words[:-1]))
    return tuple(map(without_arabic_article, words[offices:]))


def _is_whole_name(mention: Mention) -> bool:
    return mention.name and len("".join(bare_name(mention))) >= _SHORTEST_NAME


def _own_group(mention: Mention) -> Iterator[Key]:
    if mention.name:
        yield "group", mention.words
    yield from (("members of", group) for group in _groups(mention))


def _belongs(mention: Mention) -> Iterator[Key]:
    if mention.name:
        yield "members of", mention.words
    yield from (("group", group) for group in _groups(mention))


def _groups(members: Mention) -> Iterator[tuple[str, ...]]:
    """Yields the possible names of a group from a mention of its members: "JNIM fighters", "fighters of the JNIM"."""
    if members.name or members.number != "many" or members.count or members.head not in _MEMBERS:
        return
    words = members.words
    yield words[:-1]
    if words[1:2] == ("of",):
        yield words[2:]
        if words[2:3] == ("the",):
            yield words[3:]


def is_full_name(mention: Mention) -> bool:
    """Returns whether a mention may be the full name of a person: two words or more, and no known group or state."""
    if not mention.name or mention.number is not None or len(mention.words) < 2:
        return False
    return len(_aliases().alternatives(" ".join(mention.words))) == 1


@cache
def _aliases() -> Aliases:
    return load_aliases()


ABBREVIATIONS = Sieve(_abbreviates, _own_abbreviations)
PLACES = Sieve(_same_place, _own_place)
FIGHTERS = Sieve(_belongs, _own_group)
