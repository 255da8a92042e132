from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, Span
from afteraction.evaluation import score_spans
from afteraction.train import DevScores, ScoreRow
from afteraction.train.scores import ARTICLE_THRESHOLDS, choose_article_threshold, empty_uncertain

shares = st.floats(0, 1)
intervals = st.tuples(shares, shares) | st.just((None, None))


@st.composite
def rows(draw: st.DrawFn) -> ScoreRow:
    low, high = draw(intervals)
    return ScoreRow(draw(shares), draw(shares), draw(shares), draw(st.integers(0, 999)), low, high)


@given(rows(), rows(), st.dictionaries(st.sampled_from(["TARGET", "micro_agent", "X"]), rows()))
def test_scores_come_back_from_their_metrics(micro: ScoreRow, macro: ScoreRow, labels: dict[str, ScoreRow]) -> None:
    scores = DevScores(micro, macro, labels)
    assert DevScores.from_metrics(scores.metrics(), labels=labels) == scores


def test_metrics_have_one_name_per_figure() -> None:
    row = ScoreRow(0.5, 0.25, 1 / 3, 4, 0.1, 0.6)
    metrics = DevScores(row, row, {"TARGET": row}).metrics()
    measures = ("precision", "recall", "f1", "f1_low", "f1_high", "support")
    assert metrics.keys() == {f"{name}_{measure}" for name in ("micro", "macro", "TARGET") for measure in measures}
    assert metrics["TARGET_recall"] == pytest.approx(0.25)


def article(number: int, spans: list[tuple[int, float]], unknown: bool) -> Article:
    return Article(
        str(number),
        "abcdefgh",
        tuple(Span(start, start + 1, "TARGET" if start < 4 else "LOCATION", score=score) for start, score in spans),
        unknown_labels=("LOCATION",) if unknown else (),
    )


spans = st.dictionaries(st.integers(0, 7), st.sampled_from([0.5, 0.65, 0.85, 0.97])).map(
    lambda drawn: sorted(drawn.items())
)
pairs = st.lists(st.tuples(spans, spans, st.booleans()), min_size=1, max_size=8)


@given(pairs)
def test_the_threshold_of_articles_is_the_lowest_with_the_best_f1(drawn: list[tuple[Any, Any, bool]]) -> None:
    gold = [article(number, wanted, unknown) for number, (wanted, _, unknown) in enumerate(drawn)]
    predicted = [article(number, found, False) for number, (_, found, _) in enumerate(drawn)]

    def f1(threshold: float) -> float:
        return score_spans(gold, empty_uncertain(predicted, threshold), labels=("TARGET", "LOCATION")).micro.f1

    chosen = choose_article_threshold(gold, predicted)
    figures = {threshold: f1(threshold) for threshold in ARTICLE_THRESHOLDS}
    assert figures[chosen] == pytest.approx(max(figures.values()))
    assert all(figures[threshold] < figures[chosen] for threshold in ARTICLE_THRESHOLDS if threshold < chosen)


def test_an_article_below_the_threshold_loses_its_spans_and_nothing_else() -> None:
    sure, unsure = article(1, [(0, 0.9), (2, 0.5)], False), article(2, [(0, 0.6)], False)
    assert empty_uncertain([sure, unsure], 0.7) == [sure, article(2, [], False)]
    assert empty_uncertain([sure, unsure], 0.0) == [sure, unsure]
