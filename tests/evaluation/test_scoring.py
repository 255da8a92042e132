import json

import pytest

from afteraction.data import LABELS, Article, DataError, InputError, Span
from afteraction.evaluation import evaluate, score_spans
from afteraction.evaluation.figures.bootstrap import SAMPLES


def half_right(articles: list[Article]) -> list[Article]:
    """Returns the last article as it is, and the others with every other span and no toll."""
    kept = [article.with_fields(spans=article.spans[::2], death_toll=None) for article in articles[:-1]]
    return [*kept, articles[-1]]


def test_a_report_is_json_without_loss(articles: list[Article]) -> None:
    report = evaluate(articles, half_right(articles))
    record = json.loads(json.dumps(report.record(), allow_nan=False))
    assert record["mentions"]["strict"]["micro"]["f1"] == report.mentions["strict"].micro.f1
    assert [row["name"] for row in record["mentions"]["strict"]["labels"]] == list(LABELS)
    assert record["mentions"]["strict"]["micro"]["f1_interval"].keys() == {"low", "high"}
    assert record["seqeval"] == report.seqeval
    assert record["tolls"]["exact"]["f1"] == report.tolls.exact.f1
    assert record["schema_version"] == 2


def test_a_report_without_spans_and_tolls_is_json() -> None:
    nothing = [Article("a", "Gao")]
    record = json.loads(json.dumps(evaluate(nothing, nothing).record(), allow_nan=False))
    assert (record["articles"], record["seqeval"], record["tolls"]["exact"]["support"]) == (1, {}, 0)


def test_no_articles_are_refused() -> None:
    with pytest.raises(InputError, match=r"empty\.jsonl: there are no articles to score"):
        evaluate([], [], gold_name="empty.jsonl")


def test_the_two_counts_of_a_report_agree(articles: list[Article]) -> None:
    report = evaluate(articles, half_right(articles))
    for row in report.mentions["strict"].labels:
        assert report.seqeval[row.name] == pytest.approx(
            {"precision": row.precision, "recall": row.recall, "f1": row.f1, "support": row.support}
        )
    assert report.seqeval["micro avg"]["f1"] == pytest.approx(report.mentions["strict"].micro.f1, rel=1e-9)
    assert report.seqeval["macro avg"]["f1"] == pytest.approx(report.mentions["strict"].macro.f1, rel=1e-9)
    assert 0 < report.mentions["strict"].micro.f1 < 1


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
    report = evaluate(gold, predicted, labels=labels)
    spans = report.mentions["strict"]
    assert report.labels == listed
    assert tuple(row.name for row in spans.labels) == listed
    assert (spans.micro.support, spans.micro.predicted) == (2, 2)


def test_a_report_has_the_scores_of_its_articles(articles: list[Article]) -> None:
    predicted = half_right(articles)
    strict = evaluate(articles, predicted, samples=SAMPLES).mentions["strict"]
    assert strict == score_spans(articles, predicted, labels=LABELS)


def test_articles_of_one_side_alone_are_refused(articles: list[Article]) -> None:
    with pytest.raises(DataError, match="'long' of gold is not in system"):
        evaluate(articles, articles[:-1])
