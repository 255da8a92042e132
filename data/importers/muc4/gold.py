"""The entities named by the answer keys of a MUC article, in two views.

- `roles`: the five roles scored in the literature. Each entry of a slot is an entity, and its alternatives are the
  entity's strings. An entry whose strings are a subset or superset of those of an earlier entity is not counted again,
  as in Du, Rush and Cardie 2021 (arXiv 2008.09249).
- `labels`: PERPETRATOR from both perpetrator slots, TARGET from physical and human targets, LOCATION from the names in
  the location slot. Entries that share a string are one entity. The description of a named person is their title.

Both views include optional templates and doubtful entries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from afteraction.data.articles.labels import LOCATION, PERPETRATOR, TARGET
from afteraction.data.importers.muc4.keys import Filler, Slot, Template


class View(StrEnum):
    """Which labels the articles have."""

    LABELS = "labels"
    ROLES = "roles"


@dataclass(frozen=True, slots=True)
class KeyEntity:
    """An entity of an answer key: its strings in the key's order, and a named person's titles (`MAYOR OF ACHI`, `DR`).

    No string or title contains a line end.
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


def gold_entities(templates: Sequence[Template], *, view: View) -> list[KeyEntity]:
    """Returns the entities of an article's templates, in the order of the view's labels."""
    entities: list[KeyEntity] = []
    for label, slots in _SLOTS[view].items():
        fillers = [filler for template in templates for slot in slots for filler in template.fillers(slot)]
        entries = [_entry(label, filler) for filler in fillers]
        entities += _without_subsets(entries) if view is View.ROLES else _joined(entries)
    if view is View.LABELS:
        places = dict.fromkeys(place for template in templates for place in template.places())
        entities += [KeyEntity(LOCATION, (place,)) for place in places]
    return entities


def one_line(text: str) -> str:
    """Returns a text with each run of white space replaced by one space, and none at its edges."""
    return " ".join(text.split())


def _entry(label: str, filler: Filler) -> KeyEntity:
    alternatives, subject = _distinct(filler.alternatives), _distinct(filler.subject)
    return KeyEntity(label, subject, alternatives) if subject else KeyEntity(label, alternatives)


def _without_subsets(entries: Iterable[KeyEntity]) -> list[KeyEntity]:
    """Drops each entry whose strings are a subset or superset of those of an earlier one."""
    kept: list[KeyEntity] = []
    for entry in entries:
        strings = set(entry.strings)
        if not any(strings <= set(other.strings) or strings >= set(other.strings) for other in kept):
            kept.append(entry)
    return kept


def _joined(entries: Iterable[KeyEntity]) -> list[KeyEntity]:
    """Merges entries that share a string, directly or through other entries."""
    groups: list[KeyEntity] = []
    for entry in entries:
        same = [group for group in groups if set(group.strings) & set(entry.strings)]
        groups = [group for group in groups if group not in same]
        strings = _distinct(string for group in [*same, entry] for string in group.strings)
        titles = _distinct(title for group in [*same, entry] for title in group.titles)
        groups.append(KeyEntity(entry.label, strings, tuple(title for title in titles if title not in strings)))
    return groups


def _distinct(strings: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(one_line, strings)))
