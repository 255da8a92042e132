import json

import pytest

from afteraction.data import LABELS, Article, DataError, Span, Toll
from afteraction.evaluation import evaluate, score_spans


def half_right(articles: list[Article]) -> list[Article]:
    """Every other span, no toll but the last article's."""
    kept = [article.with_fields(spans=article.spans[::2], death_toll=None) for article in articles[:-1]]
    return [*kept, articles[-1]]


def test_a_report_is_json_without_loss(articles: list[Article]) -> None:
    report = evaluate(articles, half_right(articles))
    record = json.loads(json.dumps(report.record(), allow_nan=False))
    assert record["spans"]["micro"]["f1"] == report.spans.micro.f1
    assert [row["name"] for row in record["spans"]["labels"]] == list(LABELS)
    assert record["spans"]["micro"]["f1_interval"].keys() == {"low", "high"}
    assert record["seqeval"] == report.seqeval
    assert record["tolls_right"] == report.tolls_right


def test_a_report_of_no_articles_is_json() -> None:
    record = json.loads(json.dumps(evaluate([], []).record(), allow_nan=False))
    assert (record["spans"]["articles"], record["seqeval"], record["tolls_given"]) == (0, {}, 0)


def test_the_two_counts_of_a_report_agree(articles: list[Article]) -> None:
    report = evaluate(articles, half_right(articles))
    for row in report.spans.labels:
        assert report.seqeval[row.name] == pytest.approx(
            {"precision": row.precision, "recall": row.recall, "f1": row.f1, "support": row.support}
        )
    assert report.seqeval["micro avg"]["f1"] == pytest.approx(report.spans.micro.f1)
    assert report.seqeval["macro avg"]["f1"] == pytest.approx(report.spans.macro.f1)
    assert 0 < report.spans.micro.f1 < 1


@pytest.mark.parametrize(
    ("labels", "listed"),
    [
        ((), ("TARGET", "LOCATION", "AREA", "OTHER")),
        (("OTHER",), ("OTHER", "AREA", "LOCATION", "TARGET")),
        (("DEATH_TOLL", "TARGET"), ("DEATH_TOLL", "TARGET", "AREA", "LOCATION", "OTHER")),
    ],
)
def test_labels_are_listed_first_and_no_other_is_left_out(labels: tuple[str, ...], listed: tuple[str, ...]) -> None:
    text = "a b c d"
    gold = [Article("a", text, (Span(0, 1, "OTHER"), Span(2, 3, "LOCATION")))]
    predicted = [Article("a", text, (Span(0, 1, "TARGET"), Span(4, 5, "AREA")))]
    spans = evaluate(gold, predicted, labels=labels).spans
    assert tuple(row.name for row in spans.labels) == listed
    assert (spans.micro.support, spans.micro.predicted) == (2, 2)


def test_tolls_are_right_where_both_bounds_are_and_where_neither_side_has_one() -> None:
    tolls = [
        (Toll(50, None), Toll(50, None)),
        (Toll(50, None), Toll(50, 50)),
        (Toll(3, 3), None),
        (None, Toll(3, 3)),
        (None, None),
        (Toll(0, 0), Toll(0, 0)),
    ]
    gold = [Article(str(i), "Gao", death_toll=toll) for i, (toll, _) in enumerate(tolls)]
    predicted = [Article(str(i), "Gao", death_toll=toll) for i, (_, toll) in enumerate(tolls)]
    report = evaluate(gold, predicted[::-1])
    assert (report.tolls_right, report.tolls_given, report.tolls_given_right) == (3, 4, 2)


def test_a_report_has_the_scores_of_its_articles(articles: list[Article]) -> None:
    predicted = half_right(articles)
    assert evaluate(articles, predicted).spans == score_spans(articles, predicted, labels=LABELS)


def test_articles_of_one_side_alone_are_refused(articles: list[Article]) -> None:
    with pytest.raises(DataError, match="'long' has no prediction"):
        evaluate(articles, articles[:-1])
