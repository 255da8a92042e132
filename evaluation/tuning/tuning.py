"""A model's temperature and thresholds, fitted on development articles.

The temperature is the one under which the scores of the predicted spans make it most likely which of them are right;
the thresholds are chosen for the scores under it. Few articles fit a threshold each time a little by chance, so that
what it promises on them is too much. The figures to trust are cross-validated: each article is scored under a
temperature and thresholds that were fitted on other articles.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afteraction.data import Article, InputError, Span
from afteraction.evaluation.figures.bootstrap import SAMPLES, Floats
from afteraction.evaluation.figures.calibration import Calibration, calibration_of, log_loss
from afteraction.evaluation.figures.scores import Scores, score_levels
from afteraction.evaluation.tuning.thresholds import Choose, best_f1, threshold_curve
from afteraction.model import Tagger
from afteraction.model.decoding import spans_by_temperature

TEMPERATURES = tuple(2.0 ** (step / 6) for step in range(-6, 15))
"""From 0.5 to 5, each an eighth above the one before: closer than a few hundred spans could tell apart."""

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Tuning:
    """A fitted temperature and thresholds, and what they change on the articles that they were fitted on.

    Calibration is that of all spans on the best path, those below a threshold too.
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
    """On the articles that the thresholds were chosen on, and so too good."""
    scores_after: Scores
    """Cross-validated."""

    def record(self) -> dict[str, Any]:
        """The tuning as JSON has it."""
        return asdict(self)


