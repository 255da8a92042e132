from collections.abc import Callable
from random import Random
from statistics import quantiles

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from afteraction.data import Article, DataError, Span
from afteraction.evaluation import Interval, Row, Scores, labels_of, score_spans, seqeval_report

NAMES = ("TARGET", "LOCATION", "DEATH_TOLL")
Tags = list[str]


def article(identity: str, tags: Tags) -> Article:
    """Returns an article of the words "w w w" with IOB2 tags."""
    spans: list[Span] = []
    for index, tag in enumerate(tags):
        if tag.startswith("B-"):
            spans.append(Span(2 * index, 2 * index + 1, tag[2:]))
        elif tag.startswith("I-"):
            spans[-1] = Span(spans[-1].start, 2 * index + 1, tag[2:])
    return Article(identity, " ".join("w" * len(tags)), tuple(spans))


def corpus(tagged: list[Tags]) -> list[Article]:
    return [article(f"a{number}", tags) for number, tags in enumerate(tagged)]


@st.composite
def iob2(draw: st.DrawFn, *, length: int) -> Tags:
    tags: Tags = []
    for _ in range(length):
        inside = [f"I-{tags[-1][2:]}"] if tags and tags[-1] != "O" else []
        tags.append(draw(st.sampled_from(["O", *(f"B-{name}" for name in NAMES), *inside, *inside])))
    return tags


@st.composite
def tagged_pairs(draw: st.DrawFn) -> tuple[list[Tags], list[Tags]]:
    """Draws gold and predicted tags. Some predictions are copies of gold, so that some are right."""
    gold = [draw(iob2(length=length)) for length in draw(st.lists(st.integers(1, 7), min_size=1, max_size=5))]
    predicted = [tags if draw(st.booleans()) else draw(iob2(length=len(tags))) for tags in gold]
    return gold, predicted


def assert_row_is(row: Row, theirs: dict[str, float]) -> None:
    ours = (row.precision, row.recall, row.f1, row.support)
    assert ours == pytest.approx(
        tuple(theirs[name] for name in ("precision", "recall", "f1-score", "support")), rel=1e-9
    )


def points(scores: Scores) -> list[tuple[str, float, float, float, int, int]]:
    rows = (*scores.labels, scores.micro, scores.macro)
    return [(row.name, row.precision, row.recall, row.f1, row.support, row.predicted) for row in rows]


@given(tagged_pairs())
@settings(deadline=None)
@example(([["B-TARGET", "I-TARGET"]], [["B-TARGET", "B-TARGET"]]))
@example(([["O"]], [["B-TARGET"]]))
def test_scores_agree_with_seqeval_in_its_strict_mode(pair: tuple[list[Tags], list[Tags]]) -> None:
    gold, predicted = pair
    scores = score_spans(corpus(gold), corpus(predicted))
    seen = sorted({tag[2:] for side in pair for tags in side for tag in tags if tag != "O"})
    assert [row.name for row in scores.labels] == seen
    if not seen:
        assert points(scores) == [("micro", 0, 0, 0, 0, 0), ("macro", 0, 0, 0, 0, 0)]
        return
    report = classification_report(gold, predicted, mode="strict", scheme=IOB2, output_dict=True, zero_division=0)
    for row in scores.labels:
        assert_row_is(row, report[row.name])
    assert_row_is(scores.micro, report["micro avg"])
    assert_row_is(scores.macro, report["macro avg"])


@given(tagged_pairs())
@settings(deadline=None, max_examples=50)
def test_the_crosscheck_is_seqeval_s_report_over_words(pair: tuple[list[Tags], list[Tags]]) -> None:
    gold, predicted = pair
    ours = seqeval_report(corpus(gold), corpus(predicted))
    if all(tag == "O" for side in pair for tags in side for tag in tags):
        assert ours == {}
        return
    theirs = classification_report(gold, predicted, mode="strict", scheme=IOB2, output_dict=True, zero_division=0)
    assert ours.keys() == theirs.keys()
    for name, row in theirs.items():
        assert ours[name] == pytest.approx(
            {measure.removesuffix("-score"): value for measure, value in row.items()}, rel=1e-9
        )


