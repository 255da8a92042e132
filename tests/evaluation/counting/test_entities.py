from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, Entity, Span
from afteraction.evaluation import EntityForm, Scores, evaluate
from afteraction.evaluation.counting.entities import Similarity, aligned, mention_sets, proportional, strict

TEXT = "The gunmen of the Front attacked Gao. Gunmen fled; the front, the FRONT."
sets = st.lists(st.frozensets(st.sampled_from("abcde"), min_size=1, max_size=4), max_size=5)


def entities(*mentions: tuple[str, ...], label: str = "PERPETRATOR") -> tuple[Entity, ...]:
    return tuple(Entity(f"e{index}", label, names[0], names, 1.0) for index, names in enumerate(mentions))


def scores(gold: Article, predicted: Article, *, entity_form: EntityForm = "name") -> dict[str, Scores]:
    return dict(evaluate([gold], [predicted], entity_form=entity_form, samples=1).entities)


@given(sets, sets, st.sampled_from([strict, proportional]))
def test_the_alignment_is_the_best_of_all(
    gold: list[frozenset[str]], predicted: list[frozenset[str]], similarity: Similarity
) -> None:
    slots = [*gold, *[None] * len(predicted)]
    best = max(
        sum(similarity(one, other) for one, other in zip(order, predicted, strict=False) if one is not None)
        for order in permutations(slots, len(predicted))
    )
    assert aligned(gold, predicted, similarity) == pytest.approx(best, abs=1e-9)


@given(sets, sets)
def test_similarities_are_between_0_and_1_and_strict_is_no_more(
    gold: list[frozenset[str]], predicted: list[frozenset[str]]
) -> None:
    for one in gold:
        for other in predicted:
            assert 0 <= strict(one, other) <= proportional(one, other) <= 1
            assert (strict(one, other) == 1) == (proportional(one, other) == 1)


def test_a_worked_example() -> None:
    """Two gold entities and three predicted ones: one names the first, one names none, and one repeats the first."""
    gold = Article("a", TEXT, entities=entities(("the gunmen", "Gunmen"), ("the Front",)))
    predicted = Article("a", TEXT, entities=entities(("GUNMEN",), ("Gao",), ("a gunmen!",)))
    found = scores(gold, predicted)["strict"].micro
    assert (found.precision, found.recall, found.f1) == pytest.approx((1 / 3, 1 / 2, 2 / 5))
    assert (found.support, found.predicted) == (2, 3)


def test_a_name_alone_is_scored_unless_all_mentions_are_asked_for() -> None:
    gold = Article("a", TEXT, entities=entities(("the gunmen", "Gunmen", "they")))
    predicted = Article("a", TEXT, entities=entities(("gunmen", "they", "Gao", "Front")))
    by_name = scores(gold, predicted)
    assert by_name["strict"].micro.f1 == by_name["proportional"].micro.f1 == 1
    whole = scores(gold, predicted, entity_form="mentions")
    assert (whole["strict"].micro.f1, whole["proportional"].micro.f1) == (0, pytest.approx(2 / 4))


def test_labels_are_aligned_apart() -> None:
    gold = Article("a", TEXT, entities=entities(("Front",)))
    predicted = Article("a", TEXT, entities=entities(("Front",), label="TARGET"))
    assert scores(gold, predicted)["strict"].micro.f1 == 0


def test_spans_of_one_entity_are_an_entity_and_a_span_without_one_is_its_own() -> None:
    article = Article(
        "a",
        TEXT,
        (
            Span(0, 10, "PERPETRATOR", entity="e1"),
            Span(14, 23, "PERPETRATOR"),
            Span(33, 36, "LOCATION", entity="e1"),
            Span(38, 44, "PERPETRATOR", entity="e1"),
            Span(51, 60, "PERPETRATOR"),
        ),
    )
    assert mention_sets(article) == {
        "PERPETRATOR": [frozenset({"gunmen"}), frozenset({"front"}), frozenset({"front"})],
        "LOCATION": [frozenset({"gao"})],
    }


def test_entities_take_precedence_over_spans() -> None:
    article = Article("a", TEXT, (Span(33, 36, "LOCATION"),), entities=entities(("Front",)))
    assert mention_sets(article) == {"PERPETRATOR": [frozenset({"front"})]}


def test_counts_are_summed_over_articles_and_labels() -> None:
    gold = [
        Article("a", TEXT, entities=entities(("gunmen",), ("Front",))),
        Article("b", TEXT, entities=entities(("Gao",), label="LOCATION")),
        Article("c", TEXT),
    ]
    predicted = [
        Article("a", TEXT, entities=entities(("gunmen",))),
        Article("b", TEXT, entities=entities(("Gao",), label="LOCATION")),
        Article("c", TEXT, entities=entities(("Front",))),
    ]
    micro = evaluate(gold, predicted, samples=1).entities["strict"].micro
    assert (micro.precision, micro.recall) == pytest.approx((2 / 3, 2 / 3))
