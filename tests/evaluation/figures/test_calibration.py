import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, Span
from afteraction.evaluation import Calibration, CalibrationCounter

Scored = list[list[tuple[float, bool]]]
"""Each span's score and whether the span is right, with one inner list per article."""

scored = st.lists(
    st.lists(st.tuples(st.floats(0, 1) | st.sampled_from((0.0, 0.1, 0.3, 0.5, 1.0)), st.booleans()), max_size=8),
    max_size=8,
)


def calibration(articles: Scored) -> Calibration | None:
    counter = CalibrationCounter()
    for number, spans in enumerate(articles):
        text = "x" * (len(spans) + 1)
        right = tuple(Span(index, index + 1, "A") for index, (_, is_right) in enumerate(spans) if is_right)
        found = tuple(Span(index, index + 1, "A", score=score) for index, (score, _) in enumerate(spans))
        counter.add(Article(str(number), text, right), Article(str(number), text, found))
    return counter.result()


@given(scored)
def test_figures_follow_the_definitions(articles: Scored) -> None:
    spans = [span for article in articles for span in article]
    found = calibration(articles)
    if not spans:
        assert found is None
        return
    assert found is not None
    assert found.spans == len(spans)
    assert found.brier == pytest.approx(sum((score - right) ** 2 for score, right in spans) / len(spans), abs=1e-12)
    losses = [-math.log(min(max(score if right else 1 - score, 1e-6), 1 - 1e-6)) for score, right in spans]
    assert found.log_loss == pytest.approx(sum(losses) / len(spans), abs=1e-9)
    by_tenth: dict[int, list[tuple[float, bool]]] = {}
    for score, right in spans:
        by_tenth.setdefault(min(int(score * 10), 9), []).append((score, right))
    expected = sum(abs(sum(s for s, _ in tenth) - sum(r for _, r in tenth)) for tenth in by_tenth.values()) / len(spans)
    assert found.equal_width.error == pytest.approx(expected, abs=1e-12)
    assert [found_bin.count for found_bin in found.equal_width.bins] == [len(by_tenth[t]) for t in sorted(by_tenth)]


@given(scored.filter(any))
def test_bins_divide_the_spans_in_the_order_of_their_scores(articles: Scored) -> None:
    found = calibration(articles)
    assert found is not None
    scores = sorted(score for article in articles for score, _ in article)
    for curve in (found.equal_mass, found.equal_width):
        assert 1 <= len(curve.bins) <= 10
        taken = iter(scores)
        for part in curve.bins:
            members = [next(taken) for _ in range(part.count)]
            assert (part.low, part.high) == (members[0], members[-1])
            assert part.mean_score == pytest.approx(sum(members) / len(members), abs=1e-12)
        assert next(taken, None) is None
        assert len({part.low for part in curve.bins}) == len(curve.bins)
        assert sum(part.right * part.count for part in curve.bins) == pytest.approx(found.right * len(scores))
        assert 0 <= curve.error_interval.low <= curve.error_interval.high <= 1


def test_bins_of_equal_mass_hold_a_tenth_each_where_no_score_repeats() -> None:
    found = calibration([[(index / 100, index % 2 == 0) for index in range(100)]])
    assert found is not None
    assert [part.count for part in found.equal_mass.bins] == [10] * 10


def test_the_error_by_chance_is_that_of_outcomes_drawn_by_the_scores() -> None:
    random = np.random.default_rng(0)
    scores = random.uniform(size=2000)
    expected, chance = [], 0.0
    for _ in range(100):
        right = random.uniform(size=len(scores)) < scores
        found = calibration([[(float(score), bool(is_right)) for score, is_right in zip(scores, right, strict=True)]])
        assert found is not None
        expected.append(found.equal_mass.error)
        chance = found.equal_mass.error_by_chance
    assert chance == pytest.approx(float(np.mean(expected)), rel=0.1)


def test_the_interval_holds_the_error_and_repeats_itself_in_any_order() -> None:
    random = np.random.default_rng(1)
    articles = [[(float(score), bool(score > 0.7)) for score in random.uniform(size=10)] for _ in range(40)]
    found = calibration(articles)
    assert found is not None
    assert found.equal_width.error_interval.low < found.equal_width.error < found.equal_width.error_interval.high
    assert calibration(articles) == found
    backwards = calibration(articles[::-1])
    assert backwards is not None
    for one, other in ((found.equal_mass, backwards.equal_mass), (found.equal_width, backwards.equal_width)):
        assert (one.error_interval.low, one.error_interval.high) == pytest.approx(
            (other.error_interval.low, other.error_interval.high), abs=1e-12
        )


def test_spans_without_a_score_are_passed_over() -> None:
    text = "the bus"
    counter = CalibrationCounter()
    counter.add(Article("a", text), Article("a", text, (Span(0, 7, "TARGET"),)))
    assert counter.result() is None
