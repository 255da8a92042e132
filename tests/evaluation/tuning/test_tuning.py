from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from transformers import set_seed

from afteraction.data import LABELS, Article, InputError, LabelScheme, Span, WindowConfig
from afteraction.evaluation import score_spans
from afteraction.evaluation.tuning import same_number, tune, wanted_recall
from afteraction.evaluation.tuning.tuning import FOLDS, TEMPERATURES
from afteraction.model import ModelSettings, Tagger, build_classifier, load_tokenizer
from afteraction.model.decoding.viterbi import best_runs

TEXTS = (
    "Two gunmen killed at least 50 soldiers near Gao, Mali.",
    "Rebels attacked a bus in Kano, killing three people.",
    "The army said the market was near the river.",
    "The rebels attacked a police school in Bamako.",
    "Three people were killed and 12 wounded in the village.",
    "Soldiers were near the bus. The gunmen attacked the city.",
)


@pytest.fixture(scope="module")
def tagger(tiny_encoder: Path) -> Tagger:
    """Returns a model with a random head, which happens to find many spans."""
    set_seed(5)
    model = build_classifier(
        str(tiny_encoder), scheme=LabelScheme(), hidden_dropout=0, attention_dropout=0, head_dropout=0
    )
    model.classifier.weight.data.mul_(15.0)
    settings = ModelSettings(window=WindowConfig(size=32, stride=8))
    return Tagger(model=model, tokenizer=load_tokenizer(str(tiny_encoder)), settings=settings)


@pytest.fixture(scope="module")
def gold(tagger: Tagger) -> list[Article]:
    """Returns articles with a random part of the spans that the model finds, whatever their scores."""
    random = np.random.default_rng(0)
    everything = with_settings(tagger, thresholds=dict.fromkeys(LABELS, 0.0))
    articles = [Article(f"{number}-{copy}", text) for number, text in enumerate(TEXTS) for copy in range(4)]
    return [
        Article(
            article.id,
            article.text,
            tuple(Span(span.start, span.end, span.label) for span in article.spans if random.random() < 0.6),
        )
        for article in everything.predict(articles)
    ]


def with_settings(tagger: Tagger, **changes: object) -> Tagger:
    settings = tagger.settings.model_copy(update=changes)
    return Tagger(model=tagger.model, tokenizer=tagger.tokenizer, settings=settings)


def test_prediction_under_the_fitted_settings_gives_the_fitted_scores(tagger: Tagger, gold: list[Article]) -> None:
    tuning = tune(tagger, gold)
    assert tuning.scores_before.labels == score_spans(gold, tagger.predict(gold), labels=LABELS).labels
    fitted = with_settings(tagger, temperature=tuning.temperature, thresholds=tuning.thresholds)
    assert tuning.scores_fitted.labels == score_spans(gold, fitted.predict(gold), labels=LABELS).labels
    assert tuning.scores_fitted.micro.f1 >= tuning.scores_before.micro.f1
    assert tuning.calibration_after.log_loss < tuning.calibration_before.log_loss
    assert tuning.temperature in TEMPERATURES


