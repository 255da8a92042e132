"""Describes each candidate by readable features: numbers, mostly 0 or 1, under the names in `FEATURES`."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from heapq import nlargest
from math import log

from afteraction.data import Toll
from afteraction.data.text import word_list
from afteraction.model.record.tolls import cues
from afteraction.model.record.tolls.candidates import Candidate, Reading
from afteraction.model.record.tolls.sentences import VICTIMS, Sentence

FEATURES = {
    # The candidate's origin.
    "labelled": "a figure that a DEATH_TOLL span gives",
    "one person": "one person who was killed, without a number",
    "listed": "the sum of victims that are listed together",
    "added": "the sum of a figure and of a later one with a word such as also",
    "added killing": "of these: also stands at the verb, and the sentence is not about another attack",
    "in one sentence": "the sum of two figures of a sentence that are not listed together",
    "of persons": "a sum of single persons only",
    "with unlabelled": "a sum with a figure outside all spans",
    "sum elsewhere": "a sum, and the sentence is about another attack or about separate ones",
    "uncertainty": "minus the sum of the logarithms of its spans' scores",
    # Its position.
    "headline": "in the headline",
    "first sentence": "in the first sentence below the headline",
    "early": "1 / number of its sentence",
    "after first span": "logarithm of 1 + number of sentences since the first span",
    "figures before": "logarithm of 1 + number of figures and lists before it",
    # The words around it.
    "toll word": "a count of the dead by its name: the death toll",
    "shot": "the victims were shot, no more is said",
    "attempted": "a killing that was tried, planned or feared",
    "dated": "its clause has a month or a year",
    "past beside others": "its clause is about the past, but that of another figure is not",
    "past in court": "its clause is about the past or has a date, and the text begins with a court or an inquiry",
    "years after": "its clause begins with years after or the like",
    "running beside others": "its clause names a war, a year or so, but that of another figure does not",
    "raised": "its sentence corrects a figure",
    "raised from": "the old figure of a correction",
    "toll raised": "the new figure of a correction, by the name of a toll",
    "also": "a figure with a word such as also around it",
    "part": "a part of others: including, of whom",
    "whole": "its parts follow",
    "in a list": "a figure of a list",
    "listed with others": "one person whom another sentence lists together with others",
    "people": "a figure whose noun says only that they are people",
    # Its value compared with the others.
    "one": "it is one",
    "thousands": "it is 1,000 or more",
    "vague": "a figure without a number: dozens, several",
    "vague beside exact": "of these: another figure is as high",
    "exact elsewhere": "a lower limit, such as at least 50, and the text also says just 50",
    "is a sum": "a figure that is the sum of a list",
    "sharpens": "a figure a little above a round one: at least 51 beside more than 50",
    # Statements that nobody was killed.
    "nobody early": "nobody was killed or hurt: 1 / number of the sentence",
    "nobody died": "of these: it is about the dead",
    "nobody reported": "of these: it is about reports",
    # The absence of a figure.
    "hurt first": "no figure: the first sentence with a span is about the hurt, not the dead",
    "no word": "no figure: a sentence says that it is not known whether anybody was hurt",
}
"""The features, with a description of each."""

Features = dict[str, float]
"""The features of a candidate by name. Missing ones are 0."""

_PEOPLE = word_list("people")
_KILLING = frozenset[str]().union(*map(word_list, ("killing", "kills", "killed", "dead", "deaths"))) | {"toll"}
_HURTING = word_list("hurt") | word_list("hurting")
_CLAUSE_ENDS = {",", ";", ":", "(", ")", "–", "—", VICTIMS}
_NUMBER = re.compile(r"\d|least|than|over|\b(?:a|one|two|three|four|five|six|seven|eight|nine|ten|half)\b")
_REACH = 14
"""The number of words before and after a figure that are searched for phrases."""
_NEAR = 3
_BEGINNING = 2
"""The number of sentences that are searched for a court."""
_LITTLE_ABOVE = 1.12
"""The factor between a round figure and the highest figure that it may stand for."""
_LEAST_CERTAINTY = 0.05


def describe(reading: Reading) -> list[Features]:
    """Returns the features of each candidate of an article."""
    article = _Article(reading)
    described = [article.describe(candidate) for candidate in reading.candidates]
    # A clause's cue counts only if it sets figures apart. In an article about the past, all figures are about the past.
    without = {
        cue: {
            candidate.toll
            for candidate, features in zip(reading.candidates, described, strict=True)
            if candidate.kind == "figure" and not features.get(cue)
        }
        for cue in _BESIDE
    }
    for candidate, features in zip(reading.candidates, described, strict=True):
        for cue, name in _BESIDE.items():
            if features.pop(cue, 0):
                features[name] = any(toll != candidate.toll for toll in without[cue])
            if candidate.kind == "figure":  # affects later candidates; the weights were learned this way
                without[cue].add(candidate.toll)
    return [{name: float(features[name]) for name in FEATURES if features.get(name)} for features in described]


_BESIDE: Mapping[str, str] = {
    "past": "past beside others",
    "running": "running beside others",
}


@dataclass
class _Article:
    """The properties of a whole article that the features of its candidates depend on."""

    reading: Reading

    @cached_property
    def figures(self) -> Counter[Toll]:
        """Returns the figures, with the number of times that each occurs."""
        return Counter(one.toll for one in self.reading.candidates if one.kind == "figure" and one.toll is not None)

    @cached_property
    def highest(self) -> list[Toll]:
        """Returns the two figures with the highest lower ends."""
        return nlargest(2, self.figures, key=lambda toll: toll.low)

    @cached_property
    def bounded(self) -> frozenset[int]:
        """Returns the lower ends of the figures that have an upper end."""
        return frozenset(toll.low for toll in self.figures if toll.high is not None)

    @cached_property
    def round(self) -> list[int]:
        """Returns the round figures, such as "more than 50", as sorted numbers."""
        return sorted(toll.low for toll in self.figures if toll.high is None and not toll.low % 10)

    @cached_property
    def sums(self) -> set[Toll | None]:
        """Returns the sums of lists."""
        return {candidate.toll for candidate in self.reading.candidates if candidate.kind == "listed"}

    @cached_property
    def listed(self) -> frozenset[str]:
        """Returns the entities of single people in lists such as "the mayor and two guards"."""
        series = (one for one in self.reading.series if len(one.counted) > 1)
        victims = (each for one in series for each in one.counted)
        return frozenset(each.entity for each in victims if each.source == "one person" and each.entity is not None)

    @cached_property
    def begins_in_court(self) -> bool:
        """Returns whether the headline and the first two sentences mention a court or an inquiry at least twice."""
        first = " ".join(sentence.text for sentence in self.reading.sentences if sentence.number <= _BEGINNING)
        return len(cues.IN_COURT.findall(first)) > 1

    @cached_property
    def order(self) -> dict[int, int]:
        """Returns the number of series before each series, by the start of its first counted victims."""
        return {one.counted[0].start: index for index, one in enumerate(self.reading.series)}

    @cached_property
    def indices(self) -> dict[int, int]:
        """Returns the index of each sentence, by its start."""
        return {sentence.start: index for index, sentence in enumerate(self.reading.sentences)}

    def describe(self, candidate: Candidate) -> Features:
        """Returns the features of a candidate, and the cues of its clause."""
        if candidate.kind == "no figure":
            return self._no_figure()
        if candidate.kind == "nobody" and candidate.sentence is not None:
            return _nobody(candidate.sentence)
        wording = _wording(candidate)
        in_the_past = wording.get("past") or wording.get("dated")
        return {
            **_origin(candidate),
            **self._position(candidate),
            **wording,
            **self._value(candidate),
            "past in court": bool(in_the_past) and self.begins_in_court,
        }

    def _no_figure(self) -> Features:
        first = set(self.reading.sentences[self.reading.first_span].words)
        return {
            "hurt first": bool(_HURTING & first) and not _KILLING & first,
            "no word": any(cues.says_no_word(sentence.text) for sentence in self.reading.sentences),
        }

    def _position(self, candidate: Candidate) -> Features:
        if candidate.base is None:
            return {}
        sentence = candidate.base.sentence
        since_first_span = max(self.indices[sentence.start] - self.reading.first_span, 0)
        return {
            "headline": sentence.number == 0,
            "first sentence": sentence.number == 1,
            "early": 1 / max(sentence.number, 1),
            "after first span": log(1 + since_first_span),
            "figures before": log(1 + self.order[candidate.base.counted[0].start]),
        }

    def _value(self, candidate: Candidate) -> Features:
        toll = candidate.toll
        if toll is None:
            return {}
        most = max(toll.low, toll.high or 0)
        features: Features = {"one": most == 1, "thousands": most >= 1000}
        if candidate.kind != "figure":
            return features
        vague = toll.high is None and not _NUMBER.search(candidate.victims[0].surface)
        return features | {
            "vague": vague,
            "vague beside exact": vague and any(other != toll and other.low >= toll.low for other in self.highest),
            "exact elsewhere": toll.high is None and toll.low > 2 and toll.low in self.bounded,
            "is a sum": toll in self.sums,
            "listed with others": self._is_listed_elsewhere(candidate),
            "sharpens": self._sharpens(toll),
        }

    def _is_listed_elsewhere(self, candidate: Candidate) -> bool:
        """Returns whether a figure is one person who is listed with others elsewhere in the text."""
        victims = candidate.victims[0]
        alone = candidate.series is not None and len(candidate.series.counted) == 1
        return alone and victims.source == "one person" and victims.entity in self.listed

    def _sharpens(self, toll: Toll) -> bool:
        """Returns whether a figure is the exact form of a round one, such as "more than 50"."""
        lower = bisect_left(self.round, toll.low)
        return lower > 0 and toll.low <= _LITTLE_ABOVE * self.round[lower - 1]


def _origin(candidate: Candidate) -> Features:
    """Returns the features of a candidate's origin."""
    uncertainty = -sum(log(max(each.score, _LEAST_CERTAINTY)) for each in candidate.victims)
    if candidate.kind == "figure":
        return {candidate.victims[0].source: 1, "uncertainty": uncertainty}
    return {
        candidate.kind: 1,
        "of persons": all(each.source == "one person" for each in candidate.victims),
        "with unlabelled": any(each.source == "unlabelled" for each in candidate.victims),
        "uncertainty": uncertainty,
    }


