"""Converts a row of an incident table to an article: searches the row's text for the value of each field."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from afteraction.data.articles.article import Article, Span, Toll
from afteraction.data.articles.labels import DEATH_TOLL, LOCATION, PERPETRATOR, TARGET
from afteraction.data.incidents.group_names import is_given, named_groups
from afteraction.data.incidents.matchers.deaths import Count, count_people
from afteraction.data.incidents.matchers.groups import find_groups
from afteraction.data.incidents.matchers.places import find_places, place_levels
from afteraction.data.incidents.matchers.targets import find_targets
from afteraction.data.text.aliases import Aliases
from afteraction.data.text.counts import parse_count
from afteraction.data.text.sentences import sentence_starts
from afteraction.data.text.words import split_words

_REFERENCE = re.compile(r"(?<!\s)\s*+\[(?:\d+|[a-z]|(?:note|nb) \d+|\w+(?: \w+)? needed)\]")
_BRACKETS = re.compile(r"(?<!\s)\s*+[(\[][^)\]]*[)\]]?")
_ATTACKERS = re.compile(
    r"perpetrator|attacker|terrorist|militant|bomber|assailant|gunm[ae]n|insurgent|rebel", re.IGNORECASE
)
_UNKNOWN = re.compile(r"\s*[-–−]\s*\d")  # -9 and -99 in the GTD
_OWN_DEAD = re.compile(r"\(?\+.*$")


@dataclass(frozen=True, slots=True)
class Incident:
    """A row: its text, and for each field the values of its columns as written in the table.

    A field without any value was not given. If there are several values for the deaths, the first one that the text
    mentions is used.
    """

    id: str
    text: str
    perpetrator: Sequence[str] = ()
    target: Sequence[str] = ()
    location: Sequence[str] = ()
    deaths: Sequence[str] = ()


def clean_text(text: str) -> str:
    """Returns a text without the reference marks of encyclopedias ("[12]") and without white space at its ends."""
    return _REFERENCE.sub("", text).strip()


def read_deaths(value: str) -> Toll | None:
    """Returns the number of deaths that a field gives, without the perpetrators': "7 (+1)" is 7, "51+" at least 51.

    Returns None if the field gives no number, a negative one (in some tables, an unknown number), or only the number of
    dead perpetrators ("1 (attacker)").
    """
    if _UNKNOWN.match(value):
        return None
    if _ATTACKERS.search(value) and "+" not in value:
        return None
    plain = re.sub(r"(?<=\d)\+(?!\s*\d)", " or more", _BRACKETS.sub(" ", value))
    plain = _OWN_DEAD.sub("", plain).replace("?", "").strip().removeprefix("c.").strip()
    return parse_count(plain) if plain else None


def align(incident: Incident, aliases: Aliases) -> Article:
    """Returns the article of a row, with spans where its text mentions the values of the fields.

    `meta["found"]` and `meta["missing"]` have, for each field, the values that were found in the text and those that
    were not. `unknown_labels` are the labels that the row does not determine: see `docs/incident-tables.md`.
    """
    text = clean_text(incident.text)
    counts = count_people(text)
    found: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    candidates: list[Span] = []
    for field, label, find, groups in (
        ("perpetrator", PERPETRATOR, find_groups, map(named_groups, filter(_may_attack, incident.perpetrator))),
        ("target", TARGET, find_targets, map(named_groups, filter(is_given, incident.target))),
        (
            "location",
            LOCATION,
            find_places,
            ([(level,) for level in place_levels(value, text)] for value in filter(is_given, incident.location)),
        ),
    ):
        for number, names in enumerate(dict.fromkeys(chain.from_iterable(groups))):
            ranges = {name: find(text, name, aliases) for name in names}
            named = [name for name in names if ranges[name]]
            if named:
                found.setdefault(field, []).extend(named)
            else:
                missing.setdefault(field, []).append(names[0])
            places = dict.fromkeys(chain.from_iterable(ranges.values()))
            candidates += [Span(start, end, label, f"{field}{number}") for start, end in places]
    tolls = list(filter(None, map(read_deaths, filter(is_given, incident.deaths))))
    matches = [matching_counts(counts, toll) for toll in tolls]
    toll, matching = next(
        ((toll, match) for toll, match in zip(tolls, matches, strict=True) if match), (tolls[0] if tolls else None, [])
    )
    if toll is not None and toll != Toll(0, 0):
        (found if matching else missing).setdefault("deaths", []).append(str(toll))
        candidates += [Span(count.start, count.end, DEATH_TOLL, "deaths") for count in matching]
    spans = without_overlaps(candidates)
    return Article(
        id=incident.id,
        text=text,
        spans=spans,
        death_toll=toll if toll != Toll(0, 0) else None,
        meta={"found": found, "missing": missing},
        unknown_labels=tuple(_unknown(text, spans, counts)),
    )


def _may_attack(value: str) -> bool:
    """Returns whether a perpetrator field names a perpetrator: conflict tables also list those who do not attack.

    These are civilians, and ACLED's protesters: it calls violent ones rioters.
    """
    return is_given(value) and not value.strip().casefold().startswith(("civilians", "protesters"))


def share_found(article: Article) -> float:
    """Returns the share of the given fields with at least one value found in the text; 0 if no field was given."""
    found, missing = article.meta["found"], article.meta["missing"]
    given = found.keys() | missing.keys()
    return len(found) / len(given) if given else 0.0


def matching_counts(counts: Sequence[Count], toll: Toll) -> list[Count]:
    """Returns the counts of the dead that stand for a toll: those equal to it, or all of them if they add up to it."""
    dead = [count for count in counts if count.kind == "dead"]
    same = [count for count in dead if _means(count.toll, toll)]
    if same or len(dead) < 2:
        return same
    return dead if sum(count.toll.low for count in dead) == toll.low else []


def _means(count: Toll, toll: Toll) -> bool:
    """Returns whether a count in the text fits a field's toll: the same lower end, or "up to" the field's number."""
    return (count.low == toll.low and count.high in (None, toll.low, toll.high)) or (
        count.low == 0 and count.high == toll.low
    )


def without_overlaps(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Returns the spans in text order. Of overlapping spans, only the longest is kept, or the first of equal length."""
    kept: list[Span] = []
    taken = bytearray(max((span.end for span in spans), default=0))
    for span in sorted(spans, key=lambda span: span.start - span.end):
        # The spans kept so far are at least as long, so none of them lies strictly inside this one.
        if not (taken[span.start] or taken[span.end - 1]):
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append(span)
    return tuple(sorted(kept, key=lambda span: span.start))


def _unknown(text: str, spans: Sequence[Span], counts: Sequence[Count]) -> list[str]:
    """Returns the labels that text outside the spans may have."""
    begins = [span.start for span in spans]

    def outside(start: int) -> bool:
        before = bisect_right(begins, start)
        return not before or spans[before - 1].end <= start

    starts = set(sentence_starts(text))
    names = [word for word in split_words(text) if word.capital and word.start not in starts and outside(word.start)]
    unknown = [PERPETRATOR, TARGET]
    if names:
        unknown.append(LOCATION)
    if any(count.kind != "hurt" and outside(count.start) for count in counts):
        unknown.append(DEATH_TOLL)
    return unknown
