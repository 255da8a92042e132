"""Everything that one evaluation says, gathered in one pass over the articles."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from afteraction.data import DEATH_TOLL, LABELS, Article, InputError
from afteraction.evaluation.counting.entities import ENTITY_COUNTERS, ENTITY_LEVELS, EntityForm
from afteraction.evaluation.counting.names import NAMES, count_names
from afteraction.evaluation.counting.pairs import pair_articles, without_unknown
from afteraction.evaluation.counting.seqeval import SeqevalCounter
from afteraction.evaluation.counting.spans import SCHEMES, count_mentions
from afteraction.evaluation.counting.tally import Tally
from afteraction.evaluation.figures.calibration import Calibration, CalibrationCounter
from afteraction.evaluation.figures.errors import ErrorCounter, ErrorCounts
from afteraction.evaluation.figures.scores import Scores, score_levels
from afteraction.evaluation.figures.slices import ArticleSlicer, Slice, SliceCounter, SpanSlicer, default_slicers
from afteraction.evaluation.figures.tolls import (
    RULE_LEVELS,
    TOLL_LEVELS,
    TollScores,
    count_rule_tolls,
    count_tolls,
    toll_scores,
)

SCHEMA_VERSION = 1
"""Of the report's JSON: it changes when a key is renamed, leaves, or means something else, not when one is added."""

REPORT_SAMPLES = 10_000

Slicers = Sequence[ArticleSlicer | SpanSlicer]


@dataclass(frozen=True, slots=True)
class Report:
    """How a system did at every level; docs/metrics.md says what each figure means.

    Attributes:
        schema_version: of `record`.
        gold: what was annotated, as a person names it.
        system: whose predictions these are, as a person names it.
        articles: how many were scored.
        labels: the labels in the order of every table.
        unknown_labels: of each label that some articles leave unknown, how many; it is not scored there.
        mentions: scores of spans by scheme: strict, exact, partial, type, head.
        seqeval: the strict scores as seqeval counts them, by label and average; empty where it was left out.
        entities: CEAF-REE by similarity: strict, proportional.
        entity_form: what of a predicted entity was scored.
        tolls: scores of articles' death tolls, beside a plain rule's.
        names: scores of the sets of names per article and label.
        calibration: whether the scores of predicted spans are probabilities; None if they have no scores.
        slices: strict span scores of parts of the articles and spans.
        errors: how often each kind of error occurs, with examples.
        floor: the same of a system that anyone could have, on the same articles, without slices.
    """

    schema_version: int
    gold: str
    system: str
    articles: int
    labels: tuple[str, ...]
    unknown_labels: Mapping[str, int]
    mentions: Mapping[str, Scores]
    seqeval: Mapping[str, Mapping[str, float]]
    entities: Mapping[str, Scores]
    entity_form: EntityForm
    tolls: TollScores
    names: Scores
    calibration: Calibration | None
    slices: tuple[Slice, ...]
    errors: ErrorCounts
    floor: "Report | None"

    @property
    def told_entities(self) -> Mapping[str, Scores]:
        """`entities` as people are told them: of a name alone, the two similarities are the same."""
        return self.entities if self.entity_form == "mentions" else {"strict": self.entities["strict"]}

    def record(self) -> dict[str, Any]:
        """The report as JSON has it: no NaN, no tuple keys; docs/report-schema.md describes it."""
        return asdict(self)


class PairCounter(Protocol):
    """What takes the pairs of an evaluation one by one."""

    def add(self, gold: Article, predicted: Article) -> None:
        """Takes an annotated article and the same as a system labelled it."""


@dataclass(frozen=True, slots=True)
class Floor:
    """A plain system to compare with: what it is called, and how it labels an article."""

    name: str
    predict: Callable[[Article], Article]


