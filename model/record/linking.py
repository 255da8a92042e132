"""Links mentions to entities: finds which spans of an article mean the same person, group, thing or place.

The rules look at the words of mentions and at the text between them. They are sieves, as in Raghunathan et al.
(EMNLP 2010): mentions are read in the order of the text, and for each the sieves of its label are tried one by one,
the most reliable first. A mention joins the latest entity that passes a sieve. If none does, it begins a new entity.
These are taken for the same:

- mentions with the same words, whatever their case, determiner, title or punctuation, unless the words could mean
  anyone;
- an acronym and the name that it abbreviates; a name and its first or last words ("Enrique Lopez Albujar", "Lopez
  Albujar"), except for places; a group and "fighters" or the like with its name;
- mentions that the text itself equates: an apposition ("Katibat Rijal, an Islamist faction"), a name in brackets, "a
  man known as Vasu";
- people killed, if the counts are equal, and "the dead" or "the victims" after them;
- "police post" in a headline and "a police post" below it; for perpetrators, the first ones below the headline;
- a definite phrase and an earlier mention with the same head ("a military police school", "the school"), unless their
  counts differ;
- a definite phrase for perpetrators and the latest perpetrators of the same number ("two gunmen", "the attackers";
  "Boko Haram", "the group"); a person's name and the latest single perpetrator without a name.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from afteraction.data import DEATH_TOLL, LOCATION, PERPETRATOR, Entity, Span
from afteraction.data.text import are_capitalized, word_set
from afteraction.model.record.mentions import Mention, read_mentions

_NO_SHORT_FORMS = frozenset((LOCATION, DEATH_TOLL))
_ANYONE = word_set("person man woman child boy girl civilian guard member")
_DEAD = word_set("dead deceased victim fatality")
_ACTORS = word_set(
    "accused arsonist assailant assassin attacker bomber boy convict culprit defendant girl gunman hijacker kidnapper"
    " killer knifeman man offender perpetrator raider robber shooter suspect teenager terrorist woman youth"
)
"""Head nouns that say only "the attacker", so "the gunman" may be any single perpetrator; "the leader" may not."""

_BRACKET = re.compile(r"\s*[(\[]\s*[\"'“‘]?")
_APPOSITION = re.compile(r"[)\]\"'”’]*(?:,(?:\s\d{1,3},)?|\s[—–-])\s+[\"'“‘]?")
_AND = re.compile(r"\s+(?:and|or)\s+")
_SENTENCE_END = re.compile(r"[.;\n]")
_NAMING = word_set("known named called calling calls identified nicknamed dubbed alias")
_AROUND_NAMING = word_set(
    "a also as been being better by had has have he herself himself initials is itself later locally name of only"
    " police she that the themselves they under was were which who whom widely"
)

Chain = list[Mention]
"""The mentions of one entity, in the order of the text. They have the same label."""

Sieve = Callable[[Mention, Chain], bool]
"""Decides whether a mention means the same as an earlier entity."""


def link_entities(text: str, spans: Sequence[Span]) -> tuple[tuple[Span, ...], tuple[Entity, ...]]:
    """Groups the spans of an article, given in order, into entities.

    Returns:
        the spans, each with the id of its entity, and the entities in the order of their first mentions.
    """
    mentions = read_mentions(text, spans)
    chains: list[Chain] = []
    ids: list[str] = []
    latest_first: dict[str, list[int]] = {}
    for mention, previous, following in zip(mentions, [None, *mentions], [*mentions[1:], None], strict=False):
        of_label = latest_first.setdefault(mention.label, [])
        equal = previous if previous is not None and _are_equated(previous, mention, following) else None
        position = _find_chain(mention, [chains[index] for index in of_label], equal=equal)
        if position is None:
            index = len(chains)
            chains.append([])
        else:
            index = of_label.pop(position)
        of_label.insert(0, index)
        chains[index].append(mention)
        ids.append(f"e{index + 1}")
    linked = tuple(replace(span, entity=entity_id) for span, entity_id in zip(spans, ids, strict=True))
    return linked, tuple(_entity(f"e{index + 1}", chain) for index, chain in enumerate(chains))


def _find_chain(mention: Mention, chains: Sequence[Chain], *, equal: Mention | None) -> int | None:
    """Returns the index of the chain that a mention joins, or None.

    `chains` are those of the mention's label, the latest first. `equal` is the previous mention, if the text equates
    the two.
    """

    def is_equated(_mention: Mention, chain: Chain) -> bool:
        return chain[-1] is equal

    before, after = _SIEVES.get(mention.label, _OTHER_SIEVES)
    for sieve in (*before, is_equated, *after):
        for index, chain in enumerate(chains):
            if sieve(mention, chain):
                return index
    return None


def _are_equated(first: Mention, second: Mention, following: Mention | None) -> bool:
    """Returns whether the text between two consecutive mentions says that they mean the same."""
    if second.label != first.label or second.label in _NO_SHORT_FORMS:
        return False
    if _BRACKET.fullmatch(second.before):
        return bool(second.acronym or second.name)
    if _APPOSITION.fullmatch(second.before):
        # In "teachers, a guard and Bob" the comma begins a list, not an apposition.
        listed = following is not None and following.label == second.label and _AND.fullmatch(following.before)
        return not listed and not second.possessive and _may_be_apposed(first, second)
    # "known as", "calling itself": a word of naming, and none that could begin something else.
    words = set(re.findall(r"\w+", second.before.casefold()))
    return bool(words & _NAMING) and words <= _NAMING | _AROUND_NAMING and not _SENTENCE_END.search(second.before)


def _may_be_apposed(first: Mention, second: Mention) -> bool:
    """Returns whether an apposition makes sense: a name and a description, or "the guard, a father of four"."""
    if first.name != second.name:
        return (first.number == "many") == (second.number == "many")
    return first.definite and second.determiner in ("a", "an") and not (first.name or first.plural or second.plural)


def _same_value(mention: Mention, chain: Chain) -> bool:
    return mention.value is not None and mention.value == chain[0].value


def _same_words(mention: Mention, chain: Chain) -> bool:
    # "a man ... a man" and "people ... people" are usually not the same.
    anyone = mention.head in _ANYONE and not mention.definite and not mention.name
    return not anyone and any(mention.words == other.words for other in chain)


def _abbreviates(mention: Mention, chain: Chain) -> bool:
    return any(
        short.acronym is not None and short.acronym in long.initials and len(long.words) > 1
        for other in chain
        for short, long in ((mention, other), (other, mention))
    )


def _shortens(mention: Mention, chain: Chain) -> bool:
    return any(_is_short_form(mention, other) or _is_short_form(other, mention) for other in chain)


def _is_short_form(short: Mention, long: Mention) -> bool:
    size = len(short.words)
    if not (short.name and long.name and 0 < size < len(long.words)) or len("".join(short.words)) < 3:
        return False
    return any(
        long.words[part] == short.words and are_capitalized(long.cased_words[part])
        for part in (slice(size), slice(-size, None))
    )


def _belongs(mention: Mention, chain: Chain) -> bool:
    return any(_is_its_members(mention, other) or _is_its_members(other, mention) for other in chain)


def _is_its_members(members: Mention, group: Mention) -> bool:
    """Returns whether a mention is a group's name and one more word: "JNIM fighters", "fighters of the JNIM"."""
    if not group.name or members.name or members.number != "many" or members.count:
        return False
    _, *rest = members.words
    size = len(group.words)
    front = members.words[:-1] == group.words
    return front or (rest[-size:] == [*group.words] and rest[:-size] in (["of"], ["of", "the"]))


