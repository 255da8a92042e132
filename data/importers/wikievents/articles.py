"""WikiEvents as articles: news and encyclopedia articles with events, the arguments of attacks and deaths as spans.

Attacker and Killer become PERPETRATOR, Target and Victim TARGET, Place LOCATION. What the corpus marks is a head;
`noun_phrases.py` says how it is widened, a count with it unless it counts the dead. Pronouns are left out, bare counts,
and places that are no proper names. A name is marked wherever the article has it, but for places within a longer name
(`Boston Marathon`); anything else only where it is an argument. Sentences are joined with line ends.

Both published forms are read. One gives where the arguments stand. The other (`gen-arg`) gives only their text and
has lost the white space: the text is set anew from the tokens (`detokenizing.py`), an argument is what stands nearest
to the trigger or another occurrence of it (its position is that of the first), and the last letter of an argument that
lost one of two (`mal`, `thre`) is given back.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field

from afteraction.data.articles.article_files import OnError, write_articles
from afteraction.data.articles.labels import DEATH_TOLL, LOCATION, PERPETRATOR, TARGET
from afteraction.data.errors import DataError
from afteraction.data.importers.json_files import ToolModel, read_objects
from afteraction.data.importers.raw import RawArticle, RawSpan
from afteraction.data.importers.to_articles import ImportLog, LabelMap, import_articles
from afteraction.data.importers.tools.tokens import locate_tokens
from afteraction.data.importers.wikievents.detokenize import join_tokens, split_sentences
from afteraction.data.text.names import is_capitalized
from afteraction.data.text.noun_phrases import PRONOUNS, widen
from afteraction.data.text.numbers import is_number

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
    """`[start, end)` counts the tokens of the whole article."""

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


class _Line(ToolModel):
    id: str = Field(validation_alias=AliasChoices("doc_id", "docid"))
    tokens: list[str]
    sentences: list[Any]
    entity_mentions: list[_Mention] | None = None
    event_mentions: list[_Event]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text and its tokens: where each stands, and `[first, stop)` of its sentence."""

    text: str
    tokens: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...]
    sentences: tuple[tuple[int, int], ...]

    def places_of(self, words: Sequence[str]) -> list[int]:
        """The first tokens of each occurrence of some words."""
        size = len(words)
        return [i for i in range(len(self.tokens) - size + 1) if list(self.tokens[i : i + size]) == list(words)]

    def is_name(self, words: Sequence[str]) -> bool:
        """Whether words are a proper name: all capitalised, and not just by the sentence they begin."""
        letters = [word for word in words if len(word) > 2 and word[0].isalpha()]
        return all(map(is_capitalized, letters)) and any(word.lower() not in self.tokens for word in letters)


def import_wikievents(path: Path, *, output: Path, log: ImportLog, on_error: OnError) -> int:
    """Writes an article file from a file of WikiEvents; returns how many articles.

    Raises:
        DataError: the file cannot be read, or the other not be written.
    """
    raw_articles = read_wikievents(path, log=log, on_error=on_error)
    return write_articles(import_articles(raw_articles, labels=LabelMap(), log=log, on_error=on_error), output)


def read_wikievents(path: Path, *, log: ImportLog, on_error: OnError) -> Iterator[RawArticle]:
    """Streams the raw articles of a file of WikiEvents in either form; arguments passed over are counted."""
    return read_objects(path, _Line, lambda line, where: _raw_article(line, where, log), on_error=on_error)


def _raw_article(line: _Line, where: str, log: ImportLog) -> RawArticle:
    text = _text_of(line)
    spans: dict[tuple[int, int, str], RawSpan] = {}
    for event in line.event_mentions:
        if not event.event_type.startswith(_EVENTS):
            continue
        for argument in event.arguments:
            label = _LABELS.get(argument.role)
            if label is None:
                continue
            said = f"{line.id}: {argument.role} {argument.text!r}"
            log.add("arguments of attacks and deaths", said)
            head = _head(line, text, argument, event.trigger.text)
            if head is None:
                log.add("arguments not found in the text", said)
            elif refusal := _refusal(text, head, label):
                log.add(refusal, said)
            else:
                for span in _spans(text, head, label, counts=argument.role != "Victim"):
                    spans.setdefault((span.start, span.end, span.label), span)
    return RawArticle(
        id=line.id,
        text=text.text,
        spans=tuple(spans.values()),
        meta={"corpus": "WikiEvents"},
        unknown_labels=(DEATH_TOLL,),
        source=where,
    )


