"""WikiEvents as articles: the arguments of attacks and deaths become spans.

Attacker and Killer become PERPETRATOR, Target and Victim become TARGET, Place becomes LOCATION.

The corpus marks only the head of a phrase. `data/text/noun_phrases.py` widens it to the phrase, including a count
unless it counts the dead. Pronouns, bare counts, and places that are not proper names are left out. A proper name is
marked wherever it occurs in the article, except for a place within a longer name (`Boston Marathon`). Anything else is
marked only where it is an argument. Sentences are joined with line ends.

Both published forms are read:

- With offsets: the arguments' positions are given.
- `gen-arg`: only the arguments' text is given, and the white space is lost. The text is rebuilt from the tokens
  (`detokenize.py`). An argument is taken to be its occurrence nearest to the trigger, or to any other occurrence of the
  trigger's words, since the published trigger position is always that of the first. If an argument has lost the second
  of two equal last letters (`mal`, `thre`), it is restored.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field

from afteraction.data.articles.article_files import OnError, write_articles
from afteraction.data.articles.labels import DEATH_TOLL, LOCATION, PERPETRATOR, TARGET
from afteraction.data.errors import DataError
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.json_files import ToolModel, read_objects
from afteraction.data.importers.label_map import LabelMap
from afteraction.data.importers.raw import RawArticle, RawSpan
from afteraction.data.importers.to_articles import import_articles
from afteraction.data.importers.tools.tokens import locate_tokens
from afteraction.data.importers.wikievents.detokenize import join_tokens, split_sentences
from afteraction.data.text.names import is_capitalized
from afteraction.data.text.noun_phrases import PRONOUNS, widen
from afteraction.data.text.numbers import is_number

_LONGEST_PHRASE = 100
"""The number of tokens searched before and after a head: more than a noun phrase has."""

_EVENTS = ("Conflict.Attack", "Life.Die")
_LABELS = {
    "Attacker": PERPETRATOR,
    "Killer": PERPETRATOR,
    "Target": TARGET,
    "Victim": TARGET,
    "Place": LOCATION,
}

_DEMONYM = re.compile("[A-Z].*(?:ian|ish|ese|tani|aqi|aeli|opean|rican)")


class _Mention(ToolModel):
    """An entity mention; `[start, end)` is half-open and counts tokens of the whole article."""

    id: str
    start: int
    end: int


class _Argument(ToolModel):
    role: str
    text: str
    entity_id: str | None = None


class _Trigger(ToolModel):
    text: str


class _Event(ToolModel):
    event_type: str
    trigger: _Trigger
    arguments: list[_Argument]


class _ArticleLine(ToolModel):
    id: str = Field(validation_alias=AliasChoices("doc_id", "docid"))
    tokens: list[str]
    sentences: list[Any]
    entity_mentions: list[_Mention] | None = None
    event_mentions: list[_Event]


@dataclass(frozen=True)
class _Text:
    """A text with its tokens. `offsets` and `sentences` have one entry per token, all ranges half-open."""

    text: str
    tokens: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...]
    """The token's code points."""
    sentences: tuple[tuple[int, int], ...]
    """The tokens `[first, stop)` of the token's sentence."""

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Returns the indices of each token."""
        places: dict[str, list[int]] = {}
        for index, token in enumerate(self.tokens):
            places.setdefault(token, []).append(index)
        return places

    def occurrences_of(self, words: Sequence[str]) -> list[int]:
        """Returns the index of the first token of each occurrence of the words."""
        if not words:
            return []
        wanted, size = tuple(words), len(words)
        number, rarest = min(enumerate(wanted), key=lambda word: len(self.places.get(word[1], ())))
        starts = (place - number for place in self.places.get(rarest, ()))
        return [start for start in starts if start >= 0 and self.tokens[start : start + size] == wanted]

    def is_name(self, words: Sequence[str]) -> bool:
        """Returns whether words are a proper name: capitalised, and not only because they begin a sentence."""
        letters = [word for word in words if len(word) > 2 and word[0].isalpha()]
        return all(map(is_capitalized, letters)) and any(word.lower() not in self.places for word in letters)


def import_wikievents(path: Path, *, output: Path, log: ImportLog, on_error: OnError) -> int:
    """Converts a WikiEvents file to an article file; returns the number of articles.

    Raises:
        DataError: the file cannot be read, or the article file cannot be written.
    """
    raw_articles = read_wikievents(path, log=log, on_error=on_error)
    return write_articles(import_articles(raw_articles, labels=LabelMap(), log=log, on_error=on_error), output)


def read_wikievents(path: Path, *, log: ImportLog, on_error: OnError) -> Iterator[RawArticle]:
    """Streams the raw articles of a WikiEvents file in either form. Arguments left out are counted in the log."""
    return read_objects(
        path, _ArticleLine, lambda line, where: _raw_article(line, where, log), log=log, on_error=on_error
    )


def _raw_article(line: _ArticleLine, where: str, log: ImportLog) -> RawArticle:
    text = _text_of(line)
    finder = _Finder(line, text)
    spans: dict[tuple[int, int, str], RawSpan] = {}
    marked: set[tuple[str, tuple[str, ...], bool]] = set()
    for event in line.event_mentions:
        if not event.event_type.startswith(_EVENTS):
            continue
        for argument in event.arguments:
            label = _LABELS.get(argument.role)
            if label is None:
                continue
            description = f"{line.id}: {argument.role} {argument.text!r}"
            log.add("arguments of attacks and deaths", description)
            head = finder.head(argument, event.trigger.text)
            if head is None:
                log.add("arguments not found in the text", description)
            elif reason := _reason_left_out(text, head, label):
                log.add(reason, description)
            else:
                counts = argument.role != "Victim"
                key = (label, text.tokens[slice(*head)], counts)
                for span in _spans(text, head, label, counts=counts, alone=key in marked):
                    spans.setdefault((span.start, span.end, span.label), span)
                marked.add(key)
    return RawArticle(
        id=line.id,
        text=text.text,
        spans=tuple(spans.values()),
        meta={"corpus": "WikiEvents"},
        unknown_labels=(DEATH_TOLL,),
        source=where,
    )


def _text_of(line: _ArticleLine) -> _Text:
    """Returns the text with its tokens, from the sentences if they are complete, otherwise rebuilt from the tokens."""
    if line.entity_mentions is None:
        joined = [join_tokens(sentence) for sentence in split_sentences(line.tokens)]
    else:
        joined = [_locate_sentence(sentence) for sentence in line.sentences]
    offsets: list[tuple[int, int]] = []
    sentences: list[tuple[int, int]] = []
    begin = 0
    for text, token_offsets in joined:
        sentences += [(len(offsets), len(offsets) + len(token_offsets))] * len(token_offsets)
        offsets += [(begin + start, begin + end) for start, end in token_offsets]
        begin += len(text) + 1  # the line end between sentences
    whole = "\n".join(text for text, _ in joined)
    if len(offsets) != len(line.tokens):
        raise DataError(f"article {line.id!r}: {len(line.tokens)} tokens, but {len(offsets)} in its sentences")
    return _Text(whole, tuple(line.tokens), tuple(offsets), tuple(sentences))


def _locate_sentence(sentence: Any) -> tuple[str, list[tuple[int, int]]]:
    """Returns the text and token offsets of a sentence `[[[token, start, end], ...], text]`.

    Its own offsets are not used: they count a text without line ends.
    """
    try:
        tokens, text = sentence
        words = [word for word, *_ in tokens]
    except (TypeError, ValueError):
        raise DataError(f"sentences: {str(sentence)[:60]!r} is not [[[token, start, end], ...], text]") from None
    return text, locate_tokens(text, words)


class _Finder:
    """Finds the arguments of an article's events."""

    def __init__(self, line: _ArticleLine, text: _Text) -> None:
        self._text = text
        mentions = line.entity_mentions
        self._mentions = None if mentions is None else {mention.id: mention for mention in mentions}
        self._found: dict[tuple[str, str], tuple[int, int] | None] = {}
        """The heads found by an argument's text and its trigger."""
        self._places: dict[tuple[str, ...], list[int]] = {}

    def head(self, argument: _Argument, trigger: str) -> tuple[int, int] | None:
        """Returns the tokens `[first, stop)` of an argument, or None if it is not found."""
        if self._mentions is not None:
            mention = self._mentions.get(argument.entity_id or "")
            inside = mention and 0 <= mention.start < mention.end <= len(self._text.tokens)
            return (mention.start, mention.end) if mention and inside else None
        key = (argument.text, trigger)
        if key not in self._found:
            self._found[key] = self._nearest(argument.text.split(), trigger.split())
        return self._found[key]

    def _nearest(self, words: list[str], trigger: list[str]) -> tuple[int, int] | None:
        occurrences = self._occurrences(words)
        if not occurrences and words:
            words[-1] += words[-1][-1]  # the published argument may lack the second of two equal last letters
            occurrences = self._occurrences(words)
        if not occurrences:
            return None
        first = _nearest_to(occurrences, self._occurrences(trigger) or [0])
        return first, first + len(words)

    def _occurrences(self, words: Sequence[str]) -> list[int]:
        key = tuple(words)
        if key not in self._places:
            self._places[key] = self._text.occurrences_of(words)
        return self._places[key]


