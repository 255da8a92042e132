"""The entities named by the answer keys of a MUC article, in two views.

- `roles`: the five roles scored in the literature. Each entry of a slot is an entity, and its alternatives are the
  entity's strings. An entry whose strings are a subset or superset of those of an earlier entity is not counted again,
  as in Du, Rush and Cardie 2021 (arXiv 2008.09249).
- `labels`: PERPETRATOR from both perpetrator slots, TARGET from physical and human targets, LOCATION from the names in
  the location slot. Entries that share a string are one entity. The description of a named person is their title.

Both views include optional templates and doubtful entries.
"""

from collections.abc import Iterable, Mapping, Sequence
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
    having: dict[str, list[frozenset[str]]] = {}
    """The strings of the kept entries, by each of their strings."""
    by_rarest: dict[str, list[frozenset[str]]] = {}
    """The strings of the kept entries, by the string that the fewest entries had."""
    for entry in entries:
        strings = frozenset(entry.strings)
        rarest = min(entry.strings, key=lambda string: len(having.get(string, ())), default="")
        wider = any(strings <= other for other in having.get(rarest, ()))
        if not wider and not any(strings >= other for string in strings for other in by_rarest.get(string, ())):
            kept.append(entry)
            by_rarest.setdefault(rarest, []).append(strings)
            for string in strings:
                having.setdefault(string, []).append(strings)
    return kept


def _joined(entries: Iterable[KeyEntity]) -> list[KeyEntity]:
    """Merges entries that share a string, directly or through other entries."""
    groups: dict[int, list[KeyEntity | int]] = {}
    """The parts of each group in order: entries, and the numbers of groups that became part of it."""
    merged: dict[int, int] = {}
    """The group that a group became part of."""
    group_of: dict[str, int] = {}
    for number, entry in enumerate(entries):
        same = sorted({_outermost(group_of[string], merged) for string in entry.strings if string in group_of})
        groups[number] = [*same, entry]
        merged |= dict.fromkeys(same, number)
        group_of |= dict.fromkeys(entry.strings, number)
    return [_group(number, groups) for number in groups if number not in merged]


def _outermost(group: int, merged: dict[int, int]) -> int:
    """Returns the outermost group that contains a group, and shortens the path to it."""
    path = []
    while group in merged:
        path.append(group)
        group = merged[group]
    merged |= dict.fromkeys(path, group)
    return group


def _group(number: int, groups: Mapping[int, Sequence[KeyEntity | int]]) -> KeyEntity:
    """Returns the entries of a group merged into one."""
    entries: list[KeyEntity] = []
    waiting: list[KeyEntity | int] = [number]
    while waiting:
        part = waiting.pop()
        if isinstance(part, int):
            waiting += reversed(groups[part])
        else:
            entries.append(part)
    strings = dict.fromkeys(_distinct(string for entry in entries for string in entry.strings))
    titles = _distinct(title for entry in entries for title in entry.titles)
    return KeyEntity(entries[0].label, tuple(strings), tuple(title for title in titles if title not in strings))


def _distinct(strings: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(one_line, strings)))
