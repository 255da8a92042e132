"""MUC-3 and MUC-4 as articles: newswire on political violence in Latin America, 1987-1992, in upper case.

The keys say which strings of the text fill which slot, but not where they occur. `gold.py` converts them to entities,
in two views. Every occurrence of an entity's strings as whole words becomes a span. A string that is not in the text is
searched for with other quotes or brackets, then in the plural.

A person's title right before the name is part of the name's span. Elsewhere, a title of several words (`MAYOR OF
ACHI`) is a separate span; a title of one word (`DR`) is not, since it may be someone else's. Of overlapping spans, the
longest is kept (`to_articles.py`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from afteraction.data.articles.article import Article, Entity
from afteraction.data.articles.article_files import write_articles
from afteraction.data.articles.labels import DEATH_TOLL, LOCATION
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.label_map import LabelMap
from afteraction.data.importers.muc4.archive import PART_SIZES, PUBLISHED, Message, read_archive
from afteraction.data.importers.muc4.gold import View, gold_entities, one_line
from afteraction.data.importers.muc4.keys import Template
from afteraction.data.importers.muc4.search import WHITE_SPACE, occurrences, occurrences_ignoring_marks, plurals
from afteraction.data.importers.muc4.toll import article_toll
from afteraction.data.importers.raw import RawArticle, RawSpan
from afteraction.data.importers.to_articles import to_article

SPLITS = {"train": ("DEV",), "dev": ("TST1", "TST2"), "test": ("TST3", "TST4")}
"""The customary split: the parts of the corpus in each file."""

_UNKNOWN: dict[View, tuple[str, ...]] = {
    View.ROLES: (),
    View.LABELS: (DEATH_TOLL,),  # the keys give tolls as figures, not as phrases
}


@dataclass(slots=True)
class Muc4Log:
    """Counts of what an import of MUC-4 read, found and did not find."""

    spans: ImportLog = field(default_factory=ImportLog)
    articles: dict[str, int] = field(default_factory=dict)
    """Number of articles read per part."""
    strings: int = 0
    """Number of strings in the keys, each counted once per entity, without names of places."""
    found: int = 0
    places: int = 0
    """Number of place names in the keys, counted separately: the keys have their own spelling and infer countries."""
    places_found: int = 0

    def lines(self) -> Iterator[str]:
        """Yields the log for people to read."""
        for part, size in PART_SIZES.items():
            count = self.articles.get(part, 0)
            if count < size:
                yield f"{part}: {count} of {size} articles are in the archive; {PUBLISHED}"
        yield f"strings of the keys found in the text: {_share(self.found, self.strings)}"
        if self.places:
            yield f"names of places found in the text: {_share(self.places_found, self.places)}"
        yield from self.spans.lines()


def import_muc4(archive: Path, *, output: Path, view: View = View.LABELS) -> Muc4Log:
    """Writes `train.jsonl`, `dev.jsonl` and `test.jsonl`, each if the archive has any of its parts.

    Args:
        archive: `muc34.tar.gz`, or the folder that it was unpacked to.
        output: the folder to write to.
        view: which labels the articles have.

    Raises:
        DataError: the archive cannot be read, or a file cannot be written.
    """
    log = Muc4Log()
    articles = list(read_muc4(archive, view=view, log=log))
    for split, parts in SPLITS.items():
        chosen = [article for article in articles if article.meta["part"] in parts]
        if chosen:
            write_articles(chosen, output / f"{split}.jsonl")
    return log


def read_muc4(archive: Path, *, view: View, log: Muc4Log) -> Iterator[Article]:
    """Yields the articles of the archive that have both a text and a key; the others are counted in the log.

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
    """Converts a text and its key to an article.

    `entities` are the key's entities with at least one string in the text (in the view `roles`, those that the
    literature scores). Their mentions are the strings found, as the key spells them and, if that differs by more than
    white space, as the text spells them. Strings that were not found are listed in `meta["not_found"]`.
    """
    spans: list[RawSpan] = []
    entities: list[Entity] = []
    not_found: list[dict[str, str]] = []
    for number, gold in enumerate(gold_entities(templates, view=view), start=1):
        names, titles = (
            {string: _find(message, gold.label, string, log) for string in strings}
            for strings in (gold.strings, gold.titles)
        )
        found = {string: None for string, ranges in (names | titles).items() if ranges}
        not_found += [{"label": gold.label, "text": string} for string in names | titles if string not in found]
        if found:
            entity = f"e{number}"
            ranges = _with_titles(message.text, [*chain(*names.values())], [*chain(*titles.values())])
            spans += [RawSpan(start, end, gold.label, entity=entity) for start, end in ranges]
            mentions = dict.fromkeys([*found, *(one_line(message.text[start:end]) for start, end in ranges)])
            entities.append(Entity(entity, gold.label, next(iter(found)), tuple(mentions)))
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


def _find(message: Message, label: str, string: str, log: Muc4Log) -> list[tuple[int, int]]:
    """Returns the occurrences of a key's string in the text, as code points `[start, end)`, and counts the search."""
    ranges = occurrences(message.text, string)
    if label == LOCATION:
        log.places += 1
        log.places_found += bool(ranges)
        return ranges
    log.strings += 1
    description = f"{message.id}: {label} {string!r}"
    if not ranges and (ranges := occurrences_ignoring_marks(message.text, string)):
        log.spans.add("strings of the keys found with other quotes or brackets", description)
    elif not ranges and (ranges := plurals(message.text, string)):
        log.spans.add("strings of the keys found in the plural only", description)
    if ranges:
        log.found += 1
    else:
        log.spans.add("strings of the keys not found in the text", description)
    return ranges


def _with_titles(
    text: str, names: Sequence[tuple[int, int]], titles: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Returns a person's mentions: names with the titles right before them, and other titles of several words."""
    mentions = [(start, end) for start, end in titles if len(text[start:end].split()) > 1]
    first_title: dict[int, int] = {}
    for start, end in titles:
        first_title[end] = min(start, first_title.get(end, start))
    for start, end in names:
        stop = start
        while stop and text[stop - 1].isspace():
            stop -= 1
        before = first_title.get(stop) if WHITE_SPACE.fullmatch(text, stop, start) else None
        mentions.append((start if before is None else before, end))
    return mentions


def _outermost(spans: Sequence[RawSpan]) -> Iterator[RawSpan]:
    """Yields the spans that do not lie within a longer one of their label. The others are not counted as dropped."""
    inner: set[tuple[int, int, str]] = set()
    reached: Counter[str] = Counter()
    """The end of the spans of each label so far."""
    # Of spans that begin together, the longest comes first.
    distinct = {(span.start, span.end, span.label) for span in spans}
    for start, end, label in sorted(distinct, key=lambda key: (key[0], -key[1])):
        if end <= reached[label]:
            inner.add((start, end, label))
        reached[label] = max(reached[label], end)
    yield from (span for span in spans if (span.start, span.end, span.label) not in inner)


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}" + (f" ({part / whole:.1%})" if whole else "")
