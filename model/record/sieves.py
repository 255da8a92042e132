"""The sieves of each label, by which a mention joins an earlier entity with similar words.

They are tried one by one, the most reliable first, as in Raghunathan et al. (EMNLP 2010). A mention joins the latest
entity that passes a sieve. The following are regarded as the same:

- mentions with the same words, whatever their case, determiner, title or punctuation, unless the words could mean
  anyone;
- an acronym and the name that it abbreviates; a name and its first or last words ("Enrique Lopez Albujar", "Lopez
  Albujar"), except for places, but not two names with the same short form ("Ada Bora", "Bora", "Ben Bora"); a
  description that ends in a name and the last words of that name ("former President Ada Bora", "Ms. Bora"), with or
  without the Arabic article ("Abu Musab al-Zarqawi", "Zarqawi"); a group and "fighters" or the like with its name;
- names of a place in the alias table, with or without "Province" or the like and the Arabic article;
- people killed in two sentences, if the counts are equal and above one, and a later "the dead" or "the victims",
  who are the "people" killed rather than the "children" among them;
- "police post" in a headline and "a police post" below it; for perpetrators, the first ones below the headline;
- a definite phrase and an earlier name with its head before it ("President Ada Bora", "the president");
- a definite phrase and an earlier mention with the same head ("a military police school", "the school"), unless their
  counts differ or it is "the second school" or the like; "another school" is always new;
- a definite phrase for perpetrators and the latest perpetrators of the same number ("two gunmen", "the attackers";
  "Boko Haram", "the group"); a person's full name and the latest single perpetrator without a name, or
  the latest target without a name whose head means a person ("a local politician", but not "a bus").
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import takewhile

from afteraction.data import DEATH_TOLL, LOCATION, PERPETRATOR, Toll
from afteraction.data.text import Aliases, load_aliases, split_words, without_arabic_article, word_list, word_set
from afteraction.model.record.chains import Key, Sieve, State
from afteraction.model.record.mentions import DEAD, Mention

_ANYONE = word_set("person man woman child boy girl civilian guard member")
_PEOPLE = word_set("civilian other person")
_ACTORS = word_set(
    "accused arsonist assailant assassin attacker bomber boy convict culprit defendant girl gunman hijacker kidnapper"
    " killer knifeman man offender perpetrator raider robber shooter suspect teenager terrorist woman youth"
)
"""Head nouns that mean no more than "attacker": "the gunman" may be any single perpetrator, "the leader" may not."""

_MEMBERS = word_list("group_nouns")
"""Head nouns of a group's members. "The headquarters of JNIM" and "US jets" are not the group."""

_FORCES = word_set(
    "administration aircraft army coalition drone force government helicopter jet military navy plane police regime"
    " warplane"
)
"""Head nouns for the forces of a state: "the army" is not the rebels of the sentence before."""

_ORDINALS = word_list("ordinals")
_ARABIC_ARTICLES = ("al", "el")
_REGIONS = word_set("county district governorate height province region strip valley")
"""The keys of words that a region's name has or has not. "Oklahoma City" and "Oklahoma" are two places."""

_OFFICES = word_list("ranks") | word_list("offices")
"""Words before a name that are no part of it, though they are written with a capital."""

_AND = re.compile(r"\s+(?:and|or)\b")
_SHORTEST_NAME = 3
"""In letters. A shorter name is not treated as the short form of another name."""


def _same_value(mention: Mention) -> Iterator[Key]:
    if mention.value is not None:
        yield "value", mention.value


def _own_words(mention: Mention) -> Iterator[Key]:
    yield "words", mention.words


def _same_words(mention: Mention) -> Iterator[Key]:
    # "a man ... a man" and "people ... people" are usually not the same.
    if mention.definite or mention.name or mention.head not in _ANYONE:
        yield "words", mention.words


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


