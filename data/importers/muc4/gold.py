"""The entities that the keys of a MUC article name, in two views.

- `roles`: the five roles that the literature scores. An entry of a slot is an entity, its alternatives the entity's
  strings. Of entries in an article's templates one whose strings are all among those of an entity before it, or the
  other way round, is no new entity, as Du, Rush and Cardie 2021 (arXiv 2008.09249) have it.
- `labels`: PERPETRATOR from both perpetrator slots, TARGET from physical and human targets, LOCATION from the names in
  the location slot. Entries that share a string are the same entity. What describes a named person is its title.

Optional templates and doubtful entries count in both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from afteraction.data.articles.labels import LOCATION, PERPETRATOR, TARGET
from afteraction.data.importers.muc4.keys import Filler, Slot, Template


class View(StrEnum):
    """Which labels the articles bear."""

    LABELS = "labels"
    ROLES = "roles"


@dataclass(frozen=True, slots=True)
class Gold:
    """An entity of the keys: its strings in their order, and a named person's titles (`MAYOR OF ACHI`, `DR`).

    Each is on one line.
    """

    label: str
    strings: tuple[str, ...]
    titles: tuple[str, ...] = ()


_SLOTS: dict[View, dict[str, tuple[Slot, ...]]] = {
    View.ROLES: {
        "PerpInd": (Slot.INDIVIDUAL,),
        "PerpOrg": (Slot.ORGANIZATION,),
        "Target": (Slot.OBJECT,),
        "Victim": (Slot.NAME,),
        "Weapon": (Slot.WEAPON,),
    },
    View.LABELS: {
        PERPETRATOR: (Slot.INDIVIDUAL, Slot.ORGANIZATION),
        TARGET: (Slot.OBJECT, Slot.NAME, Slot.DESCRIPTION),
    },
}


def gold_entities(templates: Sequence[Template], *, view: View) -> list[Gold]:
    """The entities of an article's key, in the order of the view's labels."""
    entities: list[Gold] = []
    for label, slots in _SLOTS[view].items():
        fillers = [filler for template in templates for slot in slots for filler in template.fillers(slot)]
        entries = [_entry(label, filler) for filler in fillers]
        entities += _without_subsets(entries) if view is View.ROLES else _joined(entries)
    if view is View.LABELS:
        places = dict.fromkeys(place for template in templates for place in template.places())
        entities += [Gold(LOCATION, (place,)) for place in places]
    return entities


def one_line(text: str) -> str:
    """A text with each run of white space as one blank, and none at its edges."""
    return " ".join(text.split())


def _entry(label: str, filler: Filler) -> Gold:
    alternatives, subject = _distinct(filler.alternatives), _distinct(filler.subject)
    return Gold(label, subject, alternatives) if subject else Gold(label, alternatives)


def _without_subsets(entries: Iterable[Gold]) -> list[Gold]:
    kept: list[Gold] = []
    for entry in entries:
        strings = set(entry.strings)
        if not any(strings <= set(other.strings) or strings >= set(other.strings) for other in kept):
            kept.append(entry)
    return kept


def _joined(entries: Iterable[Gold]) -> list[Gold]:
    groups: list[Gold] = []
    for entry in entries:
        same = [group for group in groups if set(group.strings) & set(entry.strings)]
        groups = [group for group in groups if group not in same]
        strings = _distinct(string for group in [*same, entry] for string in group.strings)
        titles = _distinct(title for group in [*same, entry] for title in group.titles)
        groups.append(Gold(entry.label, strings, tuple(title for title in titles if title not in strings)))
    return groups


def _distinct(strings: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(one_line, strings)))
