import pytest

from afteraction.data import Article, Entity, Span
from afteraction.evaluation import evaluate
from afteraction.evaluation.counting.names import normalise, normalise_name


@pytest.mark.parametrize(
    ("string", "plain"),
    [
        ("The Shining Path", "shining path"),
        ('A  bus,\nan "army" van', "bus army van"),
        ("U.S. embassy", "us embassy"),
        ("“Théâtre” the", "théâtre"),
        ("Al-Shabaab", "alshabaab"),
        ("another man", "another man"),
        ("$100 <bomb>", "100 bomb"),
        ("the", ""),
        ("...", ""),
    ],
)
def test_strings_are_compared_without_case_punctuation_and_articles(string: str, plain: str) -> None:
    assert normalise(string) == plain


@pytest.mark.parametrize(
    ("one", "other"), [("Faladié", "FALADIE"), ("Mali’s", "Mali"), ("the rebels'", "Rebels"), ("Peña", "Pen\u0303a")]
)
def test_names_are_compared_without_accents_and_possessives_too(one: str, other: str) -> None:
    assert normalise_name(one) == normalise_name(other)


@pytest.mark.parametrize(("one", "other"), [("...", "the"), ("Mali", "Malian"), ("Gao", "Gaoua")])
def test_names_that_differ_stay_different(one: str, other: str) -> None:
    assert normalise_name(one) != normalise_name(other)


def test_names_are_a_set_per_article_and_label() -> None:
    text = "Gao, Mali. GAO, Kano: Rebels killed 12."
    gold = Article(
        "a",
        text,
        (Span(0, 3, "LOCATION"), Span(5, 9, "LOCATION"), Span(11, 14, "LOCATION"), Span(22, 28, "PERPETRATOR"),
         Span(36, 38, "DEATH_TOLL")),
    )  # fmt: skip
    names = (Entity("e1", "LOCATION", "Gao", ("Gao", "gao's"), 1.0), Entity("e2", "LOCATION", "Kano", ("Kano",), 1.0))
    found = evaluate([gold], [Article("a", text, entities=names)], samples=1).names
    rows = {row.name: (row.precision, row.recall, row.support, row.predicted) for row in found.labels}
    assert rows == {"LOCATION": (0.5, 0.5, 2, 2), "PERPETRATOR": (0, 0, 1, 0)}
    assert (found.micro.support, found.micro.predicted) == (3, 2)


def test_an_entity_without_mentions_has_its_name() -> None:
    gold = Article("a", "Gao", (Span(0, 3, "LOCATION"),))
    predicted = Article("a", "Gao", entities=(Entity("e1", "LOCATION", "Gao", ()),))
    report = evaluate([gold], [predicted], samples=1)
    assert report.names.micro.f1 == report.entities["strict"].micro.f1 == 1
