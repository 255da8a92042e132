"""Scores of death tolls, with those of a plain rule for comparison."""

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
    """The scores of predicted tolls under four measures, from strict to lenient.

    Attributes:
        articles: the number of articles that are scored. Those whose toll is unknown are not.
        exact, overlap, within_tenth, within_one: the scores by measure. The support is the number of articles with a
            gold toll. A predicted toll in an article without a gold toll lowers the precision.
        right: the number of articles whose gold and predicted tolls are the same range.
        neither: the number of articles without a toll on either side.
        log_error: the mean of |ln((predicted + 1) / (gold + 1))| over the articles with a toll on both sides; None if
            there is no such article. 0.1 is about 10 % off.
        log_error_interval: the 95 % interval of `log_error`, by bootstrap over articles. Draws without an article with
            a toll on both sides are left out.
        mean_score: the mean score of the predicted tolls, including scores of "no figure"; None if none has a score.
        share_right: the share of these tolls that is right. It is about `mean_score` if scores are probabilities.
        rule: the scores of the plain rule `nearest_toll` on the same articles; None in those scores themselves.
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
    mean_score: float | None
    share_right: float | None
    rule: "TollScores | None"

    @property
    def rows(self) -> tuple[Row, ...]:
        """The four measures, from strict to lenient."""
        return (self.exact, self.overlap, self.within_tenth, self.within_one)


class TollCounter:
    """Counts what precision and recall of tolls do not show: articles, agreement on no toll, and log errors.

    Args:
        predict: takes a gold and a predicted article and returns the toll that is compared, with its score.
    """

    def __init__(self, predict: Callable[[Article, Article], tuple[Toll | None, float | None]]) -> None:
        self._predict = predict
        self._articles = self._right = self._neither = 0
        self._errors: dict[str, float | None] = {}
        self._score_sum = 0.0
        self._scored = self._scored_right = 0

    def add(self, gold: Article, predicted: Article) -> None:
        """Adds a gold article and the same article as predicted."""
        self._errors[gold.id] = None
        if not is_scored(gold):
            return
        gold_toll = gold.death_toll
        predicted_toll, score = self._predict(gold, predicted)
        self._articles += 1
        self._neither += gold_toll is None and predicted_toll is None
        self._right += gold_toll is not None and gold_toll == predicted_toll
        if score is not None:
            self._scored += 1
            self._score_sum += score
            self._scored_right += gold_toll == predicted_toll
        if gold_toll is not None and predicted_toll is not None:
            self._errors[gold.id] = abs(log((point(predicted_toll) + 1) / (point(gold_toll) + 1)))

    def result(self, rows: Mapping[str, Scores], *, rule: TollScores | None, samples: int, seed: int) -> TollScores:
        """Returns the scores. `rows` are the scores of each measure."""
        mean, bounds = self._log_error(samples=samples, seed=seed)
        return TollScores(
            **{measure: replace(scores.micro, name=measure) for measure, scores in rows.items()},
            articles=self._articles,
            right=self._right,
            neither=self._neither,
            log_error=mean,
            log_error_interval=bounds,
            mean_score=self._score_sum / self._scored if self._scored else None,
            share_right=self._scored_right / self._scored if self._scored else None,
            rule=rule,
        )

    def _log_error(self, *, samples: int, seed: int) -> tuple[float | None, Interval | None]:
        """Returns the mean log error and its interval, or None for both if no article has a toll on both sides."""
        # In the order of article ids, so that the draws do not depend on the order of the stream.
        errors = [self._errors[article_id] for article_id in sorted(self._errors)]
        counts = np.array([(0.0, 0.0) if error is None else (error, 1.0) for error in errors])
        if not counts[:, 1].any():
            return None, None
        mean = float(counts[:, 0].sum() / counts[:, 1].sum())
        drawn = bootstrap_totals(counts, samples=samples, seed=seed)
        drawn = drawn[drawn[:, 1] > 0]  # a draw without such an article has no mean
        return mean, interval(drawn[:, 0] / drawn[:, 1]) if len(drawn) else Interval(mean, mean)


def system_tolls() -> TollCounter:
    """Returns a counter of a system's tolls."""
    return TollCounter(lambda _gold, predicted: (predicted.death_toll, predicted.death_toll_score))


def rule_tolls() -> TollCounter:
    """Returns a counter of the tolls that `nearest_toll` finds in the same articles."""
    return TollCounter(lambda gold, _predicted: (nearest_toll(gold.text), None))
