"""Everything that one evaluation says, gathered in one pass over the articles."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from afteraction.data import DEATH_TOLL, LABELS, Article, InputError
from afteraction.evaluation.counting.entities import EntityForm
from afteraction.evaluation.counting.levels import LEVELS, Level, counters, levels_of
from afteraction.evaluation.counting.names import NAMES
from afteraction.evaluation.counting.pairs import pair_articles, without_unknown
from afteraction.evaluation.counting.seqeval import SeqevalCounter
from afteraction.evaluation.counting.tally import Tally
from afteraction.evaluation.figures.calibration import Calibration, CalibrationCounter
from afteraction.evaluation.figures.errors import ErrorCounter, ErrorCounts
from afteraction.evaluation.figures.scores import Scores, score_levels
from afteraction.evaluation.figures.slices import ArticleSlicer, Slice, SliceCounter, SpanSlicer, default_slicers
from afteraction.evaluation.figures.tolls import TollScores, rule_tolls, system_tolls

SCHEMA_VERSION = 2
"""The version of the report's JSON. It changes when a key is renamed, removed, or changes its meaning, not when one is
added."""

REPORT_SAMPLES = 10_000

_FAMILIES = ("spans", "entities", "names", "tolls", "rule_tolls")

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
        mentions: scores of spans by level: strict, exact, partial, type, head.
        seqeval: the strict scores as seqeval counts them, by label and average; empty where it was left out.
        entities: CEAF-REE by similarity: strict, proportional.
        entity_form: what of a predicted entity was scored.
        tolls: scores of articles' death tolls, beside a plain rule's.
        names: scores of the sets of names per article and label.
        calibration: whether the scores of predicted spans are probabilities; None if they have no scores.
        slices: strict span scores of parts of the articles and spans.
        errors: how often each kind of error occurs, with examples.
        baseline: the same of a system that anyone could have, on the same articles, without slices.
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
    baseline: "Report | None"

    @property
    def shown_entities(self) -> Mapping[str, Scores]:
        """The entity scores to display. With names only, both similarities coincide and one is shown."""
        return self.entities if self.entity_form == "mentions" else {"strict": self.entities["strict"]}

    def record(self) -> dict[str, Any]:
        """The report as JSON has it: no NaN, no tuple keys; docs/report-schema.md describes it."""
        return asdict(self)


class PairCounter(Protocol):
    """What takes the pairs of an evaluation one by one."""

    def add(self, gold: Article, predicted: Article) -> None:
        """Takes an annotated article and the same as a system labelled it."""


@dataclass(frozen=True, slots=True)
class Baseline:
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
    baseline: Baseline | None = None,
    observers: Sequence[PairCounter] = (),
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
        baseline: a plain system to score on the same articles.
        observers: what else takes every pair as it is scored, such as `WorstArticles`.
        samples: of every bootstrap over articles but those of calibration and slices.
        seed: of every bootstrap.

    Raises:
        DataError: the two sides do not hold the same articles.
        InputError: there are no articles.
    """
    system_pass = _Pass(entity_form, default_slicers() if slicers is None else slicers, observers)
    baseline_pass = _Pass(entity_form, ())
    for annotated, labelled in pair_articles(gold, predicted, gold_name=gold_name, system=system):
        system_pass.add(annotated, labelled)
        if baseline is not None:
            baseline_pass.add(annotated, baseline.predict(annotated))
    if not len(system_pass):
        raise InputError(f"{gold_name}: there are no articles to score")

    def report(finished: _Pass, *, name: str, below: Report | None) -> Report:
        return finished.report(labels=labels, gold=gold_name, system=name, baseline=below, samples=samples, seed=seed)

    below = None if baseline is None else report(baseline_pass, name=baseline.name, below=None)
    return report(system_pass, name=system, below=below)


class _Pass:
    """What one system's articles are counted into."""

    def __init__(self, entity_form: EntityForm, slicers: Slicers, observers: Sequence[PairCounter] = ()) -> None:
        self._entity_form = entity_form
        self._tally = Tally(*counters(entity_form, families=_FAMILIES))
        self._tolls, self._rule_tolls = system_tolls(), rule_tolls()
        self._seqeval = SeqevalCounter()
        self._calibration = CalibrationCounter()
        self._slices = SliceCounter(slicers)
        self._errors = ErrorCounter()
        self._counters: tuple[PairCounter, ...] = (
            self._tally,
            self._tolls,
            self._rule_tolls,
            self._seqeval,
            self._calibration,
            self._slices,
            self._errors,
            *observers,
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
        self, *, labels: Sequence[str], gold: str, system: str, baseline: Report | None, samples: int, seed: int
    ) -> Report:
        seen = self._tally.labels
        listed = [*labels] if labels else [label for label in LABELS if label in seen]
        names = (*listed, *(label for label in seen if label not in listed))
        counts = self._tally.counts(levels=[level.name for level in LEVELS], labels=names)
        scores = dict(zip(LEVELS, score_levels(counts, labels=names, samples=samples, seed=seed), strict=True))
        rule = self._rule_tolls.result(_family(scores, "rule_tolls"), rule=None, samples=samples, seed=seed)
        return Report(
            schema_version=SCHEMA_VERSION,
            gold=gold,
            system=system,
            articles=len(self._tally),
            labels=names,
            unknown_labels=dict(sorted(self._unknown.items())),
            mentions=_family(scores, "spans"),
            seqeval=self._seqeval.result(),
            entities=_family(scores, "entities"),
            entity_form=self._entity_form,
            tolls=self._tolls.result(_family(scores, "tolls"), rule=rule, samples=samples, seed=seed),
            names=_without_tolls(_family(scores, "names")[NAMES]),
            calibration=self._calibration.result(seed=seed),
            slices=self._slices.result(seed=seed),
            errors=self._errors.result(),
            baseline=baseline,
        )


def _family(scores: Mapping[Level, Scores], family: str) -> dict[str, Scores]:
    """The scores of a family's levels, by the levels' keys."""
    return {level.key: scores[level] for level in levels_of(family)}


def _without_tolls(scores: Scores) -> Scores:
    """Leaves out the row of death tolls, which are no names."""
    rows = tuple(row for row in scores.labels if row.name != DEATH_TOLL)
    return Scores(scores.articles, rows, scores.micro, scores.macro)