def _text_of(line: _Line) -> _Text:
    """The text with its tokens' places, from the sentences where they are whole, from the tokens where not."""
    if line.entity_mentions is None:
        joined = [join_tokens(sentence) for sentence in split_sentences(line.tokens)]
    else:
        joined = [_located(sentence) for sentence in line.sentences]
    offsets: list[tuple[int, int]] = []
    sentences: list[tuple[int, int]] = []
    begin = 0
    for text, places in joined:
        sentences += [(len(offsets), len(offsets) + len(places))] * len(places)
        offsets += [(begin + start, begin + end) for start, end in places]
        begin += len(text) + 1
    whole = "\n".join(text for text, _ in joined)
    if len(offsets) != len(line.tokens):
        raise DataError(f"article {line.id!r}: {len(line.tokens)} tokens, but {len(offsets)} in its sentences")
    return _Text(whole, tuple(line.tokens), tuple(offsets), tuple(sentences))


def _located(sentence: Any) -> tuple[str, list[tuple[int, int]]]:
    """A sentence `[[[token, start, end], ...], text]`; its offsets are those of a text without line ends."""
    try:
        tokens, text = sentence
        words = [word for word, *_ in tokens]
    except (TypeError, ValueError):
        raise DataError(f"sentences: {str(sentence)[:60]!r} is not [[[token, start, end], ...], text]") from None
    return text, locate_tokens(text, words)


def _head(line: _Line, text: _Text, argument: _Argument, trigger: str) -> tuple[int, int] | None:
    """The tokens `[first, stop)` of an argument."""
    if line.entity_mentions is not None:
        mentions = {mention.id: mention for mention in line.entity_mentions}
        mention = mentions.get(argument.entity_id or "")
        inside = mention and 0 <= mention.start < mention.end <= len(text.tokens)
        return (mention.start, mention.end) if mention and inside else None
    words = argument.text.split()
    places = text.places_of(words)
    if not places and words:
        words[-1] += words[-1][-1]
        places = text.places_of(words)
    if not places:
        return None
    triggers = text.places_of(trigger.split()) or [0]
    nearest = min(places, key=lambda place: min(abs(place - other) for other in triggers))
    return nearest, nearest + len(words)


def _refusal(text: _Text, head: tuple[int, int], label: str) -> str | None:
    """Why a head makes no span, None if it makes one."""
    words = text.tokens[slice(*head)]
    if all(word.lower() in PRONOUNS for word in words):
        return "pronouns left out"
    if all(is_number(word) or word == "-" for word in words):
        return "bare counts left out"
    if label == LOCATION and (not any(map(is_capitalized, words)) or _DEMONYM.fullmatch(words[-1])):
        return "places left out that are no proper names"
    return None


def _spans(text: _Text, head: tuple[int, int], label: str, *, counts: bool) -> Iterator[RawSpan]:
    """The spans that a head gives: one, or of a name one for each of its occurrences."""
    first, stop = head
    if label == LOCATION:
        first, stop = _name_within(text.tokens, first, stop)
    words = text.tokens[first:stop]
    name = text.is_name(words)
    others = [place for place in text.places_of(words) if place != first] if name else []
    entity = f"{label}: {' '.join(words)}" if name else None
    for place in [first, *others]:
        edges = place, place + len(words)
        if label != LOCATION:
            begin, end = text.sentences[place]
            left, right = widen(text.tokens[begin:end], place - begin, min(edges[1], end) - begin, counts=counts)
            edges = begin + left, max(begin + right, edges[1])
        elif place != first and _in_longer_name(text, *edges):
            continue
        yield RawSpan(text.offsets[edges[0]][0], text.offsets[edges[1] - 1][1], label, entity=entity)


def _name_within(tokens: Sequence[str], first: int, stop: int) -> tuple[int, int]:
    """A place without the small words at its edges: of `Wardak province` the name."""
    named = [index for index in range(first, stop) if is_capitalized(tokens[index])]
    return named[0], named[-1] + 1


def _in_longer_name(text: _Text, first: int, stop: int) -> bool:
    begin, end = text.sentences[first]
    before: Iterable[str] = text.tokens[max(first - 1, begin + 1) : first]
    return any(map(is_capitalized, [*before, *text.tokens[stop : min(stop + 1, end)]]))
