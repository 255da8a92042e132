"""Lists the candidates for an article's death toll: its figures, sums of them, zero, and no figure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from afteraction.data import Span, Toll
from afteraction.data.text import render
from afteraction.model.record.tolls.cues import NOBODY
from afteraction.model.record.tolls.sentences import Sentence, Victims, read_sentences
from afteraction.model.record.tolls.series import Series, add, read_series

Kind = Literal["figure", "listed", "added", "in one sentence", "all persons", "nobody", "no figure"]
"""The origin of a candidate, in this order:

- one figure, such as "17" or one person killed;
- the sum of victims that are listed together: "two soldiers and a driver";
- a figure and what a later one adds to it: "also killed four drivers";
- two figures of a sentence that are not listed together;
- all single people in the article who were killed;
- a statement that nobody was hurt;
- no figure at all.
"""

_MOST_ADDED = 50
"""The number of later series that are added to the first series, which may be long."""


@dataclass(frozen=True)
class Candidate:
    """A possible death toll.

    `series` is the series of the last victims, `base` that of the first. They are None if there are no victims.
    """

    kind: Kind
    toll: Toll | None
    victims: tuple[Victims, ...] = ()
    series: Series | None = None
    base: Series | None = None
    sentence: Sentence | None = None

    @property
    def place(self) -> int:
        """Returns the index in its sentence of the figure, or of the first figure that the series adds."""
        if self.series is None:
            return 0
        places = self.series.sentence.place_of
        return next((places[victims] for victims in self.victims if victims in places), self.series.first)


@dataclass(frozen=True)
class Reading:
    """The sentences of an article, the series in which somebody may have died, and the candidates."""

    sentences: tuple[Sentence, ...]
    series: tuple[Series, ...]
    candidates: tuple[Candidate, ...]
    first_span: int
    """The index of the sentence in which the first span begins."""


def read_candidates(text: str, spans: Sequence[Span]) -> Reading:
    """Reads the candidates of an article with at least one span. Spans must be given in order."""
    rendered = render(text)
    spans = rendered.spans_from_given(spans)
    sentences = read_sentences(rendered.text, spans)
    series = [one for sentence in sentences for one in read_series(sentence) if one.dead]
    candidates = (
        *_figures(series),
        *_sums(series),
        *_all_persons(series),
        *_nobody(sentences),
        Candidate("no figure", None),
    )
    # A span of invisible characters at the end of the text begins after the last sentence.
    last = len(sentences) - 1
    first = next((index for index, sentence in enumerate(sentences) if spans[0].start < sentence.end), last)
    return Reading(tuple(sentences), tuple(series), candidates, first)


def _figures(series: Sequence[Series]) -> Iterator[Candidate]:
    for one in series:
        for member in one.dead:
            victims = one.sentence.victims[member]
            yield Candidate("figure", victims.toll, (victims,), one, one, one.sentence)


def _sums(series: Sequence[Series]) -> Iterator[Candidate]:
    first: dict[str, Series] = {}
    for index, one in enumerate(series):
        persons = [entity for each in one.counted if (entity := _person(each))]
        if len(one.counted) > 1:
            # "The murder of Ada Bora", and later "the bomb that killed Ms. Bora and eight others".
            named = next((first[person] for person in persons if person in first), one)
            yield from (replace(listed, base=named) for listed in _sum("listed", one))
        for person in persons:
            first.setdefault(person, one)
        if index == 0 or (one.is_added and one.fate == "toll"):  # "two more died, taking the toll to 60"
            continue
        previous = series[index - 1]
        if one.is_added:
            yield from _sum("added", previous, one)
            if 1 < index <= _MOST_ADDED:
                yield from _sum("added", series[0], one)
        elif previous.sentence is one.sentence:
            yield from _sum("in one sentence", previous, one)


def _sum(kind: Kind, *series: Series) -> Iterator[Candidate]:
    """Yields the sum of series, in which a person counts once, unless the last series adds nobody."""
    victims: dict[str | Victims, Victims] = {}
    for each in (each for one in series for each in one.counted):
        victims.setdefault(_person(each) or each, each)
    if len(victims) > 1 and len(victims) > sum(len(one.counted) for one in series[:-1]):
        toll = add(*(each.toll for each in victims.values()))
        yield Candidate(kind, toll, tuple(victims.values()), series[-1], series[0], series[0].sentence)


def _person(victims: Victims) -> str | None:
    """Returns the entity of victims that are a single person; otherwise None."""
    return victims.entity if victims.source == "one person" else None


def _all_persons(series: Sequence[Series]) -> Iterator[Candidate]:
    found: dict[str, tuple[Victims, Series]] = {}
    for one in series:
        for member in one.dead:
            victims = one.sentence.victims[member]
            if victims.source == "one person":
                found.setdefault(victims.entity or victims.surface, (victims, one))
    if len(found) > 1:
        first = next(iter(found.values()))[1]
        yield Candidate(
            "all persons",
            Toll(len(found), len(found)),
            tuple(v for v, _ in found.values()),
            first,
            first,
            first.sentence,
        )


def _nobody(sentences: Sequence[Sentence]) -> Iterator[Candidate]:
    for sentence in sentences:
        if NOBODY.search(sentence.text):
            yield Candidate("nobody", Toll(0, 0), sentence=sentence)