def _killed_alike(mention: Mention, chain: Chain) -> bool:
    return mention.killed is not None and any(mention.killed == other.killed for other in chain)


def _is_the_dead(mention: Mention, chain: Chain) -> bool:
    return (
        mention.head in _DEAD
        and not mention.name
        and any(other.killed or other.head in _DEAD for other in chain)
        and _agree(mention, chain)
    )


def _spells_out(mention: Mention, chain: Chain) -> bool:
    return not mention.name and any(other.clipped and _same_kind(mention, other) for other in chain)


def _same_head(mention: Mention, chain: Chain) -> bool:
    return _refers(mention) and any(_same_kind(mention, other) for other in chain)


def _same_kind(mention: Mention, other: Mention) -> bool:
    if mention.head != other.head:
        return False
    if other.name:
        return len(mention.words) == 1
    return mention.plural == other.plural and (None in (mention.count, other.count) or mention.count == other.count)


def _acts_in_headline(mention: Mention, chain: Chain) -> bool:
    return (
        not (mention.headline or mention.name)
        and all(other.headline for other in chain)
        and any(other.number == mention.number for other in chain)
        and not (mention.count and any(other.count for other in chain))
    )


def _is_named(mention: Mention, chain: Chain) -> bool:
    return mention.name and mention.number is None and all(other.number == "one" and not other.name for other in chain)


def _acts(mention: Mention, chain: Chain) -> bool:
    if not _refers(mention) or (mention.number == "one" and (mention.possessive or mention.head not in _ACTORS)):
        return False
    return _agree(mention, chain) and all(
        None in (mention.count, other.count) or mention.count == other.count for other in chain
    )


def _refers(mention: Mention) -> bool:
    """Returns whether it is a definite phrase that refers back; "the other" refers to somebody new."""
    return mention.definite and not mention.name and mention.head not in ("other", "one")


def _agree(mention: Mention, chain: Chain) -> bool:
    """Returns whether the numbers allow that they are the same: a single person is neither several nor a group."""
    numbers = {other.number for other in chain}
    return not numbers & {"many", "body"} if mention.number == "one" else "one" not in numbers


def _entity(entity_id: str, chain: Chain) -> Entity:
    best = max(chain, key=lambda mention: (mention.name, mention.acronym is None, len(mention.words)))
    mentions = tuple(dict.fromkeys(mention.surface for mention in chain))
    scores = [mention.span.score for mention in chain if mention.span.score is not None]
    return Entity(id=entity_id, label=best.label, name=best.surface, mentions=mentions, score=max(scores, default=None))


# The sieves by label, the most reliable first: those tried before `is_equated`, and those tried after it.
_NAMES: tuple[Sieve, ...] = (_same_words, _abbreviates)
_SHORT_NAMES: tuple[Sieve, ...] = (*_NAMES, _shortens, _belongs)
_REFERENCES: tuple[Sieve, ...] = (_killed_alike, _is_the_dead, _spells_out)
_SIEVES: dict[str, tuple[tuple[Sieve, ...], tuple[Sieve, ...]]] = {
    DEATH_TOLL: ((_same_value,), ()),
    LOCATION: (_NAMES, ()),
    PERPETRATOR: (_SHORT_NAMES, (*_REFERENCES, _acts_in_headline, _is_named, _same_head, _acts)),
}
_OTHER_SIEVES = (_SHORT_NAMES, (*_REFERENCES, _same_head))