@given(tagged_pairs(), st.integers(0, 5))
@settings(deadline=None, max_examples=5)
def test_intervals_agree_with_a_naive_bootstrap(pair: tuple[list[Tags], list[Tags]], seed: int) -> None:
    gold, predicted = map(corpus, pair)
    scores = score_spans(gold, predicted, labels=NAMES, seed=seed)
    random = np.random.default_rng(seed)
    samples: dict[str, list[float]] = {name: [] for name in (*NAMES, "micro", "macro")}
    for _ in range(1000):
        drawn_articles = random.integers(len(gold), size=len(gold)).tolist()
        times = [drawn_articles.count(index) for index in range(len(gold))]
        correct, total = dict.fromkeys(NAMES, 0), dict.fromkeys(NAMES, 0)
        for gold_article, predicted_article, drawn in zip(gold, predicted, times, strict=True):
            for span in gold_article.spans:
                total[span.label] += drawn
                correct[span.label] += drawn * (span in predicted_article.spans)
            for span in predicted_article.spans:
                total[span.label] += drawn
        f1 = {name: 2 * correct[name] / total[name] for name in NAMES if total[name]}
        for name in NAMES:
            samples[name].append(f1.get(name, 0.0))
        samples["micro"].append(2 * sum(correct.values()) / sum(total.values()) if f1 else 0.0)
        samples["macro"].append(sum(f1.values()) / len(f1) if f1 else 0.0)
    for row in (*scores.labels, scores.micro, scores.macro):
        cuts = quantiles(samples[row.name], n=40, method="inclusive")
        assert (row.f1_interval.low, row.f1_interval.high) == pytest.approx((cuts[0], cuts[-1]))


@given(tagged_pairs())
@settings(deadline=None, max_examples=30)
def test_intervals_are_ordered_and_within_bounds(pair: tuple[list[Tags], list[Tags]]) -> None:
    scores = score_spans(corpus(pair[0]), corpus(pair[1]))
    for row in (*scores.labels, scores.micro, scores.macro):
        assert 0 <= row.f1_interval.low <= row.f1_interval.high <= 1


def test_like_articles_leave_no_uncertainty_and_unlike_ones_do() -> None:
    half = ["B-TARGET", "O", "B-TARGET"]
    same = score_spans(corpus([half] * 6), corpus([["B-TARGET", "O", "B-LOCATION"]] * 6))
    assert same.micro.f1_interval == Interval(0.5, 0.5)
    mixed = score_spans(corpus([half] * 6), corpus([half] * 3 + [["O"] * 3] * 3))
    assert mixed.micro.f1_interval.low < mixed.micro.f1 < mixed.micro.f1_interval.high