def _nearest_to(places: Sequence[int], others: Sequence[int]) -> int:
    """Returns the place that is nearest to one of the others, or the first of several. Both are sorted and not empty.

    Iterates over the shorter sequence and searches the longer one.
    """
    if len(places) <= len(others):
        return min((abs(place - other), place) for place in places for other in _around(others, place))[1]
    return min((abs(place - other), place) for other in others for place in _around(places, other))[1]


def _around(places: Sequence[int], place: int) -> Sequence[int]:
    """Returns the nearest place before a place and the nearest at or after it, if they exist."""
    index = bisect_left(places, place)
    return places[max(index - 1, 0) : index + 1]


def _reason_left_out(text: _Text, head: tuple[int, int], label: str) -> str | None:
    """Returns why no span is made of a head, or None if one is made."""
    words = text.tokens[slice(*head)]
    if all(word.lower() in PRONOUNS for word in words):
        return "pronouns left out"
    if all(is_number(word) or word == "-" for word in words):
        return "bare counts left out"
    if label == LOCATION and (not any(map(is_capitalized, words)) or _DEMONYM.fullmatch(words[-1])):
        return "places left out that are no proper names"
    return None


def _spans(text: _Text, head: tuple[int, int], label: str, *, counts: bool, alone: bool) -> Iterator[RawSpan]:
    """Yields the spans of a head: one, or for a proper name one per occurrence in the article unless it is `alone`."""
    first, stop = head
    if label == LOCATION:
        first, stop = _name_within(text.tokens, first, stop)
    words = text.tokens[first:stop]
    name = text.is_name(words)
    others = [index for index in text.occurrences_of(words) if index != first] if name and not alone else []
    entity = f"{label}: {' '.join(words)}" if name else None
    for index in [first, *others]:
        edges = index, index + len(words)
        if label != LOCATION:
            begin, end = text.sentences[index]
            begin, end = max(begin, index - _LONGEST_PHRASE), min(end, edges[1] + _LONGEST_PHRASE)
            left, right = widen(text.tokens[begin:end], index - begin, min(edges[1], end) - begin, counts=counts)
            edges = begin + left, max(begin + right, edges[1])
        elif index != first and _in_longer_name(text, *edges):
            continue
        yield RawSpan(text.offsets[edges[0]][0], text.offsets[edges[1] - 1][1], label, entity=entity)


def _name_within(tokens: Sequence[str], first: int, stop: int) -> tuple[int, int]:
    """Returns a place without the lower-case words at its edges: `Wardak` in `Wardak province`."""
    named = [index for index in range(first, stop) if is_capitalized(tokens[index])]
    return named[0], named[-1] + 1


def _in_longer_name(text: _Text, first: int, stop: int) -> bool:
    """Returns whether a capitalised word stands right before or after the tokens in their sentence."""
    begin, end = text.sentences[first]
    # The first word of a sentence is always capitalised, so it is not considered.
    before: Iterable[str] = text.tokens[max(first - 1, begin + 1) : first]
    return any(map(is_capitalized, [*before, *text.tokens[stop : min(stop + 1, end)]]))