def tune(tagger: Tagger, gold: Sequence[Article], *, choose: Choose = best_f1, seed: int = 0) -> Tuning:
    """Fits a temperature and a threshold for each label; the tagger stays as it is.

    A label of which no predicted span is right keeps its threshold.

    Args:
        tagger: the model.
        gold: annotated articles that it was not trained on.
        choose: which threshold to take.
        seed: of the bootstrap over articles.

    Raises:
        InputError: there are fewer than two articles, one is there twice, or the model finds nothing in them.
    """
    if len(gold) < 2:
        raise InputError(f"{len(gold)} article(s) are too few to fit on: thresholds are tried on other articles")
    [(most_frequent, times)] = Counter(article.id for article in gold).most_common(1)
    if times > 1:
        raise InputError(
            f"article {most_frequent!r} is twice in the annotated articles: it could be fitted and tried on"
        )
    gold = sorted(gold, key=lambda article: article.id)
    found = _find(tagger, gold)
    if not len(found.right):
        raise InputError("the model finds no span in these articles, so there is nothing to fit")
    settings, labels = tagger.settings, tagger.labels
    before = np.array([settings.thresholds[label] for label in labels])
    everything = np.ones(len(gold), dtype=np.bool_)
    step, thresholds = found.fit(everything, choose=choose, otherwise=before)
    folds = _folds(gold)
    held_scores = np.empty(len(found.right))
    held_thresholds = np.empty((len(gold), len(labels)))
    for fold in range(int(folds.max()) + 1):
        fold_step, fold_thresholds = found.fit(folds != fold, choose=choose, otherwise=before)
        held_thresholds[folds == fold] = fold_thresholds
        held = folds[found.articles] == fold
        held_scores[held] = found.scores[held, fold_step]
    return Tuning(
        articles=len(gold),
        temperature_before=settings.temperature,
        thresholds_before=dict(settings.thresholds),
        temperature=TEMPERATURES[step],
        # Scores have six decimals, so what lies halfway between two has seven.
        thresholds={label: round(float(value), 7) for label, value in zip(labels, thresholds, strict=True)},
        calibration_before=calibration_of(found.scores_before, found.right, found.articles, seed=seed),
        calibration_after=calibration_of(held_scores, found.right, found.articles, seed=seed),
        scores_before=found.score(found.scores_before, np.tile(before, (len(gold), 1)), labels=labels, seed=seed),
        scores_fitted=found.score(found.scores[:, step], np.tile(thresholds, (len(gold), 1)), labels=labels, seed=seed),
        scores_after=found.score(held_scores, held_thresholds, labels=labels, seed=seed),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """The spans on the best path of each article, in arrays of shape (spans, ...)."""

    scores_before: Floats
    scores: Floats
    """Shape (spans, temperatures)."""
    right: Floats
    labels: NDArray[np.int64]
    articles: NDArray[np.int64]
    support: Floats
    """Annotated spans, shape (articles, labels)."""

    def fit(self, chosen: NDArray[np.bool_], *, choose: Choose, otherwise: Floats) -> tuple[int, Floats]:
        """The place of the best temperature, and the thresholds, for the articles chosen by a mask."""
        among = chosen[self.articles]
        losses = [log_loss(scores, self.right[among]) for scores in self.scores[among].T] if among.any() else [0.0]
        step = int(np.argmin(losses))
        thresholds = otherwise.copy()
        for label in range(len(otherwise)):
            mine = among & (self.labels == label)
            if self.right[mine].any():  # else no threshold is better than another
                support = int(self.support[chosen, label].sum())
                thresholds[label] = choose(threshold_curve(self.scores[mine, step], self.right[mine], support=support))
        return step, thresholds

    def score(self, scores: Floats, thresholds: Floats, *, labels: Sequence[str], seed: int) -> Scores:
        """The exact span scores under thresholds of shape (articles, labels)."""
        kept = scores >= thresholds[self.articles, self.labels]
        cells = self.articles[kept] * len(labels) + self.labels[kept]
        counts = np.zeros((len(self.support), 1, len(labels) + 1, 3))
        for place, weights in enumerate((self.right[kept], np.ones(len(cells)))):
            found = np.bincount(cells, weights=weights, minlength=self.support.size)
            counts[:, 0, :-1, place] = found.reshape(self.support.shape)
        counts[:, 0, :-1, 2] = self.support
        counts[:, :, -1] = counts[:, :, :-1].sum(axis=2)
        [level] = score_levels(counts, labels=labels, samples=SAMPLES, seed=seed)
        return level


def _find(tagger: Tagger, gold: Sequence[Article]) -> _Found:
    temperatures = (tagger.settings.temperature, *TEMPERATURES)
    by_temperature = spans_by_temperature(list(tagger.emissions(gold)), tagger.settings, temperatures=temperatures)

    def known(spans: Sequence[Sequence[Span]]) -> list[tuple[int, Span]]:
        """The spans whose label was looked for in their article, each with the article's index."""
        return [
            (index, span)
            for index, (article, found) in enumerate(zip(gold, spans, strict=True))
            for span in found
            if span.label not in article.unknown_labels
        ]

    scores = np.array([[span.score for _, span in known(spans)] for spans in by_temperature], dtype=np.float64)
    kept = known(by_temperature[0])  # the same spans at every temperature
    index_of = {label: index for index, label in enumerate(tagger.labels)}
    annotated = [{(span.start, span.end, span.label) for span in article.spans} for article in gold]
    support = np.zeros((len(gold), len(index_of)))
    for index, article in enumerate(gold):
        for span in article.spans:
            if span.label in index_of and span.label not in article.unknown_labels:
                support[index, index_of[span.label]] += 1
    return _Found(
        scores_before=scores[0],
        scores=scores[1:].T,
        right=np.array([(s.start, s.end, s.label) in annotated[index] for index, s in kept], dtype=np.float64),
        labels=np.array([index_of[span.label] for _, span in kept], dtype=np.int64),
        articles=np.array([index for index, _ in kept], dtype=np.int64),
        support=support,
    )


def _folds(gold: Sequence[Article]) -> NDArray[np.int64]:
    """The fold of each article: of like size, and whatever order the articles come in."""
    order = sorted(range(len(gold)), key=lambda index: sha256(gold[index].id.encode()).digest())
    folds = np.empty(len(gold), dtype=np.int64)
    folds[order] = np.arange(len(gold)) % min(FOLDS, len(gold))
    return folds
