"""Event arguments in the forms of data sets other than TextEE, each converted to a text with labelled spans.

- GRIT's JSON of MUC-4, and GTT's: `doctext` with `extracts`, or `templates`, of entities by role, each with mentions.
- RAMS: `sentences` of tokens, with `gold_evt_links` from a trigger to an argument, in tokens with inclusive ends.
- MAVEN-Arg: `document` with `events`, whose `argument` has entities or contents by role, in characters.
- DocEE: a title, a text, the type of the event and its arguments, as a list or under those names, in characters.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from afteraction.data.errors import DataError, clip
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.json_files import default_id
from afteraction.data.importers.raw import RawArticle, RawSpan
from afteraction.data.importers.span_forms import parse_spans
from afteraction.data.importers.tools.tokens import locate_tokens, unescaped

FORM_KEYS = ("extracts", "templates", "gold_evt_links", "ent_spans", "evt_triggers", "events", "entities", "arguments")
"""The keys of annotation that these forms read."""

Wanted = Callable[[str], bool]
"""A function that returns whether events of a type are read."""

_RAMS_ROLE = re.compile(r"(?:evt\d+)?arg\d+(?P<role>.+)")
_NOT_ROLES = {"incident_type", "event_type", "type"}


def read_form(item: Any, where: str, wanted: Wanted, log: ImportLog) -> RawArticle | None:
    """Returns the article of an object in one of the forms above, or None if it has none of them.

    Raises:
        DataError: the object has the keys of a form, but a part of it has another type.
    """
    try:
        raw = _read(item, where, wanted, log)
        if raw is not None and not _is_sound(raw):
            raise DataError("a text is not a string, or an offset is not a whole number")
    except DataError:
        raise
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise DataError(f"not a valid object of events: {type(error).__name__}: {clip(str(error))}") from None
    return raw


def _read(item: Any, where: str, wanted: Wanted, log: ImportLog) -> RawArticle | None:
    if isinstance(item, list) and len(item) == 4 and all(isinstance(part, str) for part in item[:3]):
        item = dict(zip(("title", "text", "event_type", "arguments"), item, strict=True))
    if not isinstance(item, Mapping):
        return None
    item = {key: value for key, value in item.items() if value is not None}
    if "doctext" in item:
        return _grit(item, where, wanted, log)
    if "gold_evt_links" in item or ("ent_spans" in item and "sentences" in item):
        return _rams(item, where, wanted, log)
    if "document" in item and "events" in item:
        return _maven(item, where, wanted, log)
    if "text" in item and "arguments" in item and "tokens" not in item:
        return _docee(item, where, wanted, log)
    return None


def _is_sound(raw: RawArticle) -> bool:
    """Returns whether texts are strings and offsets whole numbers, since these forms have no schema."""
    surfaces = (span.surface for span in raw.spans if span.surface is not None)
    offsets = (offset for span in raw.spans for offset in (span.start, span.end))
    return all(isinstance(text, str) for text in (raw.text, *surfaces)) and all(
        type(offset) is int for offset in offsets
    )


def role_label(role: str) -> str:
    """Returns a role as a label, with underscores for its spaces: `Casualties_and_Losses`."""
    return "_".join(role.split())


def _grit(item: Mapping[str, Any], where: str, wanted: Wanted, log: ImportLog) -> RawArticle:
    text = item["doctext"]
    templates = item.get("templates") or ([item["extracts"]] if item.get("extracts") else [])
    entity_at: dict[tuple[int, int, str], str] = {}
    """The entity of each mention: its place and role."""
    numbers: Counter[str] = Counter()
    for template in templates:
        kind = next((template[key] for key in _NOT_ROLES if key in template), "")
        if kind and not wanted(kind):
            log.add("events left out by their type", f"{where}: {kind}")
            continue
        of_template: dict[tuple[int, int, str], str] = {}
        for role, entities in template.items():
            if role in _NOT_ROLES:
                continue
            for entity in entities:
                mentions = [entity] if entity and isinstance(entity[0], str) and len(entity) == 2 else entity
                places = []
                for mention in mentions:
                    string, offset = (mention, None) if isinstance(mention, str) else (mention[0], [*mention, None][1])
                    start = _place(text, string, offset, f"{where}: {role} {string!r}", log)
                    if start is not None:
                        places.append((start, start + len(string), role))
                # An entity may have its role in several events.
                name = next((entity_at[place] for place in places if place in entity_at), "")
                if not name:
                    numbers[role] += 1
                    name = f"{role}-{numbers[role]}"
                of_template |= {place: name for place in places if place not in of_template}
        entity_at |= {place: name for place, name in of_template.items() if place not in entity_at}
    spans = [
        RawSpan(start, end, role_label(role), text[start:end], name) for (start, end, role), name in entity_at.items()
    ]
    return RawArticle(_id(item, where, "docid", "doc_id", "id"), text, tuple(spans), source=where)


def _place(text: str, string: str, offset: Any, description: str, log: ImportLog) -> int | None:
    """Returns where a string is in a text: at the given offset, or at its first match, or None, which is logged."""
    if isinstance(offset, int) and offset >= 0 and text.startswith(string, offset):
        return offset
    match = re.search(rf"(?<!\w){re.escape(string)}(?!\w)", text, re.IGNORECASE) if string else None
    if match is None:
        log.add("arguments left out that are not in the text", description)
        return None
    if offset is not None:
        log.add("arguments found elsewhere than at their offset", description)
    return match.start()


def _rams(item: Mapping[str, Any], where: str, wanted: Wanted, log: ImportLog) -> RawArticle:
    sentences = [list(map(unescaped, sentence)) for sentence in item["sentences"]]
    text = "\n".join(map(" ".join, sentences))
    bounds = locate_tokens(text, [token for sentence in sentences for token in sentence])
    kinds = {tuple(trigger[:2]): trigger[2][0][0] for trigger in item.get("evt_triggers", [])}
    links = item.get("gold_evt_links")
    if links is None:
        triggers = item.get("evt_triggers") or [[0, 0]]
        links = [[triggers[0][:2], span[:2], role] for span in item["ent_spans"] for role, *_ in span[2]]
    spans = []
    for trigger, argument, role in links:
        kind = kinds.get(tuple(trigger), "")
        if kind and not wanted(kind):
            log.add("events left out by their type", f"{where}: {kind}")
            continue
        first, last = argument
        if not 0 <= first <= last < len(bounds):
            raise DataError(f"{role} [{first}, {last}] is outside the {len(bounds)} tokens")
        match = _RAMS_ROLE.fullmatch(role)
        label = role_label(match["role"] if match else role)
        spans.append(RawSpan(bounds[first][0], bounds[last][1], label))
    return RawArticle(_id(item, where, "doc_key", "id"), text, tuple(spans), source=where)


def _maven(item: Mapping[str, Any], where: str, wanted: Wanted, log: ImportLog) -> RawArticle:
    text = item["document"]
    entities = {entity["id"]: entity for entity in item.get("entities", [])}
    spans = []
    for event in item["events"]:
        if not wanted(event.get("type", "")):
            log.add("events left out by their type", f"{where}: {event.get('type')}")
            continue
        for role, arguments in (event.get("argument") or event.get("arguments") or {}).items():
            for argument in arguments:
                name = argument.get("entity_id")
                if name is None:
                    found = [argument]
                elif name in entities:
                    found = entities[name].get("mention") or entities[name].get("mentions") or []
                else:
                    raise DataError(f"{role} is the entity {name!r}, which is not there")
                for mention in found:
                    start, end = mention["offset"]
                    surface = mention.get("content") or mention.get("mention")
                    spans.append(RawSpan(start, end, role_label(role), surface, name))
    title = {"title": item["title"]} if item.get("title") else {}
    return RawArticle(_id(item, where, "id", "doc_id"), text, tuple(spans), meta=title, source=where)


def _docee(item: Mapping[str, Any], where: str, wanted: Wanted, log: ImportLog) -> RawArticle:
    arguments = item["arguments"]
    if isinstance(arguments, str):
        arguments = from_json(arguments)
    kind = item.get("event_type") or item.get("type") or ""
    spans: Sequence[RawSpan] = list(_labelled(arguments))
    if kind and not wanted(kind):
        log.add("events left out by their type", f"{where}: {kind}")
        spans = ()
    meta = {key: item[key] for key in ("title", "event_type") if item.get(key)}
    return RawArticle(_id(item, where, "id", "doc_id"), item["text"], tuple(spans), meta=meta, source=where)


def _labelled(arguments: Any) -> Iterator[RawSpan]:
    for span in parse_spans(arguments):
        yield RawSpan(span.start, span.end, role_label(span.label), span.surface)


def _id(item: Mapping[str, Any], where: str, *keys: str) -> str:
    return next((str(item[key]) for key in keys if item.get(key) is not None), default_id(where))