def test_the_seed_alone_decides_the_intervals() -> None:
    gold = corpus([["B-TARGET"] * size for size in range(1, 9)])
    predicted = corpus([["B-TARGET", *["O"] * (size - 1)] for size in range(1, 9)])
    first, again, other = (score_spans(gold, predicted, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other
    assert points(first) == points(other)


@given(tagged_pairs(), st.randoms())
@settings(deadline=None, max_examples=30)
def test_the_order_of_articles_does_not_matter(pair: tuple[list[Tags], list[Tags]], random: Random) -> None:
    gold, predicted = map(corpus, pair)
    shuffled_gold, shuffled_predicted = (sorted(side, key=lambda _: random.random()) for side in (gold, predicted))
    scores = score_spans(gold, predicted)
    assert score_spans(gold, shuffled_predicted) == scores
    assert score_spans(shuffled_gold, predicted) == scores


def test_only_what_has_the_same_edges_and_label_is_right() -> None:
    gold = corpus([["B-TARGET", "I-TARGET", "O", "B-LOCATION", "B-LOCATION"]])
    predicted = corpus([["B-TARGET", "O", "O", "B-TARGET", "B-LOCATION"]])
    location, target = score_spans(gold, predicted).labels
    assert (location.name, location.precision, location.recall, location.support) == ("LOCATION", 1.0, 0.5, 2)
    assert (target.name, target.f1, target.predicted, target.support) == ("TARGET", 0.0, 2, 1)


def test_a_label_that_only_the_predictions_have_counts_against_them() -> None:
    gold = corpus([["B-TARGET", "O"]])
    scores = score_spans(gold, corpus([["B-TARGET", "B-LOCATION"]]))
    assert [(row.name, row.f1, row.support, row.predicted) for row in scores.labels] == [
        ("LOCATION", 0.0, 0, 1),
        ("TARGET", 1.0, 1, 1),
    ]
    assert (scores.micro.precision, scores.micro.recall) == (0.5, 1.0)
    assert scores.macro.f1 == 0.5


def test_labels_choose_what_counts_and_in_which_order() -> None:
    gold = corpus([["B-TARGET", "B-LOCATION"]])
    scores = score_spans(gold, corpus([["B-TARGET", "O"]]), labels=("TARGET", "DEATH_TOLL"))
    assert [row.name for row in scores.labels] == ["TARGET", "DEATH_TOLL"]
    assert scores.micro.support == 1
    assert scores.micro.f1 == scores.macro.f1 == 1.0  # a label that neither side has is not part of the mean


def test_scores_and_entities_of_predicted_spans_do_not_matter() -> None:
    gold = [Article("a", "Gao", (Span(0, 3, "LOCATION", entity="e7"),))]
    predicted = [Article("a", "Gao", (Span(0, 3, "LOCATION", entity="e1", score=0.4),))]
    assert score_spans(gold, predicted).micro.f1 == 1.0


@pytest.mark.parametrize("score", [score_spans, seqeval_report])
@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        (["a", "b"], ["a"], "'b' of the annotated articles is not in the predicted articles; one without spans"),
        (["a"], ["a", "c"], "'c' of the predicted articles is not in the annotated articles"),
        (["a", "a"], ["a"], "'a' occurs twice in the annotated articles"),
        (["a"], ["a", "a"], "'a' occurs twice in the predicted articles"),
        ([], ["a"], "'a' of the predicted articles is not in"),
        (["a"], [], "'a' of the annotated articles is not in"),
    ],
)
def test_sides_that_do_not_hold_the_same_articles_are_refused(
    score: Callable[[list[Article], list[Article]], object], gold: list[str], predicted: list[str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        score([article(name, ["O"]) for name in gold], [article(name, ["O"]) for name in predicted])


@pytest.mark.parametrize("score", [score_spans, seqeval_report])
def test_a_different_text_is_refused(score: Callable[[list[Article], list[Article]], object]) -> None:
    with pytest.raises(DataError, match="'a': its text in the predicted articles differs"):
        score([Article("a", "Gao")], [Article("a", "Gao ")])


def test_no_articles_score_zero() -> None:
    scores = score_spans([], [], labels=("TARGET",))
    assert scores.articles == 0
    assert points(scores) == [(name, 0.0, 0.0, 0.0, 0, 0) for name in ("TARGET", "micro", "macro")]
    assert scores.micro.f1_interval == scores.labels[0].f1_interval == Interval(0.0, 0.0)
    assert seqeval_report([], []) == {}


def test_articles_without_spans_score_zero() -> None:
    scores = score_spans([Article("a", ""), Article("b", "Gao")], [Article("b", "Gao"), Article("a", "")])
    assert (scores.articles, scores.labels, scores.micro.f1, scores.macro.f1) == (2, (), 0.0, 0.0)


def test_labels_of_some_sides_are_sorted_and_given_once() -> None:
    gold, predicted = corpus([["B-TARGET", "B-LOCATION"]]), corpus([["B-TARGET", "B-DEATH_TOLL"]])
    assert labels_of(gold, predicted) == ("DEATH_TOLL", "LOCATION", "TARGET")
    assert labels_of() == ()
