"""Splits an article into sentences of words in which each group of victims is one word.

"Gunmen killed six peacekeepers and a driver near a school" becomes `gunmen killed @ and @ near #`, with the sizes of
the two groups: 6 and 1. So the context of a figure can be described by words, however the figure itself is written.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, takewhile
from typing import Literal

from afteraction.data import DEATH_TOLL, TARGET, Span, Toll
from afteraction.data.text import COUNT, fold_in_place, read_toll, sentence_starts, word_list, word_set
from afteraction.model.record.mentions import Mention, headline_end, read_mentions

VICTIMS = "@"
"""The word that stands for a group of victims whose size the text gives."""

TARGETS = "#"
"""The word that stands for any other target."""

Source = Literal["labelled", "in a target", "one person", "unlabelled"]
"""The source of a size: a DEATH_TOLL span; a count in a TARGET span ("a group of 12 farmers"); a TARGET span that is
one person ("a driver"); or a count in the text that has no label."""

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*|['’]s\b|[^\w\s]")
_BEFORE_NOUN = re.compile(r"\s*(?:of\s+)?")
_GOES = re.compile(r"\b(?:went|goes?|gone|going) $")
_KILLED_PRONOUN = re.compile(
    rf"\b(?:{'|'.join(sorted(word_list('killing') | word_list('killed') | {'dead'}))}) (him|her)\b", re.IGNORECASE
)
_AND_THEIR = re.compile(r"\s+(?:and|along with|as well as)\s+(?:(?:his|her|their|the)\s+)?")
_BEFORE_COUNT = word_set("the of a all another other his her their these those")
_BODIES = word_list("bodies") | word_set("couple crew convoy family pair patrol")
_TITLES = word_list("titles")
_RELATIVES = word_set(
    "aunt baby boy brother child daughter father girl grandfather grandmother husband infant man mother nephew niece"
    " sister son toddler uncle wife woman"
)
_WRAPPED = range(45, 96)
"""The lengths of lines in a text that is wrapped at a margin."""


@dataclass(frozen=True, slots=True)
class Victims:
    """A phrase that says how many people something happened to, such as "six peacekeepers" or "a driver".

    `[start, end)` are the code points of the whole phrase. `noun` holds the words of its TARGET span, if there is one,
    and `entity` that span's entity. `score` is the score of the span, 1 if it has none or there is no span.
    """

    start: int
    end: int
    toll: Toll
    source: Source
    score: float
    surface: str
    noun: tuple[str, ...] = ()
    entity: str | None = None


@dataclass(frozen=True)
class Sentence:
    """A sentence as words in lower case. `places[i]` is the index of `victims[i]` in `words`.

    `number` counts the sentences below the headline from 1; it is 0 in the headline. `[start, end)` are code points.
    """

    start: int
    end: int
    number: int
    words: tuple[str, ...]
    victims: tuple[Victims, ...]
    places: tuple[int, ...]

    @cached_property
    def text(self) -> str:
        """Returns the words joined by spaces."""
        return " ".join(self.words)

    @cached_property
    def place_of(self) -> Mapping[Victims, int]:
        """Returns the index in `words` of each group of victims."""
        return dict(zip(self.victims, self.places, strict=True))

    def noun(self, index: int) -> frozenset[str]:
        """Returns the words that may say who `victims[index]` are: those of the TARGET span, or up to three after."""
        place = self.places[index]
        after = takewhile(lambda word: word.isalpha() and word != "and", self.words[place + 1 : place + 4])
        return frozenset(self.victims[index].noun or after)


def read_sentences(text: str, spans: Sequence[Span]) -> list[Sentence]:
    """Returns the sentences of an article. Spans must be given in order."""
    mentions = read_mentions(text, spans)
    sources = (_labelled, _unlabelled, _pronouns)
    phrases = sorted((phrase for source in sources for phrase in source(text, mentions)), key=lambda phrase: phrase[:2])
    flat = _unwrap(text)
    bounds = [*sentence_starts(flat), len(text)]
    below = headline_end(flat)
    sentences: list[Sentence] = []
    next_phrase = number = 0
    for start, end in pairwise(bounds):
        words: list[str] = []
        victims: list[Victims] = []
        places: list[int] = []
        position = start
        while next_phrase < len(phrases) and phrases[next_phrase][0] < end:
            phrase_start, phrase_end, found = phrases[next_phrase]
            next_phrase += 1
            if phrase_start < position:  # a target that belongs to the count before it
                continue
            words += _words(text, position, phrase_start)
            if found is not None:
                victims.append(found)
                places.append(len(words))
            words.append(TARGETS if found is None else VICTIMS)
            position = phrase_end
        words += _words(text, position, end)
        number += start >= below
        sentences.append(Sentence(start, end, number, tuple(words), tuple(victims), tuple(places)))
    return sentences


def _words(text: str, start: int, end: int) -> list[str]:
    return [word.lower() for word in _WORD.findall(text, start, end) if word not in (VICTIMS, TARGETS)]


Phrase = tuple[int, int, Victims | None]
"""The bounds of a phrase that becomes one word, and the victims that it counts; None if it counts none."""


def _labelled(text: str, mentions: Sequence[Mention]) -> Iterator[Phrase]:
    """Yields the phrases of the TARGET and DEATH_TOLL spans. A count and the target after it are one phrase."""
    after_count = False
    for mention, following in zip(mentions, [*mentions[1:], None], strict=False):
        span = mention.span
        if after_count:
            after_count = False
        elif span.label == DEATH_TOLL:
            noun = following if following is not None and following.label == TARGET else None
            if noun is not None and not _BEFORE_NOUN.fullmatch(noun.before):
                noun = None
            after_count = noun is not None
            end = noun.span.end if noun is not None else span.end
            toll = read_toll(mention.surface)
            if noun is not None and toll == Toll(1, 1) and _is_pair(noun):  # "a" before "couple"
                toll = Toll(2, 2)
            yield span.start, end, _victims(text, span, end, toll, "labelled", noun)
        elif span.label == TARGET:
            count = _count_in(mention)
            toll = count or (Toll(1, 1) if _is_one_person(mention) else None)
            source: Source = "in a target" if count else "one person"
            yield span.start, span.end, _victims(text, span, span.end, toll, source, mention)


def _victims(
    text: str, span: Span, end: int, toll: Toll | None, source: Source, noun: Mention | None
) -> Victims | None:
    if toll is None:
        return None
    score = 1.0 if span.score is None else span.score
    words, entity = (noun.words, noun.span.entity) if noun is not None else ((), None)
    return Victims(span.start, end, toll, source, score, text[span.start : end].lower(), words, entity)


def _count_in(mention: Mention) -> Toll | None:
    """Returns the count that a TARGET span states: "12 hostages", "a group of 12 farmers", "a mother and son"."""
    if _is_pair(mention):
        return Toll(2, 2)
    plain = fold_in_place(mention.surface)
    match = COUNT.search(plain)
    before = plain[: match.start()].split() if match else []
    if match is None or len(before) > 3 or (before and before[-1] not in _BEFORE_COUNT):
        return None
    return read_toll(mention.surface)


def _is_pair(mention: Mention) -> bool:
    """Returns whether a mention is two people: "a couple", "a father and son", "an American and a Canadian soldier"."""
    first, _, second = " ".join(mention.words).partition(" and ")
    if not second or mention.name:
        return mention.head_word in ("couple", "pair")
    return second.startswith(("a ", "an ")) or {first.split()[-1], second.split()[-1]} <= _RELATIVES


def _is_one_person(mention: Mention) -> bool:
    """Returns whether a TARGET span may be a single person. It may also be a single thing; verbs decide later."""
    if mention.tokens and mention.tokens[0].lower() in _TITLES:
        return "and" not in mention.words
    if mention.name:
        return mention.number is None and not (len(mention.words) == 1 and mention.plural)
    return mention.number == "one" and mention.head not in _BODIES


def _unlabelled(text: str, mentions: Sequence[Mention]) -> Iterator[Phrase]:
    """Yields the counts outside all spans. A target without its own count that comes right after one belongs to it."""
    starts = [mention.span.start for mention in mentions]
    for start, end in _counts(text):
        index = bisect_right(starts, start)
        following = mentions[index] if index < len(mentions) else None
        inside = index > 0 and mentions[index - 1].span.end > start
        toll = None if inside or (following and following.span.start < end) else read_toll(text[start:end])
        if toll is None:
            continue
        noun: tuple[str, ...] = ()
        if following is not None and _is_its_noun(following, text, end):
            end, noun = following.span.end, following.words
        yield start, end, Victims(start, end, toll, "unlabelled", 1.0, text[start:end].lower(), noun)


def _pronouns(text: str, mentions: Sequence[Mention]) -> Iterator[Phrase]:
    """Yields the pronouns of people who were killed together with others: "killing him and his two sons"."""
    starts = [mention.span.start for mention in mentions]
    for match in _KILLED_PRONOUN.finditer(text):
        start, end = match.span(1)
        index = bisect_right(starts, start)
        following = mentions[index] if index < len(mentions) else None
        if following is None or following.label not in (TARGET, DEATH_TOLL):
            continue
        if _AND_THEIR.fullmatch(text, end, following.span.start):
            yield start, end, Victims(start, end, Toll(1, 1), "one person", 1.0, match[1].lower())


def _is_its_noun(mention: Mention, text: str, end: int) -> bool:
    adjacent = mention.label == TARGET and _BEFORE_NOUN.fullmatch(text, end, mention.span.start)
    return bool(adjacent) and not _count_in(mention)


def _counts(text: str) -> Iterator[tuple[int, int]]:
    """Yields the bounds of the count phrases in a text."""
    plain = fold_in_place(text)
    for match in COUNT.finditer(plain):
        start, end = match.span()
        before = plain[max(start - 6, 0) : start]
        if match[0].startswith("up to ") and _GOES.search(before):  # "has gone up to 11"
            start += len("up to ")
        _, to, after = match[0].partition(" to ")
        if to and before.endswith("from "):  # "climbed from 58 to 70"
            yield start, end - len(to + after)
            start = end - len(after)
        yield start, end


def _unwrap(text: str) -> str:
    """Replaces the line breaks of a text that is wrapped at a margin, so that they do not end sentences."""
    inner = [len(line) for line, following in pairwise(text.split("\n")) if line.strip() and following.strip()]
    if len(inner) < 3 or sum(length in _WRAPPED for length in inner) < len(inner) / 2:
        return text
    return re.sub(r"(?<=[^\n])\n(?=[^\n])", " ", text)
