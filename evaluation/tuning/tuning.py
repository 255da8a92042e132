"""A model's temperature and thresholds, fitted on development articles.

The temperature is the one with the lowest log loss, at which the scores best predict which spans are right. The
thresholds are then chosen for the scores at this temperature.

With few articles, a threshold partly fits chance, so its scores on these articles are too optimistic. The figures to
trust are cross-validated: each article is scored with a temperature and thresholds fitted on other articles.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afteraction.data import Article, InputError, Span, nearest
from afteraction.evaluation.figures.bootstrap import SAMPLES, Floats
from afteraction.evaluation.figures.calibration import Calibration, calibration_of, log_loss
from afteraction.evaluation.figures.scores import Scores, score_levels
from afteraction.evaluation.tuning.thresholds import Choose, best_f1, threshold_curve
from afteraction.model import Tagger
from afteraction.model.decoding import spans_by_temperature

TEMPERATURES = tuple(2.0 ** (step / 6) for step in range(-6, 15))
"""From 0.5 to 5 in steps of about an eighth, which is finer than a few hundred spans can distinguish."""

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Tuning:
    """A fitted temperature and thresholds, and what they change on the articles that they were fitted on.

    The calibration is that of all spans on the best path, including those below a threshold.
    """

    articles: int
    temperature_before: float
    thresholds_before: dict[str, float]
    temperature: float
    thresholds: dict[str, float]
    calibration_before: Calibration
    calibration_after: Calibration
    """Cross-validated."""
    scores_before: Scores
    scores_fitted: Scores
    """On the articles that the thresholds were chosen on, and therefore too optimistic."""
    scores_after: Scores
    """Cross-validated."""

    def record(self) -> dict[str, Any]:
        """Returns the tuning as a JSON object."""
        return asdict(self)


def tune(tagger: Tagger, gold: Sequence[Article], *, choose: Choose = best_f1, seed: int = 0) -> Tuning:
    """Fits a temperature and one threshold per label. The tagger is not changed.

    A label without a right predicted span keeps its threshold.

    Args:
        tagger: the model.
        gold: gold articles that the model was not trained on.
        choose: the rule that chooses a threshold.
        seed: the seed of the bootstrap over articles.

    Raises:
        InputError: there are fewer than two articles, an article occurs twice, a span has a label that the model does
            not have, or the model finds no span in them.
    """
    if len(gold) < 2:
        raise InputError(f"{len(gold)} article(s) are too few to fit on: thresholds are tried on other articles")
    [(most_frequent, times)] = Counter(article.id for article in gold).most_common(1)
    if times > 1:
        raise InputError(
            f"article {most_frequent!r} occurs twice in the annotated articles: it could be fitted and tried on"
        )
    for article in gold:
        for span in article.spans:
            if span.label not in tagger.labels:
                hint = nearest(span.label, tagger.labels)
                raise InputError(f"article {article.id!r}: the model has no label {span.label!r}; {hint}")
    gold = sorted(gold, key=lambda article: article.id)
    spans = _predict(tagger, gold)
    if not len(spans.right):
        raise InputError("the model finds no span in these articles, so there is nothing to fit")
    settings, labels = tagger.settings, tagger.labels
    before = np.array([settings.thresholds[label] for label in labels])
    everything = np.ones(len(gold), dtype=np.bool_)
    step, thresholds = spans.fit(everything, choose=choose, otherwise=before)
    # Cross-validation: fit on all folds but one, and apply the result to the articles and spans of that fold.
    folds = _folds(gold)
    held_out_scores = np.empty(len(spans.right))
    held_out_thresholds = np.empty((len(gold), len(labels)))
    for fold in range(int(folds.max()) + 1):
        fold_step, fold_thresholds = spans.fit(folds != fold, choose=choose, otherwise=before)
        held_out_thresholds[folds == fold] = fold_thresholds
        held_out = folds[spans.articles] == fold
        held_out_scores[held_out] = spans.scores[held_out, fold_step]
    return Tuning(
        articles=len(gold),
        temperature_before=settings.temperature,
        thresholds_before=dict(settings.thresholds),
        temperature=TEMPERATURES[step],
        # Scores have six decimals, so a threshold halfway between two has seven.
        thresholds={label: round(float(value), 7) for label, value in zip(labels, thresholds, strict=True)},
        calibration_before=calibration_of(spans.scores_before, spans.right, spans.articles, seed=seed),
        calibration_after=calibration_of(held_out_scores, spans.right, spans.articles, seed=seed),
        scores_before=spans.score(spans.scores_before, np.tile(before, (len(gold), 1)), labels=labels, seed=seed),
        scores_fitted=spans.score(spans.scores[:, step], np.tile(thresholds, (len(gold), 1)), labels=labels, seed=seed),
        scores_after=spans.score(held_out_scores, held_out_thresholds, labels=labels, seed=seed),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _PredictedSpans:
    """The spans on the best path of each article, as arrays of shape (spans, ...)."""

    scores_before: Floats
    scores: Floats
    """Shape (spans, temperatures)."""
    right: Floats
    labels: NDArray[np.int64]
    articles: NDArray[np.int64]
    support: Floats
    """The number of gold spans, shape (articles, labels)."""

    def fit(self, chosen: NDArray[np.bool_], *, choose: Choose, otherwise: Floats) -> tuple[int, Floats]:
        """Returns the index of the best temperature, and the thresholds, shape (labels,).

        Args:
            chosen: a mask of the articles to fit on, shape (articles,).
            choose: the rule that chooses a threshold.
            otherwise: the thresholds before, which labels without a right span keep, shape (labels,).
        """
        among = chosen[self.articles]
        losses = [log_loss(scores, self.right[among]) for scores in self.scores[among].T] if among.any() else [0.0]
        step = int(np.argmin(losses))
        thresholds = otherwise.copy()
        for label in range(len(otherwise)):
            of_label = among & (self.labels == label)
            if self.right[of_label].any():  # otherwise, no threshold is better than another
                support = int(self.support[chosen, label].sum())
                kept_before = int((self.scores_before[of_label] >= otherwise[label]).sum())
                curve = threshold_curve(
                    self.scores[of_label, step], self.right[of_label], support=support, kept_before=kept_before
                )
                thresholds[label] = choose(curve)
        return step, thresholds

    def score(self, scores: Floats, thresholds: Floats, *, labels: Sequence[str], seed: int) -> Scores:
        """Returns the strict span scores under thresholds of shape (articles, labels)."""
        kept = scores >= thresholds[self.articles, self.labels]
        cells = self.articles[kept] * len(labels) + self.labels[kept]
        counts = np.zeros((len(self.support), 1, len(labels) + 1, 3))
        # The last axis: credit, predicted, gold.
        for index, weights in enumerate((self.right[kept], np.ones(len(cells)))):
            per_cell = np.bincount(cells, weights=weights, minlength=self.support.size)
            counts[:, 0, :-1, index] = per_cell.reshape(self.support.shape)
        counts[:, 0, :-1, 2] = self.support
        counts[:, :, -1] = counts[:, :, :-1].sum(axis=2)
        [level] = score_levels(counts, labels=labels, samples=SAMPLES, seed=seed)
        return level


def _predict(tagger: Tagger, gold: Sequence[Article]) -> _PredictedSpans:
    temperatures = (tagger.settings.temperature, *TEMPERATURES)
    by_temperature = spans_by_temperature(list(tagger.emissions(gold)), tagger.settings, temperatures=temperatures)

    def with_known_label(spans: Sequence[Sequence[Span]]) -> list[tuple[int, Span]]:
        """Returns the spans whose label is known in their article, each with the article's index."""
        return [
            (index, span)
            for index, (article, of_article) in enumerate(zip(gold, spans, strict=True))
            for span in of_article
            if span.label not in article.unknown_labels
        ]

    scores = np.array(
        [[span.score for _, span in with_known_label(spans)] for spans in by_temperature], dtype=np.float64
    )
    kept = with_known_label(by_temperature[0])  # the spans are the same at every temperature
    index_of = {label: index for index, label in enumerate(tagger.labels)}
    gold_spans = [{(span.start, span.end, span.label) for span in article.spans} for article in gold]
    support = np.zeros((len(gold), len(index_of)))
    for index, article in enumerate(gold):
        for span in article.spans:
            if span.label in index_of and span.label not in article.unknown_labels:
                support[index, index_of[span.label]] += 1
    return _PredictedSpans(
        scores_before=scores[0],
        scores=scores[1:].T,
        right=np.array([(s.start, s.end, s.label) in gold_spans[index] for index, s in kept], dtype=np.float64),
        labels=np.array([index_of[span.label] for _, span in kept], dtype=np.int64),
        articles=np.array([index for index, _ in kept], dtype=np.int64),
        support=support,
    )


def _folds(gold: Sequence[Article]) -> NDArray[np.int64]:
    """Returns the fold of each article. Folds are of similar size and do not depend on the order of the articles."""
    order = sorted(range(len(gold)), key=lambda index: sha256(gold[index].id.encode()).digest())
    folds = np.empty(len(gold), dtype=np.int64)
    folds[order] = np.arange(len(gold)) % min(FOLDS, len(gold))
    return folds
