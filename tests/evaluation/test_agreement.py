from itertools import combinations, permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, DataError, Span, Toll, bundled_file, read_articles
from afteraction.evaluation.agreement import Agreement, Difference, LabelAgreement, annotator_agreement, matched

TEXT = "abcdefghijkl"


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    """Draws spans without overlaps, with labels and entities."""
    edges = sorted(draw(st.sets(st.integers(0, len(TEXT)), max_size=8)))
    return [
        Span(start, end, draw(st.sampled_from("AB")), draw(st.sampled_from(["e", "f", None])))
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    ]


def overlaps(one: Span, other: Span) -> int:
    return max(min(one.end, other.end) - max(one.start, other.start), 0)


def best_pairs(first: list[Span], second: list[Span]) -> tuple[int, int]:
    """Returns the most pairs of any assignment, and the most characters shared by that many pairs."""
    if len(first) > len(second):
        return best_pairs(second, first)
    shared = [
        [overlaps(one, other) for one, other in zip(first, chosen, strict=True)]
        for chosen in permutations(second, len(first))
    ]
    return max((sum(count > 0 for count in counts), sum(counts)) for counts in shared)


@given(spans(), spans())
def test_matching_is_the_best_over_all_assignments(first: list[Span], second: list[Span]) -> None:
    pairs = matched(first, second)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    shared = [overlaps(first[row], second[column]) for row, column in pairs]
    assert all(shared)
    assert (len(pairs), sum(shared)) == best_pairs(first, second)


@given(st.lists(st.tuples(spans(), spans()), max_size=4))
def test_agreement_is_what_brute_force_counts(annotations: list[tuple[list[Span], list[Span]]]) -> None:
    sides = [
        [Article(str(number), TEXT, tuple(pair[side])) for number, pair in enumerate(annotations)] for side in (0, 1)
    ]
    agreement = annotator_agreement(*sides)
    by_label = {row.label: row for row in agreement.labels}
    for label in "AB":
        chosen = [[[span for span in side if span.label == label] for side in pair] for pair in annotations]
        first, second = (sum(len(pair[side]) for pair in chosen) for side in (0, 1))
        if not first + second:
            assert label not in by_label
            continue
        row = by_label[label]
        assert (row.first, row.second) == (first, second)
        keys = [[{(span.start, span.end) for span in side} for side in pair] for pair in chosen]
        assert row.exact == sum(len(one & other) for one, other in keys)
        assert row.overlap == sum(best_pairs(*pair)[0] for pair in chosen)
        assert row.exact_f1 is not None
        assert row.overlap_f1 is not None
        assert row.exact_f1.value == 2 * row.exact / (first + second)
        assert 0 <= row.exact_f1.low <= row.exact_f1.value + 1e-9
        assert row.exact_f1.value - 1e-9 <= row.exact_f1.high <= 1
        assert row.overlap_f1.value >= row.exact_f1.value
    assert agreement.all.exact == sum(row.exact for row in agreement.labels)
    links = []
    for one, other in annotations:
        both = [(a, b) for a in one for b in other if (a.start, a.end, a.label) == (b.start, b.end, b.label)]
        for x, y in combinations(both, 2):
            if x[0].label == y[0].label:
                links.append([None is not x[side].entity == y[side].entity for side in (0, 1)])
    assert agreement.links == sum(any(link) for link in links)
    assert agreement.links_same == sum(all(link) for link in links)


@given(st.lists(st.tuples(spans(), spans()), max_size=4))
def test_differences_are_all_spans_that_are_not_in_both(annotations: list[tuple[list[Span], list[Span]]]) -> None:
    sides = [
        [Article(str(number), TEXT, tuple(pair[side])) for number, pair in enumerate(annotations)] for side in (0, 1)
    ]
    agreement = annotator_agreement(*sides)
    assert (
        sum(difference.first is not None for difference in agreement.differences)
        == agreement.all.first - agreement.all.exact
    )
    assert (
        sum(difference.second is not None for difference in agreement.differences)
        == agreement.all.second - agreement.all.exact
    )
    for difference in agreement.differences:
        assert difference.first is not None or difference.second is not None
        assert difference.first_text == (
            None if difference.first is None else TEXT[difference.first.start : difference.first.end]
        )
    swapped = annotator_agreement(*reversed(sides))
    assert (swapped.all.exact, swapped.all.overlap) == (agreement.all.exact, agreement.all.overlap)


