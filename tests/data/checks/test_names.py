import pytest

from afteraction.data import Article, Span
from afteraction.data.checks import Fault
from afteraction.data.checks.names import NameUses, faults_within
from afteraction.data.text import name_in


def annotated(article_id: str, text: str, *spans: tuple[str, str], unknown_labels: tuple[str, ...] = ()) -> Article:
    """Returns an article in which each surface is annotated at its first occurrence."""
    annotation = tuple(Span(text.index(surface), text.index(surface) + len(surface), label) for surface, label in spans)
    return Article(article_id, text, annotation, unknown_labels=unknown_labels)


def compared(*articles: Article) -> list[Fault]:
    uses = NameUses()
    for article in articles:
        uses.count(article)
    uses.keep_frequent_names()
    return [*(fault for article in articles for fault in uses.compare(article, file="f")), *uses.unlabelled()]


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("Boko Haram", "Boko Haram"),
        ("the Army of God", "Army of God"),
        ("The Army of God", "Army of God"),
        ("JNIM", "JNIM"),
        ("the IRA", "IRA"),
        ("Al-Shabaab", "Al-Shabaab"),
        ("al-Shabaab", "al-Shabaab"),
        ("the Al-Shabaab fighters", None),
        ("Al- Shabaab", None),
        ("Gao", None),
        ("The police", None),
        ("two Gao policemen", None),
        ("police in Gao", None),
        ("United nations", None),
        ("Army of", None),
        ("50", None),
        ("A", None),
        ("the ", None),
        ("", None),
    ],
)
def test_names_are_acronyms_and_capitalised_words(surface: str, name: str | None) -> None:
    assert name_in(surface) == name


def test_two_labels_in_an_article_are_a_warning_for_a_name_and_an_info_for_other_texts() -> None:
    text = "The Red Hand hit men. Police hit the Red Hand; men fled."
    spans = (Span(0, 12, "PERPETRATOR"), Span(17, 20, "TARGET"), Span(33, 45, "TARGET"), Span(47, 50, "PERPETRATOR"))
    faults = list(faults_within(Article("a", text, spans), file="f"))
    assert [(fault.code, fault.start, fault.text) for fault in faults] == [
        ("two-labels", 0, "The Red Hand"),
        ("varying-label", 17, "men"),
        ("two-labels", 33, "the Red Hand"),
        ("varying-label", 47, "men"),
    ]
    assert faults[0].message == "is PERPETRATOR here and TARGET elsewhere in the article"


@pytest.mark.parametrize(
    ("rest", "reported"),
    [
        ("Red Hand fled.", True),
        ("the Red Hand's flag", True),
        ("the Red Handle", False),
        ("a pre-Red Hand era", False),
        ("017/Red Hand/2026", False),
        ("the Red Hand Brigade", False),
        ("the Red Hand-style hit", False),
        ("the red hand", False),
        ("Red Hand", True),
    ],
)
def test_a_name_left_bare_elsewhere_in_an_article_is_reported(rest: str, reported: bool) -> None:
    article = annotated("a", f"The Red Hand hit. And {rest}", ("The Red Hand", "PERPETRATOR"))
    start = article.text.rindex("Red Hand") if reported else None
    assert [(fault.code, fault.start, fault.end, fault.text) for fault in faults_within(article, file="f")] == (
        [("unlabelled", start, start + 8, "Red Hand")] if start is not None else []
    )


def test_a_name_within_another_span_is_not_bare() -> None:
    text = "The Red Hand hit. Police hit fighters of the Red Hand."
    spans = (("The Red Hand", "PERPETRATOR"), ("fighters of the Red Hand", "TARGET"))
    assert list(faults_within(annotated("a", text, *spans), file="f")) == []


def test_names_of_an_unknown_label_are_not_bare() -> None:
    text = "The Red Hand hit. Then the Red Hand fled."
    article = annotated("a", text, ("The Red Hand", "PERPETRATOR"))
    assert len(list(faults_within(article, file="f"))) == 1
    assert list(faults_within(article.with_fields(unknown_labels=("PERPETRATOR",)), file="f")) == []


def test_a_text_in_capitals_has_no_names() -> None:
    text = "THE RED HAND HIT. THE RED HAND FLED."
    assert list(faults_within(annotated("a", text, ("THE RED HAND", "PERPETRATOR")), file="f")) == []


FREQUENT = [annotated(str(number), "The Red Hand hit.", ("The Red Hand", "PERPETRATOR")) for number in range(3)]


def test_a_name_with_a_label_that_is_rare_for_it_is_reported_once() -> None:
    odd = annotated("odd", "They hit the Red Hand.", ("the Red Hand", "TARGET"))
    assert compared(*FREQUENT, odd) == [
        Fault(
            "two-labels",
            "f",
            "is TARGET here, 1 of 4 times, but PERPETRATOR 3 times",
            "odd",
            9,
            21,
            "the Red Hand",
        )
    ]
    assert compared(*FREQUENT, odd, odd.with_fields(id="odder")) == []
    assert compared(*FREQUENT[:2], odd) == []


def test_a_name_left_bare_in_one_article_of_many_is_reported_once_with_its_counts() -> None:
    bare = annotated("bare", "Gunmen hit. The Red Hand fled.", ("Gunmen", "PERPETRATOR"))
    [fault] = compared(*FREQUENT, bare)
    assert (fault.code, fault.article, fault.start, fault.text) == ("unlabelled", "bare", 16, "Red Hand")
    assert fault.message == "is labelled 3 times in 3 articles, but not here; places without a label: 1, articles: 1"
    assert compared(*FREQUENT, bare, bare.with_fields(id="barer")) == []
    assert compared(*FREQUENT[:2], bare) == []


def test_articles_without_spans_or_with_the_label_unknown_are_not_compared() -> None:
    text = "Gunmen hit. The Red Hand fled."
    assert compared(*FREQUENT, Article("none", text)) == []
    assert compared(*FREQUENT, annotated("open", text, ("Gunmen", "TARGET"), unknown_labels=("PERPETRATOR",))) == []
