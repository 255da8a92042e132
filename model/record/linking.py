"""Links mentions to entities: finds which spans of an article mean the same person, group, thing or place.

Mentions are read in the order of the text. The sieves of `sieves.py` and `names.py` compare the words of each mention
with those of earlier ones. The text between two mentions may also equate them: an apposition ("Katibat Rijal, an
Islamist faction"), a name in brackets, or "a man known as Vasu". A mention that joins no entity begins a new one.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from afteraction.data import DEATH_TOLL, LOCATION, Entity, Span
from afteraction.data.text import word_set
from afteraction.model.record.chains import Chains
from afteraction.model.record.mentions import SENTENCE_END, Mention, read_mentions
from afteraction.model.record.sieves import sieves_of

_NEVER_EQUATED = frozenset((LOCATION, DEATH_TOLL))
"""Labels whose mentions are never equated by the text between them: "Gao (Mali)" names two places."""

_BRACKET = re.compile(r"\s*[(\[]\s*[\"'“‘]?")
_APPOSITION = re.compile(r"[)\]\"'”’]*(?:,(?:\s\d{1,3},)?|\s[—–-])\s+[\"'“‘]?")
_AND = re.compile(r"\s+(?:and|or)\s+")
_NAMING = word_set("known named called calling calls identified nicknamed dubbed alias")
_AROUND_NAMING = word_set(
    "a also as been being better by had has have he herself himself initials is itself later locally name of only"
    " police she that the themselves they under was were which who whom widely"
)

Chain = list[Mention]
"""The mentions of one entity, all with the same label, in the order of the text."""


def link_entities(text: str, spans: Sequence[Span]) -> tuple[tuple[Span, ...], tuple[Entity, ...]]:
    """Groups the spans of an article, given in order, into entities.

    Returns:
        the spans, each with the id of its entity, and the entities in the order of their first mentions.
    """
    mentions = read_mentions(text, spans)
    chains: list[Chain] = []
    numbers: list[int] = []
    by_label = {label: _Linker(label) for label in {mention.label for mention in mentions}}
    for mention, previous, following in zip(mentions, [None, *mentions], [*mentions[1:], None], strict=False):
        equal = numbers[-1] if previous is not None and _are_equated(previous, mention, following) else None
        number = by_label[mention.label].find(mention, equal=equal)
        if number is None:
            number = len(chains)
            chains.append([])
        by_label[mention.label].add(number, mention)
        chains[number].append(mention)
        numbers.append(number)
    linked = tuple(replace(span, entity=f"e{number + 1}") for span, number in zip(spans, numbers, strict=True))
    return linked, tuple(_entity(f"e{index + 1}", chain) for index, chain in enumerate(chains))


class _Linker:
    """Finds the entity that a mention of one label joins."""

    def __init__(self, label: str) -> None:
        self._before, self._after = sieves_of(label)
        self._chains = Chains((*self._before, *self._after))
        self.add = self._chains.add

    def find(self, mention: Mention, *, equal: int | None) -> int | None:
        """Returns the number of the entity that a mention joins, or None. "Another bus" joins none.

        `equal` is the number of the previous mention's entity if the text equates the two; otherwise None.
        """
        if mention.determiner == "another":
            return None
        for sieve in self._before:
            if (number := self._chains.latest(sieve.seeks(mention))) is not None:
                return number
        if equal is not None:
            return equal
        for sieve in self._after:
            if (number := self._chains.latest(sieve.seeks(mention))) is not None:
                return number
        return None


def _are_equated(first: Mention, second: Mention, following: Mention | None) -> bool:
    """Returns whether the text between two consecutive mentions says that they mean the same."""
    if second.label != first.label or second.label in _NEVER_EQUATED:
        return False
    if _BRACKET.fullmatch(second.before):
        return bool(second.acronym or second.name)
    if _APPOSITION.fullmatch(second.before):
        # In "teachers, a guard and Bob" the comma begins a list, not an apposition.
        listed = following is not None and following.label == second.label and _AND.fullmatch(following.before)
        return not listed and not second.possessive and _may_be_apposed(first, second)
    # "known as", "calling itself": a word of naming, and only words that occur around it.
    words = set(re.findall(r"\w+", second.before.casefold()))
    return bool(words & _NAMING) and words <= _NAMING | _AROUND_NAMING and not SENTENCE_END.search(second.before)


def _may_be_apposed(first: Mention, second: Mention) -> bool:
    """Returns whether an apposition makes sense: a name and a description, or "the guard, a father of four"."""
    if first.name != second.name:
        return (first.number == "many") == (second.number == "many")
    return first.definite and second.determiner in ("a", "an") and not (first.name or first.plural or second.plural)


def _entity(entity_id: str, chain: Chain) -> Entity:
    best = max(chain, key=lambda mention: (mention.name, mention.acronym is None, len(mention.words)))
    mentions = tuple(dict.fromkeys(mention.surface for mention in chain))
    scores = [mention.span.score for mention in chain if mention.span.score is not None]
    return Entity(id=entity_id, label=best.label, name=best.surface, mentions=mentions, score=max(scores, default=None))
