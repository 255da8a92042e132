"""Comparisons of two systems on the same articles, and of several runs of one system."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import tee, zip_longest
from typing import Any, Literal

import numpy as np

from afteraction.data import Article, InputError
from afteraction.evaluation.counting.entities import EntityForm
from afteraction.evaluation.counting.levels import counters, levels_of
from afteraction.evaluation.counting.pairs import pair_articles, without_unknown
from afteraction.evaluation.counting.tally import Counts, Tally
from afteraction.evaluation.figures.bootstrap import Floats, bootstrap_totals, swap_totals
from afteraction.evaluation.figures.scores import Interval, interval, macro, rates

_FAMILIES = ("spans", "entities", "names", "tolls")
_LEVELS = levels_of(*_FAMILIES)
_LABELLED = sum(level.has_labels for level in _LEVELS)
"""The number of levels with one row per label. They come first in `_LEVELS`."""

COMPARISON_SAMPLES = 10_000

_ROUNDING = 1e-12
"""Tolerance for comparing a shuffled difference with the observed one, since float sums depend on their order."""

Average = Literal["micro", "macro"]

_MEASURED: tuple[tuple[str, Average], ...] = (
    *((level.name, "micro") for level in _LEVELS),
    *((level.name, "macro") for level in _LEVELS if level.has_labels),
)
"""The level and average of every F1 that is compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference between two systems in one F1.

    `difference` is the second system's F1 minus the first's. `interval` is its paired bootstrap interval over
    articles. `p` is from the two-sided approximate randomisation test (Noreen 1989): the probability of a difference
    at least as large if it did not matter which system predicted which article. It is never 0, since the unshuffled
    articles count as one of the shuffles.
    """

    level: str
    average: Average
    first: float
    second: float
    difference: float
    interval: Interval
    p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems on the same articles, at every level."""

    articles: int
    samples: int
    differences: tuple[Difference, ...]

    def record(self) -> dict[str, Any]:
        """Returns the comparison as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Spread:
    """One F1 over several runs. `deviation` is the sample standard deviation, with denominator n - 1."""

    level: str
    average: Average
    mean: float
    deviation: float
    runs: tuple[float, ...]


def compare(
    gold: Iterable[Article],
    first: Iterable[Article],
    second: Iterable[Article],
    *,
    names: tuple[str, str, str] = ("the annotated articles", "the first system", "the second system"),
    entity_form: EntityForm = "name",
    samples: int = COMPARISON_SAMPLES,
    seed: int = 0,
) -> Comparison:
    """Compares two systems' predictions for the same articles, in any order.

    Args:
        gold: the gold articles.
        first: the same articles as one system predicted them.
        second: the same articles as the other system predicted them.
        names: the names of the three in error messages, such as their files.
        entity_form: which strings of a predicted entity are scored.
        samples: the number of bootstrap samples, and of shuffles.
        seed: the seed of both.

    Raises:
        DataError: a system's articles are not the gold articles.
        InputError: there are no articles.
    """
    tallies = _tallies(gold, [first, second], names=names, entity_form=entity_form)
    one, other = _counts(tallies)
    if not len(one):
        raise InputError("there are no articles to compare systems on")
    observed = _averages(np.stack([one.sum(axis=0), other.sum(axis=0)]))
    # The test swaps systems within articles; the interval draws whole articles, the same for both systems.
    shuffled = [_averages(totals) for totals in swap_totals(one, other, samples=samples, seed=seed)]
    drawn = _averages(bootstrap_totals(np.stack([one, other], axis=1), samples=samples, seed=seed))
    differences = []
    for column, (level, average) in enumerate(_MEASURED):
        first_f1, second_f1 = (float(f1) for f1 in observed[:, column])
        by_chance = np.abs(shuffled[1][:, column] - shuffled[0][:, column])
        at_least = int((by_chance >= abs(second_f1 - first_f1) - _ROUNDING).sum())
        differences.append(
            Difference(
                level=level,
                average=average,
                first=first_f1,
                second=second_f1,
                difference=second_f1 - first_f1,
                interval=interval(drawn[:, 1, column] - drawn[:, 0, column]),
                p=(1 + at_least) / (1 + samples),
            )
        )
    return Comparison(len(one), samples, tuple(differences))


def spread(
    gold: Iterable[Article],
    runs: Sequence[Iterable[Article]],
    *,
    names: Sequence[str] = (),
    entity_form: EntityForm = "name",
) -> tuple[Spread, ...]:
    """Returns the mean and deviation of every F1 over runs of one system that differ in their seed.

    Args:
        gold: the gold articles.
        runs: the same articles as each run predicted them.
        names: the names of the gold articles and of each run in error messages, such as their files.
        entity_form: which strings of a predicted entity are scored.

    Raises:
        DataError: a run's articles are not the gold articles.
        InputError: there are fewer than two runs, or no articles.
    """
    if len(runs) < 2:
        raise InputError("a deviation needs the predictions of at least two runs")
    names = names or ("the annotated articles", *(f"run {number}" for number in range(1, len(runs) + 1)))
    counts = _counts(_tallies(gold, runs, names=names, entity_form=entity_form))
    if not len(counts[0]):
        raise InputError("there are no articles to score runs on")
    scores = _averages(np.stack([of_run.sum(axis=0) for of_run in counts]))
    return tuple(
        Spread(level, average, float(values.mean()), float(values.std(ddof=1)), tuple(map(float, values)))
        for (level, average), values in zip(_MEASURED, scores.T, strict=True)
    )


def _tallies(
    gold: Iterable[Article], systems: Sequence[Iterable[Article]], *, names: Sequence[str], entity_form: EntityForm
) -> list[Tally]:
    """Counts all systems side by side. Articles are held in memory only where the orders of the streams differ."""
    gold_name, *system_names = names
    tallies = [Tally(*counters(entity_form, families=_FAMILIES)) for _ in systems]
    copies = tee(gold, len(systems))
    streams = [
        pair_articles(copy, system, gold_name=gold_name, system=name)
        for copy, system, name in zip(copies, systems, system_names, strict=True)
    ]
    for pairs in zip_longest(*streams):
        for tally, pair in zip(tallies, pairs, strict=True):
            if pair is not None:
                tally.add(*without_unknown(*pair))
    return tallies


def _counts(tallies: Sequence[Tally]) -> list[Counts]:
    """Returns each system's counts for the labels of all systems, so that their arrays have the same shape."""
    labels = sorted({label for tally in tallies for label in tally.labels})
    return [tally.counts(levels=[level.name for level in _LEVELS], labels=labels) for tally in tallies]


def _averages(totals: Floats) -> Floats:
    """Returns every F1 in `_MEASURED`, in that order, from totals of shape (..., levels, labels + 1, 3)."""
    f1 = rates(totals)[2]
    means = macro(f1[..., :_LABELLED, :-1], totals[..., :_LABELLED, :-1, :])
    return np.concatenate([f1[..., -1], means], axis=-1)