def test_cross_validated_scores_are_those_of_fitting_without_an_article_s_fold(
    tagger: Tagger, gold: list[Article]
) -> None:
    few = gold[:: len(gold) // FOLDS][:FOLDS]  # one article per fold
    tuning = tune(tagger, few)
    predicted = []
    for held in few:
        others = tune(tagger, [article for article in few if article is not held])
        fitted = with_settings(tagger, temperature=others.temperature, thresholds=others.thresholds)
        predicted.extend(fitted.predict([held]))
    expected = score_spans(few, predicted, labels=LABELS)
    assert [replace(row, f1_interval=None) for row in tuning.scores_after.labels] == [
        replace(row, f1_interval=None) for row in expected.labels
    ]


def test_the_order_of_the_articles_does_not_matter(tagger: Tagger, gold: list[Article]) -> None:
    first, second = tune(tagger, gold), tune(tagger, gold[::-1])
    assert (first.temperature, first.thresholds) == (second.temperature, second.thresholds)
    assert first.scores_after == second.scores_after
    assert first.calibration_after == second.calibration_after


def test_a_wanted_recall_lowers_thresholds(tagger: Tagger, gold: list[Article]) -> None:
    low = tune(tagger, gold, choose=wanted_recall(1.0))
    high = tune(tagger, gold, choose=wanted_recall(0.3))
    assert all(low.thresholds[label] <= high.thresholds[label] for label in LABELS)
    assert low.scores_fitted.micro.recall > high.scores_fitted.micro.recall


def test_the_same_number_of_spans_is_kept_at_other_scores(tagger: Tagger, gold: list[Article]) -> None:
    tuning = tune(tagger, gold, choose=same_number)
    assert tuning.temperature != tuning.temperature_before
    assert tuning.thresholds != tuning.thresholds_before
    before, after = (
        [row.predicted for row in scores.labels] for scores in (tuning.scores_before, tuning.scores_fitted)
    )
    assert after == pytest.approx(before, abs=4)  # the articles are in fours, and copies have the same scores
    assert sum(before) > 0


def test_labels_that_nobody_annotated_are_left_out(tagger: Tagger, gold: list[Article]) -> None:
    unknown = [
        article.with_fields(
            unknown_labels=("TARGET",), spans=tuple(span for span in article.spans if span.label != "TARGET")
        )
        for article in gold
    ]
    tuning = tune(tagger, unknown)
    assert tuning.thresholds["TARGET"] == tagger.settings.thresholds["TARGET"]
    [row] = [row for row in tuning.scores_after.labels if row.name == "TARGET"]
    assert (row.support, row.predicted) == (0, 0)


def test_a_label_that_is_never_right_keeps_its_threshold(tagger: Tagger, gold: list[Article]) -> None:
    without = [
        article.with_fields(spans=tuple(span for span in article.spans if span.label != "TARGET")) for article in gold
    ]
    tuning = tune(tagger, without)
    assert tuning.scores_before.micro.predicted > sum(len(article.spans) for article in without) / 2
    assert tuning.thresholds["TARGET"] == tagger.settings.thresholds["TARGET"]


def test_annotated_spans_of_an_unknown_label_are_no_support(tagger: Tagger, gold: list[Article]) -> None:
    unknown = [article.with_fields(unknown_labels=("TARGET",)) for article in gold[::2]]
    mixed = [*unknown, *gold[1::2]]
    tuning = tune(tagger, mixed)
    assert any(span.label == "TARGET" for article in unknown for span in article.spans)
    assert tuning.scores_before.labels == score_spans(mixed, tagger.predict(mixed), labels=LABELS).labels


def test_too_little_to_fit_on_is_refused(tagger: Tagger, gold: list[Article]) -> None:
    with pytest.raises(InputError, match=r"1 article\(s\) are too few"):
        tune(tagger, gold[:1])
    with pytest.raises(InputError, match="finds no span"):
        tune(tagger, [Article("a", ""), Article("b", "")])
    with pytest.raises(InputError, match=f"'{gold[1].id}' occurs twice"):
        tune(tagger, [*gold, gold[1]])


def test_a_label_that_the_model_does_not_have_is_refused(tagger: Tagger, gold: list[Article]) -> None:
    other = Article("other", "Gao", (Span(0, 3, "Location"),))
    with pytest.raises(InputError, match="'other': the model has no label 'Location'; "):
        tune(tagger, [*gold, other])


def test_tuning_decodes_each_article_once(tagger: Tagger, gold: list[Article], monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[int] = []

    def counting(log_probabilities: list[object], *arguments: object, **options: object) -> object:
        decoded.append(len(log_probabilities))
        return best_runs(log_probabilities, *arguments, **options)

    monkeypatch.setattr("afteraction.model.decoding.spans.best_runs", counting)
    tune(tagger, gold)
    assert sum(decoded) == len(gold)
