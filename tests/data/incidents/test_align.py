from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, Span, Toll
from afteraction.data.incidents import (
    Incident,
    align,
    clean_text,
    group_names,
    named_groups,
    read_deaths,
    share_found,
)
from afteraction.data.incidents.align import without_overlaps
from afteraction.data.text import load_aliases

ALIASES = load_aliases()
TEXT = (
    "ISIL militants attacked a post in the Jalawla district of Diyala province, killing at least seven soldiers and "
    "wounding three.[12] The Islamic State claimed the attack."
)


def spans(article: Article) -> list[tuple[str, str]]:
    return [(article.surface(span), span.label) for span in article.spans]


def test_a_row_becomes_an_article_with_spans_of_what_its_fields_say() -> None:
    incident = Incident(
        "a", TEXT, ["Islamic State (suspected)"], [], ["Jalawla, Diyala Governorate", "Iraq"], ["7 (+1)"]
    )
    article = align(incident, ALIASES)
    assert "[12]" not in article.text
    assert spans(article) == [
        ("ISIL militants", "PERPETRATOR"),
        ("Jalawla", "LOCATION"),
        ("Diyala", "LOCATION"),
        ("at least seven", "DEATH_TOLL"),
        ("The Islamic State", "PERPETRATOR"),
    ]
    first, jalawla, diyala, _, last = (span.entity for span in article.spans)
    assert first == last
    assert jalawla != diyala
    assert article.death_toll == Toll(7, 7)
    assert article.meta == {
        "found": {"perpetrator": ["Islamic State"], "location": ["Jalawla", "Diyala Governorate"], "deaths": ["7"]},
        "missing": {"location": ["Iraq"]},
    }
    assert share_found(article) == 1.0


def test_a_label_is_known_only_if_nothing_else_in_the_text_could_have_it() -> None:
    assert align(Incident("a", TEXT, [], [], ["Jalawla", "Diyala"], ["7"]), ALIASES).unknown_labels == (
        "PERPETRATOR",
        "TARGET",
        "LOCATION",  # "Islamic State" is not a span here, and as far as the row says, it could be a place
    )
    small = "Gunmen killed two people in Jos. Five were hurt."
    assert align(Incident("a", small, [], [], ["Jos"], ["2"]), ALIASES).unknown_labels == ("PERPETRATOR", "TARGET")
    for text in (small, "Gunmen killed many people in Jos."):
        assert align(Incident("a", text, [], [], ["Jos"], ["9"]), ALIASES).unknown_labels == (
            "PERPETRATOR",
            "TARGET",
            "DEATH_TOLL",
        )


def test_counts_that_add_up_to_the_field_are_its_parts() -> None:
    text = "A mine killed three soldiers and two drivers in Gao."
    article = align(Incident("a", text, deaths=["5"]), ALIASES)
    assert spans(article) == [("three", "DEATH_TOLL"), ("two", "DEATH_TOLL")]
    assert align(Incident("a", text, deaths=["4"]), ALIASES).spans == ()


def test_the_day_of_a_date_is_no_part_of_the_toll() -> None:
    text = "On 3 May 2021, 12 soldiers and 3 drivers were killed in Gao."
    article = align(Incident("a", text, deaths=["15"]), ALIASES)
    assert spans(article) == [("12", "DEATH_TOLL"), ("3", "DEATH_TOLL")]
    assert "DEATH_TOLL" not in article.unknown_labels
    assert align(Incident("a", text, deaths=["18"]), ALIASES).spans == ()
    article = align(Incident("a", "05/14/2012: A bomb killed five people.", deaths=["5"]), ALIASES)
    assert spans(article) == [("five", "DEATH_TOLL")]
    assert "DEATH_TOLL" not in article.unknown_labels


def test_each_field_is_looked_for_in_its_own_role() -> None:
    text = "A mine was laid by the Sahel Guard. The Red Column was hit."
    assert align(Incident("a", text, ["Red Column"], ["Sahel Guard"]), ALIASES).spans == ()
    article = align(Incident("a", text, ["Sahel Guard"], ["Red Column"]), ALIASES)
    assert spans(article) == [("the Sahel Guard", "PERPETRATOR"), ("The Red Column", "TARGET")]


def test_fields_that_say_nothing_are_not_given() -> None:
    article = align(Incident("a", TEXT, ["Unknown", ""], ["Not Applicable"], ["-"], ["Unknown"]), ALIASES)
    assert (article.spans, article.death_toll) == ((), None)
    assert article.meta == {"found": {}, "missing": {}}
    assert share_found(article) == 0.0


@pytest.mark.parametrize(
    ("field", "toll"),
    [
        ("7", Toll(7, 7)),
        ("7 (+1)", Toll(7, 7)),
        ("7  (+1 terrorist)", Toll(7, 7)),
        ("51+", Toll(51, None)),
        ("51+ (+2)", Toll(51, None)),
        ("2,191", Toll(2191, 2191)),
        ("24-200", Toll(24, 200)),
        ("c. 300", Toll(300, 300)),
        ("~30", Toll(30, 30)),
        ("0", Toll(0, 0)),
        ("0? (+10)", Toll(0, 0)),
        ("Several", Toll(3, None)),
        ("more than a dozen", Toll(12, None)),
        ("+1", None),
        ("(+2)", None),
        ("(1+)", None),
        ("1 (perpetrator)", None),
        ("7  (Terrorists)", None),
        ("-99", None),
        ("\u2212 9", None),
        ("a few?", Toll(3, None)),
        ("Unknown", None),
    ],
)
def test_what_a_field_of_deaths_means(field: str, toll: Toll | None) -> None:
    assert read_deaths(field) == toll


