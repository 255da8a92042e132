"""Finds the entity that a mention joins by keys, rather than by comparing it with every earlier mention.

A sieve defines which keys a mention offers and which it seeks. A mention joins an entity if it seeks a key that one of
the entity's mentions offers, such as its words. Some sieves look at an entity as a whole: its state offers keys, which
it may lose as mentions are added.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from afteraction.model.record.mentions import DEAD, PERSONS, Mention, Number

Key = Hashable
"""The name of a sieve and the value that it compares. Keys of different sieves differ."""


@dataclass(slots=True)
class State:
    """The properties of an entity as a whole that sieves depend on."""

    in_headline: bool = True
    """Whether all mentions are in the headline."""
    named: bool = False
    person: bool = False
    """Whether a mention's head means one person."""
    dead: bool = False
    """Whether a mention says that the people died."""
    numbers: set[Number | None] = field(default_factory=set)
    counts: set[str] = field(default_factory=set)

    def add(self, mention: Mention) -> None:
        """Updates the state with a mention of the entity."""
        self.in_headline &= mention.headline
        self.named |= mention.name
        self.person |= mention.head in PERSONS
        self.dead |= mention.killed is not None or mention.head in DEAD
        self.numbers.add(mention.number)
        if mention.count:
            self.counts.add(mention.count)

    @property
    def has_one(self) -> bool:
        """Returns whether a mention is one person or thing."""
        return "one" in self.numbers

    @property
    def has_several(self) -> bool:
        """Returns whether a mention is several people or things, or a body of them."""
        return not self.numbers.isdisjoint(("many", "body"))


def _nothing(_: object) -> tuple[()]:
    return ()


@dataclass(frozen=True, slots=True)
class Sieve:
    """One way in which a mention may join an entity: by a key that it seeks and that the entity offers."""

    seeks: Callable[[Mention], Iterable[Key]]
    offers: Callable[[Mention], Iterable[Key]] = _nothing
    states: Callable[[State], Iterable[Key]] = _nothing
    narrows: Callable[[Mention], Iterable[tuple[Key, Key]]] = _nothing
    """Pairs of keys: an entity with the mention offers the second in place of the first."""


class Chains:
    """The entities of one label in an article, by their numbers.

    Args:
        sieves: all sieves of the label.
    """

    def __init__(self, sieves: Sequence[Sieve]) -> None:
        self._sieves = sieves
        self._states: dict[int, State] = {}
        self._offered: dict[Key, set[int]] = {}
        self._narrower: dict[tuple[int, Key], Key] = {}
        """The key that each entity offers in place of another."""
        self._in_state: dict[Key, OrderedDict[int, None]] = {}
        """The entities whose state offers each key, the latest last."""
        self._keys: dict[int, set[Key]] = {}
        """The keys that the state of each entity offers."""
        self._touched: OrderedDict[int, int] = OrderedDict()
        """The time of each entity's last mention, the latest last."""
        self._time = 0

    def latest(self, keys: Iterable[Key]) -> int | None:
        """Returns the most recently mentioned entity that offers one of the keys; None if there is none."""
        found: set[int] = set()
        for key in keys:
            if in_state := self._in_state.get(key):
                found.add(next(reversed(in_state)))
            if offered := self._offered.get(key):
                found.add(self._latest_of(offered))
        return max(found, key=self._touched.__getitem__, default=None)

    def add(self, number: int, mention: Mention) -> None:
        """Adds a mention to an entity, which may be new."""
        self._time += 1
        self._touched[number] = self._time
        self._touched.move_to_end(number)
        for sieve in self._sieves:
            for key, narrower in sieve.narrows(mention):
                offering = self._offered.get(self._narrower.get((number, key), key), set())
                self._narrower[number, key] = narrower
                if number in offering:
                    offering.remove(number)
                    self._offered.setdefault(narrower, set()).add(number)
            for key in sieve.offers(mention):
                self._offered.setdefault(self._narrower.get((number, key), key), set()).add(number)
        state = self._states.setdefault(number, State())
        state.add(mention)
        keys = {key for sieve in self._sieves for key in sieve.states(state)}
        for key in self._keys.get(number, set()) - keys:
            del self._in_state[key][number]
        for key in keys:
            in_state = self._in_state.setdefault(key, OrderedDict())
            in_state[number] = None
            in_state.move_to_end(number)
        self._keys[number] = keys

    def _latest_of(self, offered: set[int]) -> int:
        # If many entities offer the key, a recent one is usually among them. If few do, few are looked at.
        for number in islice(reversed(self._touched), len(offered)):
            if number in offered:
                return number
        return max(offered, key=self._touched.__getitem__)
