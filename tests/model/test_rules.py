import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.data import LABELS, Article, Toll, read_named
from afteraction.model import RULES, RuleTagger, Tagger, load_system

STORY = (
    "GAO, Mali (Sahel Wire) - Masked gunmen killed at least 12 people when they attacked a military school near Gao on "
    "Tuesday, officials said.\n\nThe gunmen also wounded five soldiers. The Front for the Liberation of Azawad (FLA) "
    "said it had bombed the school. FLA fighters have raided a dozen villages near Gao."
)

PIECES = (
    "gunmen",
    "The Front",
    "(FLA)",
    "killed",
    "12",
    "at least",
    "people",
    "a military school",
    "near Gao",
    "bomb",
    "attack",
    "shot",
    "PARIS,",
    "Mali",
    "dead:",
    " ",
    " ",
    "\n",
    "\n\n",
    ". ",
    ", ",
    "’s",
    "\u2028",
    "é",
)


def surfaces(text: str, label: str) -> list[str]:
    [article] = RuleTagger().predict([text])
    return [article.surface(span) for span in article.spans if span.label == label]


def test_a_story_is_labelled() -> None:
    assert surfaces(STORY, "DEATH_TOLL") == ["at least 12"]
    assert surfaces(STORY, "PERPETRATOR") == [
        "Masked gunmen",
        "The gunmen",
        "The Front for the Liberation of Azawad",
        "FLA",
        "FLA fighters",
    ]
    assert {"people", "a military school", "five soldiers", "the school"} <= set(surfaces(STORY, "TARGET"))
    assert surfaces(STORY, "LOCATION") == ["GAO", "Mali", "Gao", "Gao"]
    [article] = RuleTagger().predict([STORY])
    assert article.death_toll == Toll(12, None)
    assert {entity.label for entity in article.entities} == set(LABELS)


def test_an_article_without_violence_has_no_spans() -> None:
    [article] = RuleTagger().predict(["The mayor of Gao opened a school near the market, officials said."])
    assert not article.spans


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=60).map("".join))
@settings(max_examples=300)
def test_any_text_gives_an_article(text: str) -> None:
    given_article = Article("a", text, meta={"source": "x"})
    [article] = RuleTagger().predict([given_article])
    assert (article.id, article.text, article.meta) == ("a", text, {"source": "x"})
    assert all(span.entity is not None and span.label in LABELS for span in article.spans)


def test_a_month_is_no_place_and_a_city_that_begins_like_a_pronoun_is() -> None:
    text = "Gunmen shot a guard in May and bombed a bus in Thessaloniki."
    assert surfaces(text, "LOCATION") == ["Thessaloniki"]


def test_in_capitals_a_line_is_no_dateline() -> None:
    text = "FORCED OUT, THE GUERRILLAS BOMBED A BUS IN SAN MIGUEL, AND SHOT TWO GUARDS DEAD IN THE CITY."
    assert surfaces(text, "LOCATION") == ["SAN MIGUEL"]


def test_strings_are_numbered() -> None:
    assert [article.id for article in RuleTagger().predict(["a", Article("x", "b"), "c"])] == ["1", "x", "3"]


@pytest.mark.slow
def test_the_rules_are_a_baseline_above_nothing() -> None:
    articles = list(read_named(["bundled:train"]))
    correct = predicted_count = gold_count = 0
    for gold, predicted in zip(articles, RuleTagger().predict(articles), strict=True):
        gold_spans = {(span.start, span.end, span.label) for span in gold.spans}
        correct += sum((span.start, span.end, span.label) in gold_spans for span in predicted.spans)
        predicted_count += len(predicted.spans)
        gold_count += len(gold_spans)
    assert 2 * correct / (predicted_count + gold_count) > 0.25


def test_systems_by_name(model_folder: object) -> None:
    assert isinstance(load_system(RULES), RuleTagger)
    assert load_system(RULES).labels == LABELS
    trained = load_system(str(model_folder))
    assert isinstance(trained, Tagger)
    assert trained.labels == LABELS


@pytest.mark.parametrize("word", ["a ", "The Front of ", "12 ", "near Gao, ", "killed ", "x", "A"])
def test_a_long_text_of_one_word_is_no_trouble(word: str) -> None:
    [article] = RuleTagger().predict(["bomb bomb attack " + word * 3000])
    assert article.text.startswith("bomb")


def test_references_and_invisible_characters_do_not_reach_the_rules() -> None:
    text = "Gun\xadmen killed 12&nbsp;people in Mai&shy;duguri. The attack hit a po\u200blice post."
    assert surfaces(text, "PERPETRATOR") == ["Gun\xadmen"]
    assert surfaces(text, "DEATH_TOLL") == ["12"]
    assert surfaces(text, "LOCATION") == ["Mai&shy;duguri"]
    assert surfaces(text, "TARGET") == ["people", "a po\u200blice post"]