def test_a_field_of_nought_is_looked_for_nowhere() -> None:
    article = align(Incident("a", "Nobody was hurt in Jos.", deaths=["0"]), ALIASES)
    assert (article.death_toll, article.meta) == (None, {"found": {}, "missing": {}})


def test_the_names_in_a_field_of_groups() -> None:
    assert group_names("Islamic State (suspected)") == ["Islamic State"]
    assert group_names("YPG / PKK") == ["YPG / PKK", "YPG", "PKK"]
    assert group_names("Real IRA and others") == ["Real IRA and others", "Real IRA", "others"]
    assert group_names("Unknown") == []


@pytest.mark.parametrize(
    ("field", "groups"),
    [
        (
            "JNIM: Group for Support of Islam and Muslims",
            [("JNIM", "Group for Support of Islam and Muslims")],
        ),
        (
            "JNIM: Group for Support of Islam and Muslims and/or Islamic State Sahel Province",
            [("JNIM", "Group for Support of Islam and Muslims"), ("Islamic State Sahel Province",)],
        ),
        (
            "Islamic State West Africa Province (ISWAP) and/or Boko Haram - Jamatu Ahli is-Sunnah lid-Dawatai",
            [
                ("Islamic State West Africa Province", "ISWAP"),
                (
                    "Boko Haram - Jamatu Ahli is-Sunnah lid-Dawatai",
                    "Boko Haram",
                    "Jamatu Ahli is-Sunnah lid-Dawatai",
                ),
            ],
        ),
        ("M23: March 23 Movement", [("M23", "March 23 Movement")]),
        ("Military Forces of Mali (2020-2021)", [("Military Forces of Mali",)]),
        ("Movement for Oneness and Jihad in West Africa", [("Movement for Oneness and Jihad in West Africa",)]),
        ("Unidentified Armed Group (Nigeria)", []),
        ("Red Lance; Sahel Guard", [("Red Lance",), ("Sahel Guard",)]),
    ],
)
def test_a_group_may_have_several_names_and_a_field_several_groups(field: str, groups: list[tuple[str, ...]]) -> None:
    assert named_groups(field) == groups


def test_the_names_of_a_group_are_one_entity() -> None:
    text = "JNIM attacked Gao. The Group for Support of Islam and Muslims claimed it."
    article = align(Incident("a", text, ["JNIM: Group for Support of Islam and Muslims"]), ALIASES)
    assert [surface for surface, _ in spans(article)] == ["JNIM", "The Group for Support of Islam and Muslims"]
    assert len({span.entity for span in article.spans}) == 1
    assert article.meta == {"found": {"perpetrator": ["JNIM", "Group for Support of Islam and Muslims"]}, "missing": {}}


def test_of_several_tolls_the_first_that_the_text_gives_counts() -> None:
    text = "A bomb killed 12 people in Jos."
    assert align(Incident("a", text, deaths=["10-15", "12"]), ALIASES).death_toll == Toll(12, 12)
    assert align(Incident("a", text, deaths=["20-25", "21"]), ALIASES).death_toll == Toll(20, 25)


@pytest.mark.parametrize("side", ["Civilians", "Protesters"])
def test_those_who_do_not_attack_are_no_perpetrator(side: str) -> None:
    article = align(Incident("a", f"{side} gathered in Gao.", [f"{side} (Mali)"]), ALIASES)
    assert (article.spans, article.meta) == ((), {"found": {}, "missing": {}})
    assert spans(align(Incident("a", "Rioters gathered in Gao.", ["Rioters (Mali)"]), ALIASES)) == [
        ("Rioters", "PERPETRATOR")
    ]


def test_reference_marks_are_taken_out_and_other_brackets_stay() -> None:
    assert clean_text(" A bomb[1][citation needed] hit [the] bus.[note 2] ") == "A bomb hit [the] bus."


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6), st.sampled_from(["A", "B"])), max_size=8))
def test_of_overlapping_spans_the_longest_stays(pieces: list[tuple[int, int, str]]) -> None:
    given_spans = [Span(start, start + length, label) for start, length, label in pieces]
    kept = without_overlaps(given_spans)
    assert list(kept) == sorted(kept, key=lambda span: span.start)
    assert all(first.end <= second.start for first, second in pairwise(kept))
    for span in given_spans:
        rivals = [other for other in kept if span.start < other.end and other.start < span.end]
        assert any(other.end - other.start >= span.end - span.start for other in rivals)


PIECES = ("ISIL", "the Taliban", "Kabul", "killed", "12", "twelve people", ",", ".", "in", "\n\n", "é", "'s", "[3]")


@given(st.lists(st.sampled_from(PIECES)).map(" ".join) | st.text(), st.sampled_from(["12", "51+", "x"]))
def test_any_text_gives_an_article(text: str, deaths: str) -> None:
    article = align(Incident("a", text, ["Taliban", "Islamic State"], ["é"], ["Kabul"], [deaths]), ALIASES)
    assert {span.label for span in article.spans} <= {"PERPETRATOR", "TARGET", "LOCATION", "DEATH_TOLL"}