class _ShortForms:
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
        name = _bare_name(mention)
        yield from ((("whole", number), ("whole", number, name[-1])) for number in fronts[:-1])
        yield from ((("whole", number), ("whole", number, name[0])) for number in ends[:-1])

    def _parts(self, mention: Mention) -> tuple[list[int], list[int]]:
        """Returns the numbers of the first words of a name and of its last words, the shortest first.

        A description that ends in a name has only last words, and a mention without a name has neither.
        """
        words = _bare_name(mention)
        return self._beginnings("first", words if mention.name else ()), self._beginnings("last", words[::-1])

    def _beginnings(self, side: str, words: Sequence[str]) -> list[int]:
        found: list[int] = []
        for word in words:
            key = (found[-1] if found else side, word)
            found.append(self._numbers.setdefault(key, len(self._numbers)))
        return found


def _bare_name(mention: Mention) -> tuple[str, ...]:
    """Returns the words of the name that a mention is or ends in, without offices at the front and Arabic articles."""
    words = mention.words if mention.name else mention.described_name
    offices = sum(1 for _ in takewhile(_OFFICES.__contains__, words[:-1]))
    return tuple(map(without_arabic_article, words[offices:]))


def _is_whole_name(mention: Mention) -> bool:
    return mention.name and len("".join(_bare_name(mention))) >= _SHORTEST_NAME


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


def _killed_alike(mention: Mention) -> Iterator[Key]:
    # Single people, and the groups of one sentence, are different even if their numbers are equal.
    if mention.killed not in (None, Toll(1, 1)) and not mention.same_killed_before:
        yield "killed", mention.killed


def _dead(state: State) -> Iterator[Key]:
    if state.dead:
        yield "dead", state.has_one, state.has_several


def _is_the_dead(mention: Mention) -> Iterator[Key]:
    if mention.head in DEAD and not mention.name:
        yield from (("dead", *numbers) for numbers in _agreeing(mention))


def _killed_people(mention: Mention) -> Iterator[Key]:
    if mention.killed is not None and mention.head in _PEOPLE:
        yield "killed people"


def _are_the_dead(mention: Mention) -> Iterator[Key]:
    if mention.head in DEAD and mention.number == "many":
        yield "killed people"


def _clipped(mention: Mention) -> Iterator[Key]:
    if mention.clipped:
        yield "clipped", mention.head


def _spells_out(mention: Mention) -> Iterator[Key]:
    if not mention.name and not mention.plural:
        yield "clipped", mention.head


def _own_head(mention: Mention) -> Iterator[Key]:
    if mention.name:
        yield "head of a name", mention.head
    else:
        yield "head", mention.head, mention.plural
        yield "head", mention.head, mention.plural, mention.count


def _same_head(mention: Mention) -> Iterator[Key]:
    if not _refers(mention):
        return
    if len(mention.words) == 1:
        yield "head of a name", mention.head
    if mention.count is None:
        yield "head", mention.head, mention.plural
    else:
        yield from (("head", mention.head, mention.plural, count) for count in (None, mention.count))


def _own_title(mention: Mention) -> Iterator[Key]:
    name = _bare_name(mention)
    before = mention.words[: len(mention.words) - len(name)]
    if name and before:
        yield "title", before[-1]


def _same_title(mention: Mention) -> Iterator[Key]:
    if _refers(mention) and not mention.possessive:
        yield "title", mention.head_word


def _in_headline(state: State) -> Iterator[Key]:
    if state.in_headline:
        yield from (("headline", number, bool(state.counts)) for number in state.numbers)


def _acts_in_headline(mention: Mention) -> Iterator[Key]:
    if not (mention.headline or mention.name):
        yield "headline", mention.number, False
        if not mention.count:
            yield "headline", mention.number, True


def _single(state: State) -> Iterator[Key]:
    if state.numbers == {"one"} and not state.named:
        yield "single"


def _single_person(state: State) -> Iterator[Key]:
    if state.person:
        yield from _single(state)


