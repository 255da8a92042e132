"""The levels at which a system is scored. A new level needs one entry here and a function that counts it.

A level defines when a predicted item counts as right. Counters give an article's counts at one or more levels.
Everything else (scores, intervals, comparisons, tables, pages) goes through `LEVELS`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from afteraction.evaluation.counting.entities import ENTITY_COUNTERS, EntityForm
from afteraction.evaluation.counting.names import NAMES, count_names
from afteraction.evaluation.counting.spans import STRICT, count_mentions
from afteraction.evaluation.counting.tally import CountArticle
from afteraction.evaluation.counting.tolls import count_rule_tolls, count_tolls


@dataclass(frozen=True, slots=True)
class Level:
    """One way to score.

    Attributes:
        name: the level's key in counts and comparisons.
        family: the kind of item that is scored: `spans`, `entities`, `names`, `tolls`, or `rule_tolls` (the tolls of
            a plain rule).
        key: the level's key within its family, as reports use it.
        title: the level's name in tables.
        meaning: when an item counts as right, in words.
        has_labels: whether the level has one row per label, and therefore a macro average.
    """

    name: str
    family: str
    key: str
    title: str
    meaning: str
    has_labels: bool = True


_SPANS = {
    STRICT: "same characters, same label",
    "exact": "same characters, whatever the label",
    "partial": "half credit for an overlap, whatever the label",
    "type": "an overlap with the same label",
    "head": "same head word, same label",
}
_ENTITIES = {
    "strict": "all its mentions are among the gold entity's",
    "proportional": "credit for the share of its mentions that are among the gold entity's",
}
_TOLLS = {
    "exact": ("exact", "its range is the same"),
    "overlap": ("overlap", "the ranges have a number in common"),
    "within_tenth": ("within 10 %", "it is within 10 %"),
    "within_one": ("within one", "it is off by one at most"),
}

LEVELS: tuple[Level, ...] = (
    *(Level(key, "spans", key, f"spans, {key}", meaning) for key, meaning in _SPANS.items()),
    *(
        Level(f"entities_{key}", "entities", key, f"entities, CEAF-REE {key}", meaning)
        for key, meaning in _ENTITIES.items()
    ),
    Level(NAMES, "names", NAMES, "names", "the article has this name with the same label"),
    *(
        Level(f"tolls_{key}", "tolls", key, f"death toll, {title}", meaning, has_labels=False)
        for key, (title, meaning) in _TOLLS.items()
    ),
    *(
        Level(
            f"rule_tolls_{key}", "rule_tolls", key, f"death toll, {title}, by a plain rule", meaning, has_labels=False
        )
        for key, (title, meaning) in _TOLLS.items()
    ),
)
"""Every level, in the order of tables."""

LEVEL = {level.name: level for level in LEVELS}
"""The levels by name."""

MEANINGS = {
    family: {level.key: level.meaning for level in LEVELS if level.family == family}
    for family in dict.fromkeys(level.family for level in LEVELS)
}
"""When an item counts as right, by family and key."""


def levels_of(*families: str) -> tuple[Level, ...]:
    """Returns the levels of some families, in the order of `LEVELS`."""
    return tuple(level for level in LEVELS if level.family in families)


def counters(entity_form: EntityForm, *, families: Sequence[str]) -> tuple[CountArticle, ...]:
    """Returns the functions that count the levels of some families.

    Args:
        entity_form: which strings of a predicted entity are scored.
        families: the families, in the order of the functions.
    """
    count = {
        "spans": count_mentions,
        "entities": ENTITY_COUNTERS[entity_form],
        "names": count_names,
        "tolls": count_tolls,
        "rule_tolls": count_rule_tolls,
    }
    return tuple(count[family] for family in families)
