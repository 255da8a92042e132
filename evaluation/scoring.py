"""The full report of one evaluation, from one pass over the articles."""

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
"""The version of the report's JSON.

It changes when a key is renamed, removed or changes its meaning. It does not change when a key is added.
"""

REPORT_SAMPLES = 10_000

_FAMILIES = ("spans", "entities", "names", "tolls", "rule_tolls")

Slicers = Sequence[ArticleSlicer | SpanSlicer]


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of a system at every level. docs/metrics.md explains each figure.

    Attributes:
        schema_version: the version of what `record` returns.
        gold: the name of the gold articles, for display.
        system: the name of the system that predicted, for display.
        articles: the number of articles scored.
        labels: the labels, in the order of every table.
        unknown_labels: label -> the number of articles in which it is unknown. It is not scored in those.
        mentions: span scores by level: strict, exact, partial, type, head.
        seqeval: the strict scores as seqeval counts them, by label and average; empty if the check was left out.
        entities: CEAF-REE scores by similarity: strict, proportional.
        entity_form: which strings of a predicted entity were scored.
        tolls: the scores of the articles' death tolls, with those of a plain rule.
        names: the scores of the sets of names per article and label.
        calibration: whether the scores of predicted spans are probabilities; None if the spans have no scores.
        slices: strict span scores of subsets of the articles and spans.
        errors: the number of errors of each kind, with examples.
        baseline: the report of a plain system on the same articles, without slices and baseline; None if not scored.
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
        """The entity scores to display. With names only, both similarities coincide, so only one is shown."""
        return self.entities if self.entity_form == "mentions" else {"strict": self.entities["strict"]}

    def record(self) -> dict[str, Any]:
        """Returns the report as a JSON object, without NaN and tuple keys. docs/report-schema.md describes it."""
        return asdict(self)


class PairCounter(Protocol):
    """An object that receives the pairs of an evaluation one by one."""

    def add(self, gold: Article, predicted: Article) -> None:
        """Adds a gold article and the same article as predicted."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A plain system to compare with: its name, and the function that predicts an article."""

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
    """Scores predicted articles against gold articles. Both are read as streams.

    Args:
        gold: the gold articles.
        predicted: the same articles as a system predicted them. If the order is the same, none is held in memory.
        labels: the labels to list first. All other labels of either side follow, since they count too.
        gold_name: the name of the gold articles in the report.
        system: the name of the system in the report.
        entity_form: which strings of a predicted entity are scored.
        slicers: the dimensions of slices; None for the default ones.
        baseline: a plain system to score on the same articles; None for no baseline.
        observers: further objects that receive every pair, such as `WorstArticles`.
        samples: the number of samples of every bootstrap except those of calibration and slices.
        seed: the seed of every bootstrap.

    Raises:
        DataError: the two sides do not hold the same articles.
        InputError: there are no articles.
    """
    system_pass = _Pass(entity_form, default_slicers() if slicers is None else slicers, observers)
    baseline_pass = _Pass(entity_form, ())
    for gold_article, predicted_article in pair_articles(gold, predicted, gold_name=gold_name, system=system):
        system_pass.add(gold_article, predicted_article)
        if baseline is not None:
            baseline_pass.add(gold_article, baseline.predict(gold_article))
    if not len(system_pass):
        raise InputError(f"{gold_name}: there are no articles to score")

    options = _Options(labels=labels, gold=gold_name, samples=samples, seed=seed)
    baseline_report = None if baseline is None else baseline_pass.report(options, system=baseline.name, baseline=None)
    return system_pass.report(options, system=system, baseline=baseline_report)


@dataclass(frozen=True, slots=True)
class _Options:
    """What the reports of the system and of the baseline have in common."""

    labels: Sequence[str]
    gold: str
    samples: int
    seed: int


class _Pass:
    """All counters of one system's articles."""

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

    def report(self, options: _Options, *, system: str, baseline: Report | None) -> Report:
        samples, seed = options.samples, options.seed
        seen = self._tally.labels
        listed = [*options.labels] if options.labels else [label for label in LABELS if label in seen]
        names = (*listed, *(label for label in seen if label not in listed))
        counts = self._tally.counts(levels=[level.name for level in LEVELS], labels=names)
        scores = dict(zip(LEVELS, score_levels(counts, labels=names, samples=samples, seed=seed), strict=True))
        rule = self._rule_tolls.result(_family(scores, "rule_tolls"), rule=None, samples=samples, seed=seed)
        return Report(
            schema_version=SCHEMA_VERSION,
            gold=options.gold,
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
    """Returns the scores of a family's levels, by the levels' keys."""
    return {level.key: scores[level] for level in levels_of(family)}


def _without_tolls(scores: Scores) -> Scores:
    """Leaves out the row of death tolls, which are not names."""
    rows = tuple(row for row in scores.labels if row.name != DEATH_TOLL)
    return Scores(scores.articles, rows, scores.micro, scores.macro)
