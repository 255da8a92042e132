"""Death tolls per article: how near the predicted figure is to the annotated one, beside a plain rule's."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log

from afteraction.data import DEATH_TOLL, Article, Toll, parse_count
from afteraction.data.text import TENS_PATTERN, UNITS_PATTERN
from afteraction.evaluation.counting.tally import ALL, Cells
from afteraction.evaluation.figures.scores import Interval, Row, Scores

_KILLING = re.compile(
    r"\b(?:kill(?:s|ed|ing|ings)?|dead|die[ds]?|dying|deaths?|slain|slaughter(?:ed)?|massacred?|murder(?:s|ed)?"
    r"|execut(?:ed|es)|assassinated|fatalit(?:y|ies)|beheaded|lives|bodies|corpses)\b"
)
_NUMBER = rf"(?:\d+(?:[,.]\d+)*|no|{UNITS_PATTERN}|{TENS_PATTERN}|dozens?|scores|hundreds?|thousands?|several)"
_COUNT = re.compile(rf"\b{_NUMBER}(?:(?:[ -]| and ){_NUMBER})*\b")


def point(toll: Toll) -> float:
    """The one number that stands for a range: its middle, or its lower bound if it is open above."""
    return float(toll.low) if toll.high is None else (toll.low + toll.high) / 2


def overlap(gold: Toll, predicted: Toll) -> bool:
    """Whether two ranges have a number in common."""
    return (gold.high is None or predicted.low <= gold.high) and (predicted.high is None or gold.low <= predicted.high)


_read = lru_cache(maxsize=1 << 12)(parse_count)


MEASURES: dict[str, Callable[[Toll, Toll], bool]] = {
    "exact": lambda gold, predicted: gold == predicted,
    "overlap": overlap,
    "within_tenth": lambda gold, predicted: abs(point(predicted) - point(gold)) <= point(gold) / 10,
    "within_one": lambda gold, predicted: abs(point(predicted) - point(gold)) <= 1,
}


_ALL_MEASURES = ("articles", *MEASURES, "neither", "log_error")
TOLL_LEVELS = {name: f"tolls_{name}" for name in _ALL_MEASURES}
RULE_LEVELS = {name: f"rule_tolls_{name}" for name in _ALL_MEASURES}
"""The names of the levels in a tally, by measure: of the system, and of the rule."""


@dataclass(frozen=True, slots=True)
class TollScores:
    """How many figures are right, under four measures from strict to lenient.

    In each row the support is the number of articles with an annotated figure, and a figure that an article does not
    give lowers the precision. `neither` counts the articles without a figure on either side. `log_error` is the mean
    of |ln((predicted + 1) / (annotated + 1))| over the articles with a figure on both sides, None without any: 0.1 is
    about 10 % off. `rule` is how the number nearest to a word of killing scores on the same articles. Articles whose
    toll is unknown are left out; `articles` counts the others.
    """

    articles: int
    exact: Row
    overlap: Row
    within_tenth: Row
    within_one: Row
    neither: int
    log_error: float | None
    log_error_interval: Interval | None
    rule: "TollScores | None"

    @property
    def rows(self) -> tuple[Row, ...]:
        """The four measures, from strict to lenient."""
        return (self.exact, self.overlap, self.within_tenth, self.within_one)


def count_tolls(gold: Article, predicted: Article) -> Cells:
    """Compares the tolls of an article, by measure; nothing if the annotated one is unknown."""
    return _count(gold, predicted.death_toll, levels=TOLL_LEVELS)


def count_rule_tolls(gold: Article, _predicted: Article) -> Cells:
    """As `count_tolls`, with `nearest_toll` for the system."""
    return _count(gold, nearest_toll(gold.text), levels=RULE_LEVELS)


def toll_scores(scores: Mapping[str, Scores]) -> TollScores:
    """The scores of tolls, of those of all levels that `count_tolls` and `count_rule_tolls` count."""
    return _toll_scores(scores, levels=TOLL_LEVELS, rule=_toll_scores(scores, levels=RULE_LEVELS, rule=None))


def nearest_toll(text: str) -> Toll | None:
    """The number that stands nearest to a word of killing, the first among equals; None without such a word or number.

    A floor: who takes no more trouble than this gets this score.
    """
    text = text.lower()
    words = [match.span() for match in _KILLING.finditer(text)]
    best, nearest = None, float("inf")
    place = 0
    for count in _COUNT.finditer(text):
        while place + 1 < len(words) and words[place][1] <= count.start():
            place += 1
        for start, end in words[max(place - 1, 0) : place + 1]:
            distance = max(start - count.end(), count.start() - end)
            if distance < nearest and (toll := _read(count.group())) is not None:
                best, nearest = toll, distance
    return best


def _count(gold: Article, found: Toll | None, *, levels: Mapping[str, str]) -> Cells:
    known = gold.death_toll
    if known is None and DEATH_TOLL in gold.unknown_labels:
        return {}
    cells = {levels["articles"]: {ALL: (1.0, 1, 1)}}
    if known is None and found is None:
        return cells | {levels["neither"]: {ALL: (1.0, 1, 1)}}
    sizes = (int(found is not None), int(known is not None))
    if known is None or found is None:
        return cells | {levels[name]: {ALL: (0.0, *sizes)} for name in MEASURES}
    cells |= {levels[name]: {ALL: (float(right(known, found)), *sizes)} for name, right in MEASURES.items()}
    error = abs(log((point(found) + 1) / (point(known) + 1)))
    return cells | {levels["log_error"]: {ALL: (error, *sizes)}}


def _toll_scores(scores: Mapping[str, Scores], *, levels: Mapping[str, str], rule: TollScores | None) -> TollScores:
    rows = {name: replace(scores[level].micro, name=name) for name, level in levels.items()}
    articles, neither = (rows.pop(name).support for name in ("articles", "neither"))
    # Credit there is an error, and one on both sides counts: the F1 is the mean error.
    log_error = rows.pop("log_error")
    return TollScores(
        **rows,
        articles=articles,
        neither=neither,
        log_error=log_error.f1 if log_error.support else None,
        log_error_interval=log_error.f1_interval if log_error.support else None,
        rule=rule,
    )
