"""MUC-3 and MUC-4 as articles: newswire on political violence in Latin America, 1987-1992, in upper case.

The keys say which strings of the text fill which slot, not where they stand. Two views of them:

- `roles`: the five roles that the literature scores. An entry of a slot is an entity, its alternatives the entity's
  mentions. Of entries in an article's templates one whose strings are all among those of an entity before it, or the
  other way round, is no new entity, as Du, Rush and Cardie 2021 (arXiv 2008.09249) have it.
- `labels`: PERPETRATOR from both perpetrator slots, TARGET from physical and human targets, a human target's
  descriptions among its mentions, LOCATION from the names in the location slot. Entries that share a string are the
  same entity.

In both, optional templates and doubtful entries count, and every occurrence of a string as whole words is a span. A
string that the text does not have is looked for with other quotes or brackets, then in the plural. Of spans that
overlap the longer stays (`common.py`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from afteraction.data.article import Article, Entity
from afteraction.data.formats import write_articles
from afteraction.data.importers.common import ImportLog, LabelMap, to_article
from afteraction.data.importers.finding import occurrences, occurrences_but_for_marks, plurals
from afteraction.data.importers.muc_archive import PART_SIZES, PUBLISHED, Message, read_archive
from afteraction.data.importers.muc_keys import Slot, Template
from afteraction.data.importers.muc_toll import article_toll
from afteraction.data.importers.raw import RawArticle, RawSpan

SPLITS = {"train": ("DEV",), "dev": ("TST1", "TST2"), "test": ("TST3", "TST4")}
"""The customary split: which parts of the corpus are for what."""


class View(StrEnum):
    """Which labels the articles bear."""

    LABELS = "labels"
    ROLES = "roles"


_SLOTS: dict[View, dict[str, tuple[Slot, ...]]] = {
    View.ROLES: {
        "PerpInd": (Slot.INDIVIDUAL,),
        "PerpOrg": (Slot.ORGANIZATION,),
        "Target": (Slot.OBJECT,),
        "Victim": (Slot.NAME,),
        "Weapon": (Slot.WEAPON,),
    },
    View.LABELS: {
        "PERPETRATOR": (Slot.INDIVIDUAL, Slot.ORGANIZATION),
        "TARGET": (Slot.OBJECT, Slot.NAME, Slot.DESCRIPTION),
    },
}
_UNKNOWN: dict[View, tuple[str, ...]] = {
    View.ROLES: (),
    View.LABELS: ("DEATH_TOLL",),  # the keys give tolls as figures, not as phrases
}


@dataclass(slots=True)
class Muc4Log:
    """What an import of MUC-4 read, found and did not find."""

    spans: ImportLog = field(default_factory=ImportLog)
    articles: dict[str, int] = field(default_factory=dict)
    """How many articles of each part there were."""
    strings: int = 0
    """Strings of the keys, each once for an article and a label; place names, which the keys spell in their own way
    and infer, are counted apart."""
    found: int = 0
    places: int = 0
    places_found: int = 0

    def lines(self) -> Iterator[str]:
        """The log for people to read."""
        for part, size in PART_SIZES.items():
            count = self.articles.get(part, 0)
            if count < size:
                yield f"{part}: {count} of {size} articles are in the archive; {PUBLISHED}"
        yield f"strings of the keys found in the text: {_share(self.found, self.strings)}"
        if self.places:
            yield f"names of places found in the text: {_share(self.places_found, self.places)}"
        yield from self.spans.lines()


@dataclass(frozen=True, slots=True)
class _Gold:
    """An entity of the keys, its strings in their order."""

    label: str
    strings: tuple[str, ...]


def import_muc4(archive: Path, *, output: Path, view: View = View.LABELS) -> Muc4Log:
    """Writes `train.jsonl`, `dev.jsonl` and `test.jsonl`, as far as the archive has their parts.

    Args:
        archive: `muc34.tar.gz`, or the folder that it was unpacked to.
        output: the folder to write to.
        view: which labels the articles bear.

    Raises:
        DataError: the archive cannot be read, or a file not be written.
    """
    log = Muc4Log()
    articles = list(read_muc4(archive, view=view, log=log))
    for split, parts in SPLITS.items():
        chosen = [article for article in articles if article.meta["part"] in parts]
        if chosen:
            write_articles(chosen, output / f"{split}.jsonl")
    return log


def read_muc4(archive: Path, *, view: View, log: Muc4Log) -> Iterator[Article]:
    """The articles of the archive, those that lack either text or key left out.

    Raises:
        DataError: the archive cannot be read.
    """
    content = read_archive(archive)
    for message_id in sorted(content.keys.keys() - {message.id for message in content.messages}):
        log.spans.add("articles left out that have a key but no text", message_id)
    for message in content.messages:
        if message.id not in content.keys:
            log.spans.add("articles left out that have a text but no key", message.id)
            continue
        log.articles[message.part] = log.articles.get(message.part, 0) + 1
        yield muc_article(message, content.keys[message.id], view=view, log=log)


def muc_article(message: Message, templates: Sequence[Template], *, view: View, log: Muc4Log) -> Article:
    """Makes an article of a text and its key.

    `entities` are the key's of which the text has a string, in `roles` the ones that the literature scores. Their
    mentions are the strings found, as the key has them and, where that differs by more than white space, as the text
    has them. What was not found is in `meta`, under `not_found`.
    """
    spans: list[RawSpan] = []
    entities: list[Entity] = []
    not_found: list[dict[str, str]] = []
    for number, gold in enumerate(gold_entities(templates, view=view), start=1):
        entity_id = f"e{number}"
        mentions: dict[str, None] = {}
        for string in gold.strings:
            places = _find(message, gold.label, string, log)
            spans += [RawSpan(start, end, gold.label, entity=entity_id) for start, end in places]
            if places:
                mentions |= dict.fromkeys([string, *(_one_line(message.text[start:end]) for start, end in places)])
            else:
                not_found.append({"label": gold.label, "text": string})
        if mentions:
            entities.append(Entity(entity_id, gold.label, next(iter(mentions)), tuple(mentions), 1.0))
    incidents = [template for template in templates if template.number != "*"]
    meta = {
        "corpus": "MUC-4",
        "part": message.part,
        "dateline": message.dateline,
        "tags": list(message.tags),
        "kind": message.kind,
        "incidents": len(incidents),
        "optional_incidents": sum(template.optional for template in incidents),
        "not_found": not_found,
    }
    raw = RawArticle(
        id=message.id,
        text=message.text,
        spans=tuple(_outermost(spans)),
        death_toll=article_toll(incidents),
        entities=tuple(entities),
        meta=meta,
        unknown_labels=_UNKNOWN[view],
    )
    return to_article(raw, labels=LabelMap(), log=log.spans)


def gold_entities(templates: Iterable[Template], *, view: View) -> list[_Gold]:
    """The entities of an article's key, in the order of the view's labels."""
    templates = list(templates)
    entities: list[_Gold] = []
    for label, slots in _SLOTS[view].items():
        entries = [
            _strings(filler.alternatives + filler.subject)
            for template in templates
            for slot in slots
            for filler in template.fillers(slot)
        ]
        merged = _without_subsets(entries) if view is View.ROLES else _joined(entries)
        entities += [_Gold(label, strings) for strings in merged]
    if view is View.LABELS:
        places = dict.fromkeys(place for template in templates for place in template.places())
        entities += [_Gold("LOCATION", (place,)) for place in places]
    return entities


def _without_subsets(entries: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    kept: list[tuple[str, ...]] = []
    for entry in entries:
        if not any(set(entry) <= set(other) or set(other) <= set(entry) for other in kept):
            kept.append(entry)
    return kept


def _joined(entries: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    groups: list[tuple[str, ...]] = []
    for entry in entries:
        same = [group for group in groups if set(group) & set(entry)]
        groups = [group for group in groups if group not in same]
        groups.append(tuple(dict.fromkeys(string for group in [*same, entry] for string in group)))
    return groups


def _strings(alternatives: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_one_line(string) for string in alternatives))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _find(message: Message, label: str, string: str, log: Muc4Log) -> list[tuple[int, int]]:
    places = occurrences(message.text, string)
    if label == "LOCATION":
        log.places += 1
        log.places_found += bool(places)
        return places
    log.strings += 1
    said = f"{message.id}: {label} {string!r}"
    if not places and (places := occurrences_but_for_marks(message.text, string)):
        log.spans.add("strings of the keys found with other quotes or brackets", said)
    elif not places and (places := plurals(message.text, string)):
        log.spans.add("strings of the keys found in the plural only", said)
    if places:
        log.found += 1
    else:
        log.spans.add("strings of the keys not found in the text", said)
    return places


def _outermost(spans: Sequence[RawSpan]) -> Iterator[RawSpan]:
    """The spans that lie in no longer one of their label: those would only be said twice."""
    for span in spans:
        if not any(
            other.label == span.label
            and other.start <= span.start
            and span.end <= other.end
            and other.end - other.start > span.end - span.start
            for other in spans
        ):
            yield span


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}" + (f" ({part / whole:.1%})" if whole else "")