def evaluate(
    gold: Iterable[Article],
    predicted: Iterable[Article],
    *,
    labels: Sequence[str] = (),
    gold_name: str = "gold",
    system: str = "system",
    entity_form: EntityForm = "name",
    slicers: Slicers | None = None,
    floor: Floor | None = None,
    beside: Sequence[PairCounter] = (),
    samples: int = REPORT_SAMPLES,
    seed: int = 0,
) -> Report:
    """Scores predicted articles against annotated ones, both read as streams.

    Args:
        gold: the annotated articles.
        predicted: the same articles as a system labelled them, best in the same order: then none is held.
        labels: those to list first; every other that either side has follows, since it counts too.
        gold_name: what the report calls the annotated articles.
        system: what the report calls the system.
        entity_form: what of a predicted entity is scored.
        slicers: the dimensions of slices; None for the default ones.
        floor: a plain system to score on the same articles.
        beside: what else is to take every pair as it is scored, such as `WorstArticles`.
        samples: of every bootstrap over articles but those of calibration and slices.
        seed: of every bootstrap.

    Raises:
        DataError: the two sides do not hold the same articles.
        InputError: there are no articles.
    """
    system_pass = _Pass(entity_form, default_slicers() if slicers is None else slicers, beside)
    floor_pass = _Pass(entity_form, ())
    for known, found in pair_articles(gold, predicted, gold_name=gold_name, system=system):
        system_pass.add(known, found)
        if floor is not None:
            floor_pass.add(known, floor.predict(known))
    if not len(system_pass):
        raise InputError(f"{gold_name}: there are no articles to score")

    def report(finished: _Pass, *, name: str, below: Report | None) -> Report:
        return finished.report(labels=labels, gold=gold_name, system=name, floor=below, samples=samples, seed=seed)

    below = None if floor is None else report(floor_pass, name=floor.name, below=None)
    return report(system_pass, name=system, below=below)


class _Pass:
    """What one system's articles are counted into."""

    def __init__(self, entity_form: EntityForm, slicers: Slicers, beside: Sequence[PairCounter] = ()) -> None:
        self._entity_form = entity_form
        levels = (count_mentions, ENTITY_COUNTERS[entity_form], count_names, count_tolls, count_rule_tolls)
        self._tally = Tally(*levels)
        self._seqeval = SeqevalCounter()
        self._calibration = CalibrationCounter()
        self._slices = SliceCounter(slicers)
        self._errors = ErrorCounter()
        self._counters: tuple[PairCounter, ...] = (
            self._tally,
            self._seqeval,
            self._calibration,
            self._slices,
            self._errors,
            *beside,
        )
        self._unknown: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._tally)

    def add(self, gold: Article, predicted: Article) -> None:
        for label in gold.unknown_labels:
            self._unknown[label] = self._unknown.get(label, 0) + 1
        gold, predicted = without_unknown(gold, predicted)
        for counter in self._counters:
            counter.add(gold, predicted)

    def report(
        self, *, labels: Sequence[str], gold: str, system: str, floor: Report | None, samples: int, seed: int
    ) -> Report:
        seen = self._tally.labels
        listed = [*labels] if labels else [label for label in LABELS if label in seen]
        names = (*listed, *(label for label in seen if label not in listed))
        levels = (*SCHEMES, *ENTITY_LEVELS.values(), NAMES, *TOLL_LEVELS.values(), *RULE_LEVELS.values())
        counts = self._tally.counts(levels=levels, labels=names)
        scores = dict(zip(levels, score_levels(counts, labels=names, samples=samples, seed=seed), strict=True))
        return Report(
            schema_version=SCHEMA_VERSION,
            gold=gold,
            system=system,
            articles=len(self._tally),
            labels=names,
            unknown_labels=dict(sorted(self._unknown.items())),
            mentions={scheme: scores[scheme] for scheme in SCHEMES},
            seqeval=self._seqeval.result(),
            entities={name: scores[level] for name, level in ENTITY_LEVELS.items()},
            entity_form=self._entity_form,
            tolls=toll_scores(scores),
            names=_without_tolls(scores[NAMES]),
            calibration=self._calibration.result(seed=seed),
            slices=self._slices.result(seed=seed),
            errors=self._errors.result(),
            floor=floor,
        )


def _without_tolls(scores: Scores) -> Scores:
    """Leaves out the row of death tolls, which are no names."""
    rows = tuple(row for row in scores.labels if row.name != DEATH_TOLL)
    return Scores(scores.articles, rows, scores.micro, scores.macro)
