"""Tests of what is read from an article of an export: its headline, its body and its fields."""

from pathlib import Path

import pytest

from afteraction.data.inputs.exports import split_export

LAYOUTS = {path.stem: path.read_text() for path in sorted((Path(__file__).parent / "exports").glob("*.txt"))}
ACADEMIC, CODES, FACTIVA, UNI = LAYOUTS.values()

FIRST = (
    "Gunmen kill ten in Kano market\n\nGunmen of the Red Lance killed ten traders at a market in Kano on Friday.\n\n"
)
SECOND = "Bomb kills three in Lahore\n\nA bomb killed three soldiers at a bus station in Lahore on Sunday."


def test_what_the_export_says_of_an_article_is_its_meta() -> None:
    metas = {layout: split_export(text).parts[0].meta for layout, text in LAYOUTS.items()}
    for layout, meta in metas.items():
        assert meta["source"] == "The Daily Example", layout
        assert meta["date"] in ("March 2, 2024 Saturday", "2 March 2024")
        assert meta["length"] == "40 words"
        assert "Jane Doe" in meta["byline"]
        assert "Example Ltd." in meta["copyright"]
    assert metas["academic"]["subject"] == "MURDER (90%); MARKETS (80%); TERRORISM (75%)"
    assert metas["academic"]["pub-subject"] == "LAHORE; POLICE; SEX CRIME"
    assert metas["academic"]["edition"] == "Late Edition"
    assert metas["uni"]["load-date"] == "March 3, 2024"
    assert metas["factiva"]["document"] == metas["codes"]["document"] == "DAYEXA0020240302ek32000b1"
    assert metas["factiva"]["other"] == "10:15; DAYEXA; English"


def test_a_body_between_its_marks_stays_whole() -> None:
    body = "City: Kano\nState: Kano\nTwelve traders died.\n\nLength: two hours\n\nNotes: none"
    export = split_export(UNI.replace("Police gave no names.", body.replace("died.", "died.\nPage 2 of 3")))
    assert export is not None
    assert export.parts[0].text == FIRST + body
    assert export.parts[0].meta["length"] == "40 words"
    assert not {"city", "state", "notes"} & export.parts[0].meta.keys()


def test_fields_of_academic_are_in_capitals_so_other_ones_stay_in_the_body() -> None:
    export = split_export(
        ACADEMIC.replace('"We ran,"', 'State: Kano\nTwelve traders died.\n\nLength: two hours\n\n"We ran,"')
    )
    assert export is not None
    assert "\n\nState: Kano\nTwelve traders died.\n\nLength: two hours\n\n" in export.parts[0].text
    assert export.parts[0].meta["length"] == "40 words"
    assert "state" not in export.parts[0].meta


def test_a_field_of_academic_that_is_wrapped_is_read_to_its_end() -> None:
    headline = "Washington: Principal Deputy Assistant Attorney General Vanita Example"
    head = f"""                               1 of 1 DOCUMENTS


     Copyright 2024 Washingtonpost.Example Interactive Company, LLC d/b/a
                            Washington Example Digital
                              All Rights Reserved

                              The Washington Example

                             March 2, 2024 Saturday

SECTION: Section A; Column 1; Foreign Desk; A WAR, ITS PEOPLE; FRONT PAGE; Pg.
A01

HEADLINE: {headline}
Delivers Remarks

BYLINE: NICOLE EXAMPLE; DAVID EXAMPLE; TIM EXAMPLE; PAUL EXAMPLE; KAREN EXAMPLE
STAFF WRITERS

LENGTH: 30 words
Gunmen came to Kano.
"""
    export = split_export(head)
    assert export is not None
    [(text, meta)] = export.parts
    assert text == f"{headline} Delivers Remarks\n\nGunmen came to Kano."
    assert meta["source"] == "The Washington Example"
    assert meta["copyright"].endswith("d/b/a Washington Example Digital; All Rights Reserved")
    assert meta["section"].endswith("Pg. A01")
    assert meta["byline"].endswith("KAREN EXAMPLE STAFF WRITERS")


def test_a_paragraph_below_a_field_does_not_continue_it() -> None:
    above = "Byline: NICOLE EXAMPLE; DAVID EXAMPLE; TIM EXAMPLE; PAUL EXAMPLE; KAREN EXAMPLE"
    body = "Gunmen of the Red Lance killed ten traders at a market in Kano on Friday, the police said."
    export = split_export(f"{above}\n{body}\nEnd of Document\n")
    assert export is not None
    assert export.parts[0].text == body


@pytest.mark.parametrize(
    ("above", "title"),
    [
        (
            "Foreign Desk; SECTA\nGunmen kill ten in Kano\n\nBy Jane Doe\nSpecial to The Daily",
            "Gunmen kill ten in Kano",
        ),
        ("Gunmen kill ten in Kano\nBy Jane Doe", "Gunmen kill ten in Kano"),
        ("News\nGunmen kill ten in Kano", "News\nGunmen kill ten in Kano"),
        ("By night, gunmen kill ten", "By night, gunmen kill ten"),
        ("12 dead", "12 dead"),
    ],
)
def test_a_section_above_the_headline_of_factiva_does_not_replace_it(above: str, title: str) -> None:
    export = split_export(FACTIVA.replace("Gunmen kill ten in Kano market\n\nBy Jane Doe", above, 1))
    assert export is not None
    [text, meta] = export.parts[0]
    assert text == FIRST.replace("Gunmen kill ten in Kano market", title) + "Police gave no names."
    assert (meta.get("section"), meta.get("byline")) == (
        "Foreign Desk; SECTA" if "Foreign" in above else None,
        "By Jane Doe" if "Jane" in above else None,
    )
    assert meta["length"] == "40 words"


def test_a_copyright_below_a_body_of_factiva_ends_no_head() -> None:
    body = "Gunmen killed ten.\n\nPolice gave no names.\n\n(c) 2024 Example Ltd.\n\nContact the desk."
    export = split_export(f"{body}\n\nDocument DAYEXA0020240302ek32000b1\n")
    assert export is not None
    assert export.parts == ((body, {"document": "DAYEXA0020240302ek32000b1"}),)


def test_the_codes_of_factiva_may_have_lines_of_their_own() -> None:
    lines = (
        CODES.replace("NS  gvio : Violence\n", "")
        .replace("AN  ", "\nAN\n")
        .replace("HD  ", "HD\n")
        .replace("LP  ", "LP\n")
    )
    export = split_export(lines)
    assert export is not None
    assert [part.text for part in export.parts] == [FIRST + "Police gave no names.", SECOND]


def test_words_that_begin_like_codes_of_factiva_are_text() -> None:
    body = "Gunmen killed ten.\nHDP lawmakers spoke.\nLPG burnt."
    export = split_export(f"{body}\nDocument DAYEXA0020240302ek32000b1\n")
    assert export is not None
    assert export.parts[0].text == body
