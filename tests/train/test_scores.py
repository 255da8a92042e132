import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.train import DevScores, ScoreRow

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
