"""The sieves of each label, by which a mention joins an earlier entity with similar words.

They are tried one by one, the most reliable first, as in Raghunathan et al. (EMNLP 2010). A mention joins the latest
entity that passes a sieve. The following are regarded as the same:

- mentions with the same words, whatever their case, determiner, title or punctuation, unless the words could mean
  anyone;
- an acronym and the name that it abbreviates; a name and its first or last words ("Enrique Lopez Albujar", "Lopez
  Albujar"), except for places, but not two names with the same short form ("Ada Bora", "Bora", "Ben Bora"); a
  description that ends in a name and the last words of that name ("former President Ada Bora", "Ms. Bora"), with or
  without the Arabic article ("Abu Musab al-Zarqawi", "Zarqawi"); a group and "fighters" or the like with its name;
- names of one place by the alias table, whether or not they have an Arabic article or end in "Province" or the like;
- people killed in two sentences, if the counts are equal and above one, and a later "the dead" or "the victims": the
  "people" killed rather than the "children" among them;
- "police post" in a headline and "a police post" below it; for perpetrators, the first ones below the headline;
- a definite phrase and an earlier name with its head before it ("President Ada Bora", "the president");
- a definite phrase and an earlier mention with the same head ("a military police school", "the school"), unless their
  counts differ or it is "the second school" or the like; "another school" is always new;
- a definite phrase for perpetrators and the latest perpetrators of the same number ("two gunmen", "the attackers";
  "Boko Haram", "the group"); a person's full name and the latest single perpetrator without a name, or the latest
  target without a name whose head means a person ("a local politician", but not "a bus").
"""

import re
from collections.abc import Iterator

from afteraction.data import DEATH_TOLL, LOCATION, PERPETRATOR, Toll
from afteraction.data.text import word_list, word_set
from afteraction.model.record.chains import Key, Sieve, State
from afteraction.model.record.mentions import DEAD, Mention
from afteraction.model.record.names import ABBREVIATIONS, FIGHTERS, PLACES, ShortForms, bare_name, is_full_name

_ANYONE = word_set("person man woman child boy girl civilian guard member")
_PEOPLE = word_set("civilian other person")
_ACTORS = word_set(
    "accused arsonist assailant assassin attacker bomber boy convict culprit defendant girl gunman hijacker kidnapper"
    " killer knifeman man offender perpetrator raider robber shooter suspect teenager terrorist woman youth"
)
"""Head nouns that mean no more than "attacker": "the gunman" may be any single perpetrator, "the leader" may not."""

_FORCES = word_set(
    "administration aircraft army coalition drone force government helicopter jet military navy plane police regime"
    " warplane"
)
"""Head nouns for the forces of a state: "the army" is not the rebels of the sentence before."""

_ORDINALS = word_list("ordinals")
_AND = re.compile(r"\s+(?:and|or)\b")


def _same_value(mention: Mention) -> Iterator[Key]:
    if mention.value is not None:
        yield "value", mention.value


def _own_words(mention: Mention) -> Iterator[Key]:
    yield "words", mention.words


def _same_words(mention: Mention) -> Iterator[Key]:
    # "a man ... a man" and "people ... people" are usually not the same.
    if mention.definite or mention.name or mention.head not in _ANYONE:
        yield "words", mention.words


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
    name = bare_name(mention)
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
        return (_WORDS, ABBREVIATIONS, PLACES), ()
    names = ShortForms()
    before = (_WORDS, ABBREVIATIONS, Sieve(names.seeks, names.offers, narrows=names.narrows), FIGHTERS)
    if label == PERPETRATOR:
        return before, (_KILLED, _THE_DEAD, _SPELT_OUT, _HEADLINE, _NAMED, _TITLES, _HEADS, _ACTING)
    return before, (_KILLED, _ALL_THE_DEAD, _THE_DEAD, _SPELT_OUT, _NAMED_PERSON, _TITLES, _HEADS)
