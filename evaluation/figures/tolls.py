"""Scores of death tolls, beside a plain rule's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import log

import numpy as np

from afteraction.data import Article, Toll
from afteraction.evaluation.counting.tolls import is_scored, nearest_toll, point
from afteraction.evaluation.figures.bootstrap import bootstrap_totals
from afteraction.evaluation.figures.scores import Interval, Row, Scores, interval


@dataclass(frozen=True, slots=True)
class TollScores:
    """How many figures are right, under four measures from strict to lenient.

    Attributes:
        articles: how many articles are scored; those whose toll is unknown are not.
        exact, overlap, within_tenth, within_one: scores by measure. The support is the number of articles with a gold
            figure; a figure that an article does not give lowers the precision.
        right: articles whose gold and predicted figures are the same range.
        neither: articles without a figure on either side.
        log_error: mean of |ln((predicted + 1) / (gold + 1))| over the articles with a figure on both sides; None
            without any. 0.1 is about 10 % off.
        log_error_interval: its 95 % interval, by bootstrap over articles.
        rule: how the number nearest to a word of killing scores on the same articles.
    """

    articles: int
    exact: Row
    overlap: Row
    within_tenth: Row
    within_one: Row
    right: int
    neither: int
    log_error: float | None
    log_error_interval: Interval | None
    rule: "TollScores | None"

    @property
    def rows(self) -> tuple[Row, ...]:
        """The four measures, from strict to lenient."""
        return (self.exact, self.overlap, self.within_tenth, self.within_one)


class TollCounter:
    """Counts what precision and recall do not say of tolls: articles, agreements on no figure, and log errors.

    Args:
        predict: the figure that is scored, of a gold and a predicted article.
    """

    def __init__(self, predict: Callable[[Article, Article], Toll | None]) -> None:
        self._predict = predict
        self._articles = self._right = self._neither = 0
        self._errors: dict[str, float | None] = {}

    def add(self, gold: Article, predicted: Article) -> None:
        """Takes an article as annotated and as predicted."""
        self._errors[gold.id] = None
        if not is_scored(gold):
            return
        toll, figure = gold.death_toll, self._predict(gold, predicted)
        self._articles += 1
        self._neither += toll is None and figure is None
        self._right += toll is not None and toll == figure
        if toll is not None and figure is not None:
            self._errors[gold.id] = abs(log((point(figure) + 1) / (point(toll) + 1)))

    def result(self, rows: Mapping[str, Scores], *, rule: TollScores | None, samples: int, seed: int) -> TollScores:
        """The scores; `rows` are those of each measure."""
        mean, bounds = self._log_error(samples=samples, seed=seed)
        return TollScores(
            **{measure: replace(scores.micro, name=measure) for measure, scores in rows.items()},
            articles=self._articles,
            right=self._right,
            neither=self._neither,
            log_error=mean,
            log_error_interval=bounds,
            rule=rule,
        )

    def _log_error(self, *, samples: int, seed: int) -> tuple[float | None, Interval | None]:
        errors = [self._errors[article_id] for article_id in sorted(self._errors)]
        counts = np.array([(0.0, 0.0) if error is None else (error, 1.0) for error in errors])
        if not counts[:, 1].any():
            return None, None
        drawn = bootstrap_totals(counts, samples=samples, seed=seed)
        means = np.divide(drawn[:, 0], drawn[:, 1], out=np.zeros(len(drawn)), where=drawn[:, 1] > 0)
        return float(counts[:, 0].sum() / counts[:, 1].sum()), interval(means)


def system_tolls() -> TollCounter:
    """Counts a system's tolls."""
    return TollCounter(lambda _gold, predicted: predicted.death_toll)


def rule_tolls() -> TollCounter:
    """Counts the tolls of `nearest_toll` on the same articles."""
    return TollCounter(lambda gold, _predicted: nearest_toll(gold.text))