def test_only_articles_in_both_are_compared() -> None:
    first = [Article("a", TEXT, (Span(0, 2, "A"),), Toll(3, 3)), Article("b", TEXT), Article("c", TEXT, (), Toll(1, 1))]
    second = [Article("d", TEXT), Article("c", TEXT), Article("a", TEXT, (Span(1, 3, "A"),), Toll(3, None))]
    agreement = annotator_agreement(first, second)
    assert (agreement.articles, agreement.only_first, agreement.only_second) == (2, 1, 1)
    assert (agreement.tolls, agreement.tolls_same) == (2, 0)
    assert agreement.differences == (Difference("a", Span(0, 2, "A"), Span(1, 3, "A"), "ab", "bc"),)
    assert (agreement.all.exact, agreement.all.overlap) == (0, 1)


def test_labels_that_either_leaves_unknown_are_not_compared() -> None:
    first = [Article("a", TEXT, (Span(0, 2, "A"), Span(3, 4, "B")))]
    second = [Article("a", TEXT, (Span(0, 2, "A"),), unknown_labels=("B",))]
    agreement = annotator_agreement(first, second)
    assert (agreement.all.first, agreement.all.second, agreement.all.exact) == (1, 1, 1)
    assert agreement.differences == ()


def test_a_death_toll_that_either_leaves_unknown_is_not_compared() -> None:
    first = [Article(name, TEXT, death_toll=Toll(3, 3)) for name in "abc"]
    second = [
        Article("a", TEXT, unknown_labels=("DEATH_TOLL",)),
        Article("b", TEXT, death_toll=Toll(3, 3), unknown_labels=("DEATH_TOLL",)),
        Article("c", TEXT, unknown_labels=("TARGET",)),
    ]
    for sides in ((first, second), (second, first)):
        agreement = annotator_agreement(*sides)
        assert (agreement.tolls, agreement.tolls_same) == (2, 1)


def test_intervals_come_from_whole_articles_and_do_not_change() -> None:
    good = [Article(f"good{number}", TEXT, (Span(0, 2, "A"),)) for number in range(30)]
    bad = [Article(f"bad{number}", TEXT, (Span(0, 2, "A"),)) for number in range(10)]
    second = [*good, *(article.with_fields(spans=()) for article in bad)]
    rate = annotator_agreement([*good, *bad], second).all.exact_f1
    assert rate == annotator_agreement([*good, *bad], second).all.exact_f1
    assert rate == annotator_agreement([*bad, *good], second[::-1]).all.exact_f1
    assert rate is not None
    assert rate.value == 60 / 70
    # 30 of 40 articles are good. Their number in a sample is binomial, with 2.5 and 97.5 % points at 24 to 25 and 35.
    assert (rate.low, rate.high) == pytest.approx((48 / 64, 70 / 75), abs=0.02)


def test_nothing_to_compare() -> None:
    nothing = LabelAgreement(None, 0, 0, 0, 0, None, None)
    assert annotator_agreement([], []) == Agreement(0, 0, 0, (), nothing, 0, 0, 0, 0, ())
    assert annotator_agreement([Article("a", TEXT)], [Article("a", TEXT)]).all == nothing


def test_different_texts_and_ids_given_twice_are_refused() -> None:
    with pytest.raises(DataError, match="article 'a': the two files have different texts"):
        annotator_agreement([Article("a", "one")], [Article("a", "two")])
    with pytest.raises(DataError, match="article 'a' occurs twice in one file"):
        annotator_agreement([Article("a", "one"), Article("a", "one")], [])


def test_the_bundled_corpus_agrees_with_itself() -> None:
    path: Path = bundled_file("dev.jsonl")
    agreement = annotator_agreement(read_articles(path), read_articles(path))
    assert agreement.all.exact == agreement.all.overlap == agreement.all.first == agreement.all.second > 0
    assert agreement.tolls == agreement.tolls_same > 0
    assert agreement.links == agreement.links_same > 0
