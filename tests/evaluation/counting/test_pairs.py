from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, DataError, Entity, Span, Toll
from afteraction.evaluation import evaluate, pair_articles, score_spans
from afteraction.evaluation.counting.pairs import without_unknown

IDS = tuple("abcdef")


def articles(ids: Iterable[str], *, log: list[str] | None = None) -> Iterator[Article]:
    for name in ids:
        if log is not None:
            log.append(name)
        yield Article(name, "Gao")


@given(st.permutations(IDS), st.permutations(IDS))
def test_each_article_meets_its_own_whatever_the_orders(first: list[str], second: list[str]) -> None:
    pairs = list(pair_articles(articles(first), articles(second)))
    assert sorted(gold.id for gold, _ in pairs) == list(IDS)
    assert all(gold.id == predicted.id for gold, predicted in pairs)


def test_the_first_of_a_pair_is_the_gold_one() -> None:
    gold = [Article("a", "Gao", (Span(0, 3, "LOCATION"),)), Article("b", "Gao", (Span(0, 3, "LOCATION"),))]
    for predicted in (["a", "b"], ["b", "a"]):
        assert all(pair[0].spans and not pair[1].spans for pair in pair_articles(gold, articles(predicted)))


def test_in_the_same_order_nothing_is_read_ahead() -> None:
    log: list[str] = []
    pairs = pair_articles(articles(IDS, log=log), articles(IDS))
    next(pairs)
    assert log == ["a"]
    next(pairs)
    assert log == ["a", "b"]


def test_an_article_twice_is_refused_even_after_its_pair() -> None:
    with pytest.raises(DataError, match="'a' occurs twice in the predicted articles"):
        list(pair_articles(articles("abc"), articles("aba")))


def test_an_error_names_both_sides_and_where_texts_part() -> None:
    gold, other = [Article("a", "in Gao")], [Article("a", "in Gaoua")]
    with pytest.raises(
        DataError, match=r"'a': its text in b\.jsonl differs from that in a\.jsonl, from character 6 on"
    ):
        list(pair_articles(gold, other, gold_name="a.jsonl", system="b.jsonl"))
    with pytest.raises(DataError, match="from character 3 on"):
        list(pair_articles(gold, [Article("a", "in gao")]))


def unknown(*labels: str, **fields: object) -> Article:
    return Article("a", "Gao: three killed", (Span(0, 3, "LOCATION"),), unknown_labels=labels).with_fields(**fields)


def test_an_unknown_label_is_left_out_on_both_sides() -> None:
    entities = (Entity("e1", "TARGET", "three", ("three",), 1.0), Entity("e2", "LOCATION", "Gao", ("Gao",), 1.0))
    predicted = Article("a", "Gao: three killed", (Span(0, 3, "LOCATION"), Span(5, 10, "TARGET")), entities=entities)
    gold, found = without_unknown(unknown("TARGET"), predicted)
    assert gold.spans == found.spans == (Span(0, 3, "LOCATION"),)
    assert found.entities == entities[1:]
    gold, found = without_unknown(unknown("LOCATION"), predicted)
    assert (gold.spans, found.spans) == ((), (Span(5, 10, "TARGET"),))


def test_a_toll_that_the_annotation_gives_is_scored_though_its_wording_is_unknown() -> None:
    predicted = Article("a", "Gao: three killed", death_toll=Toll(3, 3))
    assert without_unknown(unknown("DEATH_TOLL", death_toll=Toll(3, 3)), predicted)[1].death_toll == Toll(3, 3)
    assert without_unknown(unknown("DEATH_TOLL"), predicted)[1].death_toll is None
    assert without_unknown(unknown("TARGET"), predicted)[1].death_toll == Toll(3, 3)


def test_a_report_says_how_often_each_label_was_unknown() -> None:
    gold = [unknown("TARGET", "DEATH_TOLL"), unknown("TARGET").with_fields(id="b")]
    predicted = [Article(name, "Gao: three killed", (Span(5, 10, "TARGET"),)) for name in "ab"]
    report = evaluate(gold, predicted, samples=1)
    assert report.unknown_labels == {"DEATH_TOLL": 1, "TARGET": 2}
    assert (report.mentions["strict"].micro.predicted, report.errors.total) == (0, 2)
    assert score_spans(gold, predicted) == score_spans(
        [article.with_fields(unknown_labels=()) for article in gold], list(articles_of(gold))
    )


def articles_of(gold: Iterable[Article]) -> Iterator[Article]:
    for article in gold:
        yield Article(article.id, article.text)