def _wording(candidate: Candidate) -> Features:
    """Returns the features of the words around a candidate, and the cues of its clause."""
    series = candidate.series
    if series is None:
        return {}
    sentence, place = series.sentence, candidate.place
    words, text = sentence.words, sentence.text
    clause = _clause(sentence, place)
    before = " ".join(words[max(place - _REACH, 0) : place])
    before_series = " ".join(words[max(series.first - _REACH, 0) : series.first])
    after = " ".join(words[place + 1 : place + 1 + _REACH])
    near = {*words[max(series.first - _NEAR, 0) : series.first], *words[series.last + 1 : series.last + 1 + _NEAR]}
    raised, elsewhere = _corrects_or_leaves(text)
    is_figure, is_added_to = candidate.kind == "figure", candidate.kind == "added"
    return {
        "past": bool(cues.PAST.search(clause)),
        "years after": bool(cues.YEARS_AFTER.search(" ".join(words[_start(sentence, place) : place]))),
        "running": bool(cues.RUNNING.search(clause)),
        "toll word": series.fate == "toll",
        "shot": series.fate == "shot",
        "attempted": series.fate == "attempted",
        "dated": bool(cues.DATED.search(clause)),
        "raised": raised,
        "raised from": bool(cues.RAISED_FROM.search(before)),
        "toll raised": raised and series.fate == "toll" and bool(cues.RAISED_TO.search(before)),
        "sum elsewhere": elsewhere and not is_figure,
        "added killing": is_added_to and "also" in near and series.fate == "killed" and not elsewhere,
        "also": is_figure and series.is_added,
        "part": bool(cues.PART_BEFORE.search(before_series) or cues.PART_AFTER.match(after)),
        "whole": bool(cues.WHOLE_AFTER.match(after)),
        "in a list": is_figure and len(series.counted) > 1,
        "people": is_figure and bool(_PEOPLE & sentence.noun(bisect_left(sentence.places, place))),
    }


@lru_cache(maxsize=1)  # the candidates of a sentence follow each other
def _corrects_or_leaves(sentence: str) -> tuple[bool, bool]:
    """Returns whether a sentence corrects a figure, and whether it is about another attack."""
    return bool(cues.RAISED.search(sentence)), bool(cues.ELSEWHERE.search(sentence))


def _nobody(sentence: Sentence) -> Features:
    match = cues.NOBODY.search(sentence.text)
    said = match[0] if match else ""
    return {
        "nobody early": 1 / max(sentence.number, 1),
        "nobody died": bool(cues.NOBODY_DIED.search(said)),
        "nobody reported": "report" in said,
    }


def _clause(sentence: Sentence, place: int) -> str:
    """Returns the words around a place, up to the nearest marks or victims on both sides."""
    words = sentence.words
    end = place + 1
    while end < len(words) and words[end] not in _CLAUSE_ENDS:
        end += 1
    return " ".join(words[_start(sentence, place) : end])


def _start(sentence: Sentence, place: int) -> int:
    while place > 0 and sentence.words[place - 1] not in _CLAUSE_ENDS:
        place -= 1
    return place