def _is_named(mention: Mention) -> Iterator[Key]:
    if is_full_name(mention) and not _AND.match(mention.before):
        yield "single"


def is_full_name(mention: Mention) -> bool:
    """Returns whether a mention may be the full name of a person: two words or more, and no known group or state."""
    if not mention.name or mention.number is not None or len(mention.words) < 2:
        return False
    return len(_aliases().alternatives(" ".join(mention.words))) == 1


@cache
def _aliases() -> Aliases:
    return load_aliases()


def _actor(state: State) -> Iterator[Key]:
    numbers = (state.has_one, state.has_several)
    yield "acts", *numbers
    if len(state.counts) < 2:
        yield "acts", *numbers, *(state.counts or (None,))


def _acts(mention: Mention) -> Iterator[Key]:
    if not _refers(mention) or mention.head in _FORCES or (mention.number == "one" and not _may_be_anyone(mention)):
        return
    for numbers in _agreeing(mention):
        if mention.count is None:
            yield "acts", *numbers
        else:
            yield from (("acts", *numbers, count) for count in (None, mention.count))


def _may_be_anyone(mention: Mention) -> bool:
    """Returns whether a phrase may mean any single perpetrator: "the gunman" and "the 27-year-old" may."""
    return not mention.possessive and (mention.head in _ACTORS or mention.head.endswith("-year-old"))


def _refers(mention: Mention) -> bool:
    """Returns whether a mention is a definite phrase that refers back. "The other" and "the second bus" are new."""
    is_new = mention.head in ("other", "one") or not _ORDINALS.isdisjoint(mention.words[:1])
    return mention.definite and not mention.name and not is_new


def _agreeing(mention: Mention) -> tuple[tuple[bool, bool], ...]:
    """Returns the values of (`has_one`, `has_several`) of the entities that agree with a mention's number.

    A single person is neither several nor a group.
    """
    return ((False, False), (True, False)) if mention.number == "one" else ((False, False), (False, True))


_VALUES = Sieve(_same_value, _same_value)
_WORDS = Sieve(_same_words, _own_words)
_ABBREVIATIONS = Sieve(_abbreviates, _own_abbreviations)
_PLACES = Sieve(_same_place, _own_place)
_FIGHTERS = Sieve(_belongs, _own_group)
_KILLED = Sieve(_killed_alike, _killed_alike)
_ALL_THE_DEAD = Sieve(_are_the_dead, _killed_people)
_THE_DEAD = Sieve(_is_the_dead, states=_dead)
_SPELT_OUT = Sieve(_spells_out, _clipped)
_NAMED_PERSON = Sieve(_is_named, states=_single_person)
_TITLES = Sieve(_same_title, _own_title)
_HEADS = Sieve(_same_head, _own_head)
_HEADLINE = Sieve(_acts_in_headline, states=_in_headline)
_NAMED = Sieve(_is_named, states=_single)
_ACTING = Sieve(_acts, states=_actor)


def sieves_of(label: str) -> tuple[tuple[Sieve, ...], tuple[Sieve, ...]]:
    """Returns the sieves of a label for one article: those tried before the mentions that the text equates, and after.

    The most reliable come first.
    """
    if label == DEATH_TOLL:
        return (_VALUES,), ()
    if label == LOCATION:
        return (_WORDS, _ABBREVIATIONS, _PLACES), ()
    names = _ShortForms()
    before = (_WORDS, _ABBREVIATIONS, Sieve(names.seeks, names.offers, narrows=names.narrows), _FIGHTERS)
    if label == PERPETRATOR:
        return before, (_KILLED, _THE_DEAD, _SPELT_OUT, _HEADLINE, _NAMED, _TITLES, _HEADS, _ACTING)
    return before, (_KILLED, _ALL_THE_DEAD, _THE_DEAD, _SPELT_OUT, _NAMED_PERSON, _TITLES, _HEADS)
