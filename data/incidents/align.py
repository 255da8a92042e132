"""Rows of an incident table to articles: each field's value is looked for in the row's text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from afteraction.data.articles.article import Article, Span, Toll
from afteraction.data.articles.labels import DEATH_TOLL, LOCATION, PERPETRATOR, TARGET
from afteraction.data.incidents.aliases import Aliases
from afteraction.data.incidents.matchers.deaths import Count, count_people
from afteraction.data.incidents.matchers.groups import find_groups
from afteraction.data.incidents.matchers.places import find_places, place_levels
from afteraction.data.incidents.matchers.targets import find_targets
from afteraction.data.text.counts import parse_count
from afteraction.data.text.lexicon import word_list
from afteraction.data.text.sentences import sentence_starts
from afteraction.data.text.words import split_words

_REFERENCE = re.compile(r"\s*\[(?:\d+|[a-z]|(?:note|nb) \d+|\w+(?: \w+)? needed)\]")
_NOTHING = word_list("nothing")
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]?")
_ATTACKERS = re.compile(
    r"perpetrator|attacker|terrorist|militant|bomber|assailant|gunm[ae]n|insurgent|rebel", re.IGNORECASE
)
_UNKNOWN = re.compile(r"\s*[-–−]\s*\d")  # GTD's -9 and -99
_OWN_DEAD = re.compile(r"\(?\+.*$")


@dataclass(frozen=True, slots=True)
class Incident:
    """A row: its text, and for each field the values of its columns.

    `deaths` and the others are as the table words them; a field without any value was not given.
    """

    id: str
    text: str
    perpetrator: Sequence[str] = ()
    target: Sequence[str] = ()
    location: Sequence[str] = ()
    deaths: Sequence[str] = ()


def clean_text(text: str) -> str:
    """A text without the reference marks of encyclopedias ("[12]") and without white space at its ends."""
    return _REFERENCE.sub("", text).strip()


def read_deaths(value: str) -> Toll | None:
    """The number of the dead that a field gives, without the perpetrators' own: "7 (+1)" is 7, "51+" at least 51.

    None where it gives no number, one below 0, as tables write the unknown, or one of the perpetrators alone
    ("1 (attacker)").
    """
    if _UNKNOWN.match(value):
        return None
    if _ATTACKERS.search(value) and "+" not in value:
        return None
    plain = re.sub(r"(?<=\d)\+(?!\s*\d)", " or more", _BRACKETS.sub(" ", value))
    plain = _OWN_DEAD.sub("", plain).replace("?", "").strip().removeprefix("c.").strip()
    return parse_count(plain) if plain else None


def group_names(value: str) -> list[str]:
    """The groups or persons that a field names, without remarks in brackets: "YPG / PKK (suspected)" has two."""
    whole = " ".join(_BRACKETS.sub(" ", value).split())
    parts = re.split(r"\s*[/;,\n]\s*|\s{2,}|\s+(?:and|or|&)\s+", _BRACKETS.sub("  ", value))
    names = [whole, *(part.strip() for part in parts)]
    return list(dict.fromkeys(name for name in names if is_given(name)))


def is_given(value: str) -> bool:
    """Whether a field says anything."""
    return value.strip().casefold().rstrip(".") not in {"", *_NOTHING}


def align(incident: Incident, aliases: Aliases) -> Article:
    """An article whose spans are where its text speaks of what the fields say.

    Its `meta` has, by field, what was `found` and what was given but is `missing`. `unknown_labels` are those that
    nothing in the row settles: see `docs/incident-tables.md`.
    """
    text = clean_text(incident.text)
    counts = count_people(text)
    found: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    candidates: list[Span] = []
    for field, label, find, names in (
        ("perpetrator", PERPETRATOR, find_groups, map(group_names, filter(is_given, incident.perpetrator))),
        ("target", TARGET, find_targets, map(group_names, filter(is_given, incident.target))),
        (
            "location",
            LOCATION,
            find_places,
            (place_levels(value, text) for value in filter(is_given, incident.location)),
        ),
    ):
        for number, name in enumerate(dict.fromkeys(chain.from_iterable(names))):
            ranges = find(text, name, aliases)
            (found if ranges else missing).setdefault(field, []).append(name)
            candidates += [Span(start, end, label, f"{field}{number}") for start, end in ranges]
    toll = next(filter(None, map(read_deaths, filter(is_given, incident.deaths))), None)
    if toll is not None and toll != Toll(0, 0):
        matching = matching_counts(counts, toll)
        (found if matching else missing).setdefault("deaths", []).append(str(toll))
        candidates += [Span(count.start, count.end, DEATH_TOLL, "deaths") for count in matching]
    spans = longest_first(candidates)
    return Article(
        id=incident.id,
        text=text,
        spans=spans,
        death_toll=toll if toll != Toll(0, 0) else None,
        meta={"found": found, "missing": missing},
        unknown_labels=tuple(_unknown(text, spans, counts)),
    )


def share_found(article: Article) -> float:
    """The share of the given fields of which something was found in the text; 0 where none was given."""
    found, missing = article.meta["found"], article.meta["missing"]
    given = found.keys() | missing.keys()
    return len(found) / len(given) if given else 0.0


def matching_counts(counts: Sequence[Count], toll: Toll) -> list[Count]:
    """The counts of the dead that mean a toll: each that gives its figure, else all if they add up to it."""
    dead = [count for count in counts if count.kind == "dead"]
    same = [count for count in dead if _means(count.toll, toll)]
    if same or len(dead) < 2:
        return same
    return dead if sum(count.toll.low for count in dead) == toll.low else []


def _means(said: Toll, toll: Toll) -> bool:
    """Whether a text's figure is a field's: the same lower end, or "up to" the field's number."""
    return (said.low == toll.low and said.high in (None, toll.low, toll.high)) or (
        said.low == 0 and said.high == toll.low
    )


def longest_first(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Of spans that overlap, the longest stays; of those as long, the first given."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start - span.end):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return tuple(sorted(kept, key=lambda span: span.start))


def _unknown(text: str, spans: Sequence[Span], counts: Sequence[Count]) -> list[str]:
    """The labels that text outside the spans may bear."""
    covered = [(span.start, span.end) for span in spans]

    def outside(start: int) -> bool:
        return not any(first <= start < stop for first, stop in covered)

    starts = set(sentence_starts(text))
    names = [word for word in split_words(text) if word.capital and word.start not in starts and outside(word.start)]
    unknown = [PERPETRATOR, TARGET]
    if names:
        unknown.append(LOCATION)
    if any(count.kind != "hurt" and outside(count.start) for count in counts):
        unknown.append(DEATH_TOLL)
    return unknown
