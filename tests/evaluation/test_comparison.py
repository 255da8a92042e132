from itertools import product
from statistics import mean, quantiles, stdev

import numpy as np
import pytest

from afteraction.data import Article, DataError, InputError, Span, Toll
from afteraction.evaluation import Difference, compare, evaluate, spread
from afteraction.evaluation.counting.levels import levels_of

TEXT = "Rebels in Gao killed soldiers in Kano"
SPANS = (Span(0, 6, "PERPETRATOR"), Span(10, 13, "LOCATION"), Span(21, 29, "TARGET"), Span(33, 37, "LOCATION"))


def side(*kept: str) -> list[Article]:
    """Returns one article per string of 0s and 1s, which mark the spans that it has."""
    return [
        Article(f"a{index}", TEXT, tuple(s for s, bit in zip(SPANS, bits, strict=True) if bit == "1"), Toll(1, 1))
        for index, bits in enumerate(kept)
    ]


GOLD = side(*["1111"] * 8)
FIRST = side("1111", "1000", "0000", "0110", "1100", "1010", "0001", "1111")
SECOND = side("1111", "1110", "1100", "0110", "1101", "0010", "1001", "1110")


def strict(found: tuple[Difference, ...], average: str = "micro") -> Difference:
    [row] = [row for row in found if (row.level, row.average) == ("strict", average)]
    return row


def micro_f1(kept: list[Article]) -> float:
    correct = sum(len(article.spans) for article in kept)
    return 2 * correct / (correct + 4 * len(kept))


def macro_f1(kept: list[Article]) -> float:
    found = [span.label for article in kept for span in article.spans]
    support = {"PERPETRATOR": 8, "LOCATION": 16, "TARGET": 8}
    return mean(2 * found.count(label) / (found.count(label) + count) for label, count in support.items())


@pytest.mark.parametrize(("average", "f1"), [("micro", micro_f1), ("macro", macro_f1)])
def test_p_is_that_of_all_exchanges(average: str, f1: object) -> None:
    assert callable(f1)
    seen = abs(f1(SECOND) - f1(FIRST))
    extreme = []
    for swapped in product((False, True), repeat=8):
        chosen = [pair[::-1] if swap else pair for swap, *pair in zip(swapped, FIRST, SECOND, strict=True)]
        first, second = ([pair[index] for pair in chosen] for index in (0, 1))
        extreme.append(abs(f1(second) - f1(first)) >= seen - 1e-12)
    exact = mean(extreme)
    found = strict(compare(GOLD, FIRST, SECOND, samples=20_000).differences, average)
    assert (found.first, found.second) == pytest.approx((f1(FIRST), f1(SECOND)), abs=1e-12)
    assert found.difference == pytest.approx(f1(SECOND) - f1(FIRST), abs=1e-12)
    # Five standard errors of 20,000 samples.
    assert found.p == pytest.approx(exact, abs=5 * (exact * (1 - exact) / 20_000) ** 0.5 + 1e-4)
    assert 0.01 < exact < 0.5


def test_the_interval_is_that_of_a_naive_paired_bootstrap() -> None:
    random = np.random.default_rng(3)
    differences = []
    for drawn in random.integers(8, size=(500, 8)).tolist():
        first, second = ([side_of[index] for index in drawn] for side_of in (FIRST, SECOND))
        differences.append(micro_f1(second) - micro_f1(first))
    found = strict(compare(GOLD, FIRST, SECOND, samples=500, seed=3).differences)
    cuts = quantiles(differences, n=40, method="inclusive")
    assert (found.interval.low, found.interval.high) == pytest.approx((cuts[0], cuts[-1]), abs=1e-12)


def test_a_system_does_not_differ_from_itself() -> None:
    for found in compare(GOLD, FIRST, FIRST, samples=50).differences:
        assert (found.difference, found.p, found.interval.low, found.interval.high) == (0, 1, 0, 0)


def test_p_is_never_0() -> None:
    gold, nothing = side(*["1111"] * 40), side(*["0000"] * 40)
    found = strict(compare(gold, nothing, gold, samples=99).differences)
    assert (found.difference, found.p) == (1, 1 / 100)


def test_exchanging_the_systems_turns_the_signs() -> None:
    forth = compare(GOLD, FIRST, SECOND, samples=200).differences
    back = compare(GOLD, SECOND, FIRST, samples=200).differences
    for one, other in zip(forth, back, strict=True):
        assert one.difference == -other.difference
        assert (one.interval.low, one.interval.high) == pytest.approx((-other.interval.high, -other.interval.low))


def test_every_level_is_compared_and_scores_as_a_report_has_it() -> None:
    comparison = compare(GOLD, FIRST, SECOND, samples=10)
    report = evaluate(GOLD, SECOND, samples=1)
    found = {(row.level, row.average): row.second for row in comparison.differences}
    scored = levels_of("spans", "entities", "names", "tolls")
    assert [level for level, average in found if average == "micro"] == [level.name for level in scored]
    assert [level for level, average in found if average == "macro"] == [
        level.name for level in scored if level.has_labels
    ]
    for scheme, scores in report.mentions.items():
        assert found[scheme, "micro"] == pytest.approx(scores.micro.f1, abs=1e-12)
        assert found[scheme, "macro"] == pytest.approx(scores.macro.f1, abs=1e-12)
    for similarity, scores in report.entities.items():
        assert found[f"entities_{similarity}", "macro"] == pytest.approx(scores.macro.f1, abs=1e-12)
    assert found["names", "macro"] == pytest.approx(report.names.macro.f1, abs=1e-12)
    assert [found[f"tolls_{row.name}", "micro"] for row in report.tolls.rows] == [row.f1 for row in report.tolls.rows]


def test_the_order_of_articles_does_not_matter() -> None:
    assert compare(GOLD[::-1], FIRST, SECOND[3:] + SECOND[:3], samples=50) == compare(GOLD, FIRST, SECOND, samples=50)


@pytest.mark.parametrize("short", [0, 1])
def test_a_system_without_an_article_is_refused(short: int) -> None:
    systems = [FIRST, SECOND]
    systems[short] = systems[short][:-1]
    name = ("the first system", "the second system")[short]
    with pytest.raises(DataError, match=f"'a7' of the annotated articles is not in {name}"):
        compare(GOLD, *systems)
    with pytest.raises(DataError, match=f"'a7' of the annotated articles is not in run {1 + short}"):
        spread(GOLD, systems)


def test_no_articles_are_refused() -> None:
    with pytest.raises(InputError, match="no articles"):
        compare([], [], [])
    with pytest.raises(InputError, match="no articles"):
        spread([], [[], []])


def test_runs_have_a_mean_and_a_deviation() -> None:
    runs = [FIRST, SECOND, GOLD]
    found = spread(GOLD, runs)[0]
    values = [micro_f1(run) for run in runs]
    assert (found.level, found.average) == ("strict", "micro")
    assert found.runs == pytest.approx(values, abs=1e-12)
    assert (found.mean, found.deviation) == pytest.approx((mean(values), stdev(values)), abs=1e-12)


def test_one_run_has_no_deviation() -> None:
    with pytest.raises(InputError, match="two runs"):
        spread(GOLD, [FIRST])
