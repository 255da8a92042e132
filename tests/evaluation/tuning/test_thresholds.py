import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.evaluation.tuning import best_f1, same_number, wanted_precision, wanted_recall
from afteraction.evaluation.tuning.thresholds import threshold_curve

spans = st.lists(st.tuples(st.sampled_from((0.1, 0.3, 0.5, 0.7, 0.9)) | st.floats(0, 1), st.booleans()), min_size=1)


def figures(drawn: list[tuple[float, bool]], threshold: float, *, support: int) -> tuple[float, float, float]:
    """Returns precision, recall and F1 of the spans that a threshold keeps, counted one by one."""
    kept = [right for score, right in drawn if score >= threshold]
    precision = sum(kept) / len(kept) if kept else 0.0
    recall = sum(kept) / support if support else 0.0
    return precision, recall, 2 * sum(kept) / (len(kept) + support) if kept or support else 0.0


@given(spans, st.integers(0, 5))
def test_a_curve_is_what_each_threshold_gives(drawn: list[tuple[float, bool]], missed: int) -> None:
    support = sum(right for _, right in drawn) + missed
    curve = threshold_curve(
        np.array([score for score, _ in drawn]),
        np.array([float(right) for _, right in drawn]),
        support=support,
        kept_before=0,
    )
    assert len(curve.thresholds) == len({score for score, _ in drawn})
    for index, threshold in enumerate(curve.thresholds):
        if index and threshold in {score for score, _ in drawn}:
            continue  # two scores without another float between them
        found = (curve.precision[index], curve.recall[index], curve.f1[index])
        assert found == pytest.approx(figures(drawn, threshold, support=support))
        assert curve.kept[index] == sum(score >= threshold for score, _ in drawn)
    assert figures(drawn, best_f1(curve), support=support)[2] <= curve.f1.max() + 1e-12


SCORES = np.array([0.2, 0.4, 0.6, 0.8])
RIGHT = np.array([0.0, 1.0, 0.0, 1.0])


def test_thresholds_by_what_is_wanted() -> None:
    curve = threshold_curve(SCORES, RIGHT, support=4, kept_before=3)
    assert best_f1(curve) == pytest.approx(0.3)
    assert wanted_precision(0.5)(curve) == 0.0
    assert wanted_precision(0.6)(curve) == pytest.approx(0.3)
    assert wanted_precision(0.7)(curve) == pytest.approx(0.7)
    assert wanted_recall(0.25)(curve) == pytest.approx(0.7)
    assert wanted_recall(0.5)(curve) == pytest.approx(0.3)
    assert same_number(curve) == pytest.approx(0.3)


def test_what_cannot_be_had_gives_the_nearest() -> None:
    wrong_at_the_top = threshold_curve(SCORES, np.array([1.0, 1.0, 1.0, 0.0]), support=5, kept_before=0)
    assert wanted_precision(0.9)(wrong_at_the_top) == 0.0
    assert wanted_recall(0.9)(wrong_at_the_top) == 0.0
    assert same_number(wrong_at_the_top) == pytest.approx(0.7)
