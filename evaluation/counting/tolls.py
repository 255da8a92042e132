"""Death tolls per article: whether the predicted toll is right, and the toll of a plain rule to compare with."""

import re
from collections.abc import Callable
from functools import lru_cache

from afteraction.data import DEATH_TOLL, Article, Toll, parse_count
from afteraction.data.text import TENS_PATTERN, UNITS_PATTERN
from afteraction.evaluation.counting.tally import ALL, Cells

_KILLING = re.compile(
    r"\b(?:kill(?:s|ed|ing|ings)?|dead|die[ds]?|dying|deaths?|slain|slaughter(?:ed)?|massacred?|murder(?:s|ed)?"
    r"|execut(?:ed|es)|assassinated|fatalit(?:y|ies)|beheaded|lives|bodies|corpses)\b"
)
_NUMBER = rf"(?:\d+(?:[,.]\d+)*|no|{UNITS_PATTERN}|{TENS_PATTERN}|dozens?|scores|hundreds?|thousands?|several)"
_COUNT = re.compile(rf"\b{_NUMBER}(?:(?:[ -]| and ){_NUMBER})*\b")


def point(toll: Toll) -> float:
    """Returns the single number that represents a range: its middle, or its lower bound if it has no upper bound."""
    return float(toll.low) if toll.high is None else (toll.low + toll.high) / 2


def overlap(gold: Toll, predicted: Toll) -> bool:
    """Returns whether two ranges have a number in common."""
    return (gold.high is None or predicted.low <= gold.high) and (predicted.high is None or gold.low <= predicted.high)


# A corpus has few different numbers, so the cache answers nearly every call.
_read = lru_cache(maxsize=1 << 12)(parse_count)

MEASURES: dict[str, Callable[[Toll, Toll], bool]] = {
    "exact": lambda gold, predicted: gold == predicted,
    "overlap": overlap,
    "within_tenth": lambda gold, predicted: abs(point(predicted) - point(gold)) <= point(gold) / 10,
    "within_one": lambda gold, predicted: abs(point(predicted) - point(gold)) <= 1,
}
"""Whether a predicted toll is right, from strict to lenient. The arguments are the gold and the predicted toll."""


def is_scored(gold: Article) -> bool:
    """Returns whether an article's toll is scored. It is not if its label is unknown and no toll is given."""
    return gold.death_toll is not None or DEATH_TOLL not in gold.unknown_labels


def count_tolls(gold: Article, predicted: Article) -> Cells:
    """Counts an article's toll at the levels `tolls_*`; empty if the gold toll is unknown or no side has a toll."""
    return _count(gold, predicted.death_toll, family="tolls")


def count_rule_tolls(gold: Article, _predicted: Article) -> Cells:
    """Counts the toll that `nearest_toll` finds, at the levels `rule_tolls_*`."""
    return _count(gold, nearest_toll(gold.text), family="rule_tolls")


def nearest_toll(text: str) -> Toll | None:
    """Returns the number nearest to a word such as "killed", or None if the text has no such word or no number.

    If several numbers are equally near, the first is returned. This is a deliberately simple baseline.
    """
    text = text.lower()
    words = [match.span() for match in _KILLING.finditer(text)]
    best, nearest = None, float("inf")
    index = 0
    for count in _COUNT.finditer(text):
        while index + 1 < len(words) and words[index][1] <= count.start():
            index += 1
        # `index` is now the first word after the number, or the last word. Only it and the one before can be nearest.
        for start, end in words[max(index - 1, 0) : index + 1]:
            distance = max(start - count.end(), count.start() - end)
            if distance < nearest and (toll := _read(count.group())) is not None:
                best, nearest = toll, distance
    return best


def _count(gold: Article, predicted: Toll | None, *, family: str) -> Cells:
    if not is_scored(gold) or (gold.death_toll is None and predicted is None):
        return {}
    sizes = (int(predicted is not None), int(gold.death_toll is not None))
    return {
        f"{family}_{measure}": {ALL: (float(_both(is_right, gold.death_toll, predicted)), *sizes)}
        for measure, is_right in MEASURES.items()
    }


def _both(is_right: Callable[[Toll, Toll], bool], gold: Toll | None, predicted: Toll | None) -> bool:
    return gold is not None and predicted is not None and is_right(gold, predicted)
