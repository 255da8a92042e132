"""Mentions to entities: which spans of an article mean the same person, group, thing or place.

Rules over surfaces and what stands between them, label by label in the order of the text, surest first, as in the
sieves of Raghunathan and others (EMNLP 2010). A mention joins the latest entity that it may mean, else begins one:

- the same words, whatever the case, determiner, title or punctuation, unless they could mean anyone;
- an acronym and the name it abbreviates; a name and its first or last words ("Enrique Lopez Albujar", "Lopez
  Albujar"), places excepted; a group and "its name + fighters";
- what the text itself says to be the same: an apposition ("Katibat Rijal, an Islamist faction"), a bracket after a
  name, "a man known as Vasu";
- the killed, where the counts are equal, and "the dead", "the victims" after them;
- a headline's "police post" and "a police post" below it; for perpetrators, whoever the text has first below it;
- a definite phrase and an earlier one with the same head ("a military police school", "the school"), unless their
  counts differ;
- a definite phrase for perpetrators and the latest of its number: "two gunmen", "the attackers"; "Boko Haram", "the
  group"; and the name of the one who had none yet.
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
"""Heads that say no more of one perpetrator than that it is the one: "the leader" may be another."""

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
"""The mentions of one entity, in the order of the text, all of one label."""

Sieve = Callable[[Mention, Chain], bool]
"""Whether a mention means the same as an entity before it."""


def link_entities(text: str, spans: Sequence[Span]) -> tuple[tuple[Span, ...], tuple[Entity, ...]]:
    """Groups an article's spans, given in order, to entities.

    Returns:
        the spans, each with its entity's id, and the entities in the order of their first mentions.
    """
    mentions = read_mentions(text, spans)
    chains: list[Chain] = []
    ids: list[str] = []
    latest_first: dict[str, list[int]] = {}
    for mention, previous, following in zip(mentions, [None, *mentions], [*mentions[1:], None], strict=False):
        of_label = latest_first.setdefault(mention.label, [])
        equal = previous if previous is not None and _says_so(previous, mention, following) else None
        place = _find_chain(mention, [chains[index] for index in of_label], equal=equal)
        if place is None:
            index = len(chains)
            chains.append([])
        else:
            index = of_label.pop(place)
        of_label.insert(0, index)
        chains[index].append(mention)
        ids.append(f"e{index + 1}")
    linked = tuple(replace(span, entity=identity) for span, identity in zip(spans, ids, strict=True))
    return linked, tuple(_entity(f"e{index + 1}", chain) for index, chain in enumerate(chains))


def _find_chain(mention: Mention, chains: Sequence[Chain], *, equal: Mention | None) -> int | None:
    """The place of the chain that a mention joins among those of its label, the latest first.

    `equal` is the mention before it, if the text says that the two are one.
    """

    def is_said_to_be(_mention: Mention, chain: Chain) -> bool:
        return chain[-1] is equal

    before, after = _SIEVES.get(mention.label, _OTHER_SIEVES)
    for sieve in (*before, is_said_to_be, *after):
        for place, chain in enumerate(chains):
            if sieve(mention, chain):
                return place
    return None


def _says_so(first: Mention, second: Mention, following: Mention | None) -> bool:
    """Whether the text between two mentions, one right after the other, says that they are one."""
    if second.label != first.label or second.label in _NO_SHORT_FORMS:
        return False
    if _BRACKET.fullmatch(second.before):
        return bool(second.acronym or second.name)
    if _APPOSITION.fullmatch(second.before):
        listed = following is not None and following.label == second.label and _AND.fullmatch(following.before)
        return not listed and not second.possessive and _may_be_apposed(first, second)
    words = set(re.findall(r"\w+", second.before.casefold()))
    return bool(words & _NAMING) and words <= _NAMING | _AROUND_NAMING and not _SENTENCE_END.search(second.before)


def _may_be_apposed(first: Mention, second: Mention) -> bool:
    """Whether one is a name and the other what it is, or one is known and the other says more of it."""
    if first.name != second.name:
        return (first.number == "many") == (second.number == "many")
    return first.definite and second.determiner in ("a", "an") and not (first.name or first.plural or second.plural)


def _same_value(mention: Mention, chain: Chain) -> bool:
    return mention.value is not None and mention.value == chain[0].value


def _same_words(mention: Mention, chain: Chain) -> bool:
    # "a man ... a man" and "people ... people" are as a rule not the same.
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
        long.words[part] == short.words and are_capitalized(long.telling[part])
        for part in (slice(size), slice(-size, None))
    )


def _belongs(mention: Mention, chain: Chain) -> bool:
    return any(_is_its_members(mention, other) or _is_its_members(other, mention) for other in chain)


def _is_its_members(members: Mention, group: Mention) -> bool:
    """Whether a mention is the group's name and one more word: "JNIM fighters", "fighters of the JNIM"."""
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
    """Whether it is a definite phrase for what went before; "the other" is for what did not."""
    return mention.definite and not mention.name and mention.head not in ("other", "one")


def _agree(mention: Mention, chain: Chain) -> bool:
    """Whether the numbers allow that they are one: a single person is neither several nor a group."""
    numbers = {other.number for other in chain}
    return not numbers & {"many", "body"} if mention.number == "one" else "one" not in numbers


def _entity(identity: str, chain: Chain) -> Entity:
    best = max(chain, key=lambda mention: (mention.name, mention.acronym is None, len(mention.words)))
    mentions = tuple(dict.fromkeys(mention.surface for mention in chain))
    scores = [mention.span.score for mention in chain if mention.span.score is not None]
    return Entity(id=identity, label=best.label, name=best.surface, mentions=mentions, score=max(scores, default=None))


_NAMES: tuple[Sieve, ...] = (_same_words, _abbreviates)
_SHORT_NAMES: tuple[Sieve, ...] = (*_NAMES, _shortens, _belongs)
_REFERENCES: tuple[Sieve, ...] = (_killed_alike, _is_the_dead, _spells_out)
_SIEVES: dict[str, tuple[tuple[Sieve, ...], tuple[Sieve, ...]]] = {
    DEATH_TOLL: ((_same_value,), ()),
    LOCATION: (_NAMES, ()),
    PERPETRATOR: (_SHORT_NAMES, (*_REFERENCES, _acts_in_headline, _is_named, _same_head, _acts)),
}
_OTHER_SIEVES = (_SHORT_NAMES, (*_REFERENCES, _same_head))
"""The sieves by label, surest first: before and after what the text says right before a mention."""
