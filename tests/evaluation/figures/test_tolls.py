from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, Toll
from afteraction.evaluation import TollScores, evaluate, nearest_toll
from afteraction.evaluation.counting.tolls import MEASURES, point

tolls = st.tuples(st.integers(0, 40), st.none() | st.integers(0, 40)).map(
    lambda toll: Toll(toll[0], None if toll[1] is None else toll[0] + toll[1])
)


def scores(*pairs: tuple[Toll | None, Toll | None], text: str = "Gao") -> TollScores:
    gold = [Article(str(index), text, death_toll=toll) for index, (toll, _) in enumerate(pairs)]
    predicted = [Article(str(index), text, death_toll=toll) for index, (_, toll) in enumerate(pairs)]
    return evaluate(gold, predicted[::-1], samples=10).tolls


@pytest.mark.parametrize(
    ("gold", "predicted", "right"),
    [
        (Toll(50, None), Toll(50, None), {"exact", "overlap", "within_tenth", "within_one"}),
        (Toll(50, None), Toll(50, 50), {"overlap", "within_tenth", "within_one"}),
        (Toll(50, 50), Toll(55, 55), {"within_tenth"}),
        (Toll(55, 55), Toll(50, 50), {"within_tenth"}),
        (Toll(50, 50), Toll(56, 56), set()),
        (Toll(3, 3), Toll(4, 4), {"within_one"}),
        (Toll(3, 5), Toll(5, 9), {"overlap"}),
        (Toll(10, 12), Toll(11, 11), {"overlap", "within_tenth", "within_one"}),
        (Toll(0, 0), Toll(0, 0), {"exact", "overlap", "within_tenth", "within_one"}),
        (Toll(12, 12), Toll(3, None), {"overlap"}),
        (Toll(3, 3), Toll(4, None), {"within_one"}),
    ],
)
def test_what_is_right(gold: Toll, predicted: Toll, right: set[str]) -> None:
    assert {name for name, is_right in MEASURES.items() if is_right(gold, predicted)} == right


@given(tolls, tolls)
def test_ranges_overlap_where_a_number_is_in_both(gold: Toll, predicted: Toll) -> None:
    def numbers(toll: Toll) -> set[int]:
        return set(range(toll.low, 200 if toll.high is None else toll.high + 1))

    assert MEASURES["overlap"](gold, predicted) == bool(numbers(gold) & numbers(predicted))


@given(tolls, tolls)
def test_an_exact_figure_is_right_by_every_measure(gold: Toll, predicted: Toll) -> None:
    if MEASURES["exact"](gold, predicted):
        assert all(is_right(gold, predicted) for is_right in MEASURES.values())


def test_a_range_counts_as_its_middle_and_an_open_one_as_its_lower_bound() -> None:
    assert [point(toll) for toll in (Toll(10, 13), Toll(10, None), Toll(7, 7))] == [11.5, 10, 7]


def test_figures_are_counted_over_articles() -> None:
    found = scores((Toll(50, None), Toll(50, None)), (Toll(3, 3), None), (None, Toll(3, 3)), (None, None))
    exact = found.exact
    assert (exact.precision, exact.recall, exact.support, exact.predicted) == (0.5, 0.5, 2, 2)
    assert (exact.name, found.neither, found.articles) == ("exact", 1, 4)


def test_the_log_error_is_over_articles_with_both_figures() -> None:
    found = scores((Toll(9, 9), Toll(4, 4)), (Toll(0, 0), Toll(0, 0)), (Toll(3, 3), None))
    assert found.log_error == pytest.approx(log(2) / 2)
    assert found.log_error_interval is not None
    assert 0 <= found.log_error_interval.low <= found.log_error_interval.high <= log(2)
    assert scores((Toll(9, 9), None)).log_error is None


def test_a_draw_without_two_figures_does_not_count_as_one_without_error() -> None:
    gold = [Article(str(number), "Gao", death_toll=Toll(9, 9) if number < 2 else None) for number in range(20)]
    predicted = [article.with_fields(death_toll=article.death_toll and Toll(4, 4)) for article in gold]
    bounds = evaluate(gold, predicted, samples=500).tolls.log_error_interval
    assert bounds is not None
    assert (bounds.low, bounds.high) == pytest.approx((log(2), log(2)))


def test_an_unknown_toll_is_not_scored() -> None:
    text = "Three people were killed."
    gold = Article("a", text, unknown_labels=("DEATH_TOLL",))
    report = evaluate([gold], [Article("a", text, death_toll=Toll(3, 3))], samples=1)
    assert (report.tolls.exact.predicted, report.tolls.neither, report.tolls.articles) == (0, 0, 0)
    assert report.tolls.rule is not None
    assert report.tolls.rule.exact.predicted == 0


@pytest.mark.parametrize(
    ("text", "toll"),
    [
        ("Gunmen killed 12 people and wounded 30.", Toll(12, 12)),
        ("Thirty were hurt; twelve died.", Toll(12, 12)),
        ("On 4 May, at least 20 soldiers were killed.", Toll(20, 20)),
        ("The blast hurt 30. The dead: forty-two.", Toll(42, 42)),
        ("Two buses. Dozens of people died.", Toll(24, None)),
        ("More than 1,200 people lost their lives.", Toll(1200, 1200)),
        ("Gunmen attacked 12 villages.", None),
        ("Gunmen killed a farmer.", None),
        ("", None),
    ],
)
def test_the_rule_takes_the_number_nearest_to_a_word_of_killing(text: str, toll: Toll | None) -> None:
    assert nearest_toll(text) == toll


def test_the_mean_score_stands_beside_the_share_that_is_right() -> None:
    tolls = (Toll(2, 2), Toll(3, 3), None)
    gold = [Article(str(index), "Gao", death_toll=toll) for index, toll in enumerate((*tolls, Toll(4, 4)))]
    predicted = [
        gold[0].with_fields(death_toll_score=0.9),
        gold[1].with_fields(death_toll=Toll(2, 2), death_toll_score=0.5),
        gold[2].with_fields(death_toll_score=0.7),  # no figure is an answer too
        gold[3],  # has no score
    ]
    found = evaluate(gold, predicted, samples=10).tolls
    assert (found.mean_score, found.share_right) == (pytest.approx(0.7), pytest.approx(2 / 3))
    assert found.rule is not None
    assert found.rule.mean_score is None
    assert scores((Toll(2, 2), Toll(2, 2))).share_right is None


def test_the_rule_is_scored_beside_the_system() -> None:
    found = scores((Toll(12, 12), None), text="Gunmen killed 12 people.")
    assert found.rule is not None
    assert (found.exact.f1, found.rule.exact.f1, found.rule.rule) == (0, 1, None)
