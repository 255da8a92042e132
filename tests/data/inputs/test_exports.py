import json
from pathlib import Path

import pytest

from afteraction.data import Article, DataError, InputFields, InputNotice, read_inputs
from afteraction.data.inputs.exports import split_export

ACADEMIC = """                               1 of 2 DOCUMENTS


                               The Daily Example

                             March 2, 2024 Saturday
                                 Late Edition

Gunmen kill ten in Kano market

BYLINE: By Jane Doe

SECTION: Foreign; Pg. 3

LENGTH: 40 words

DATELINE: KANO

BODY:
Gunmen of the Red Lance killed ten traders at a market in Kano on Friday.

"We ran," one of them said: nobody helped.

LOAD-DATE: March 3, 2024

SUBJECT: MURDER (90%); MARKETS (80%);
TERRORISM (75%)

PUB-SUBJECT: LAHORE; POLICE;
SEX CRIME

LANGUAGE: ENGLISH

                           Copyright 2024 Example Ltd.
                             All Rights Reserved

                               2 of 2 DOCUMENTS

                               The Daily Example

                              March 4, 2024 Monday

Bomb kills three in Lahore

LENGTH: 30 words

A bomb killed three soldiers at a bus station in Lahore on Sunday.

LOAD-DATE: March 5, 2024
"""

UNI = """User Name: J. Doe
Date and Time: Monday, March 4, 2024 10:00:00 AM
Job Number: 123456
Documents (2)
1. Gunmen kill ten in Kano market
Client/Matter: -None-
2. Bomb kills three in Lahore
Page 1 of 3
Gunmen kill ten in Kano market
The Daily Example
March 2, 2024 Saturday

Copyright 2024 Example Ltd. All Rights Reserved

Section: FOREIGN; Pg. 3
Length: 40 words
Byline: Jane Doe

Body


Gunmen of the Red Lance killed ten traders at a market in Kano on Friday.

Police gave no names.

Classification


Language: ENGLISH
Publication-Type: Newspaper
Load-Date: March 3, 2024


End of Document

Bomb kills three in Lahore
The Daily Example
March 4, 2024 Monday

Length: 30 words

Body

A bomb killed three soldiers at a bus station in Lahore on Sunday.

Load-Date: March 5, 2024

End of Document
"""

FACTIVA = """Gunmen kill ten in Kano market

By Jane Doe
40 words
2 March 2024
10:15
The Daily Example
DAYEXA
English
(c) 2024 Example Ltd.

Gunmen of the Red Lance killed ten traders at a market in Kano on Friday.

Police gave no names.

Document DAYEXA0020240302ek32000b1

Bomb kills three in Lahore
30 words
4 March 2024
The Daily Example
DAYEXA
English
Copyright 2024 Example Ltd.

A bomb killed three soldiers at a bus station in Lahore on Sunday.

Document DAYEXA0020240304ek34000c2

Search Summary
Text  bomb or gunmen
"""

CODES = """HD  Gunmen kill ten in Kano market
BY  Jane Doe
WC  40 words
PD  2 March 2024
SN  The Daily Example
LA  English
CY  (c) 2024 Example Ltd.
LP
Gunmen of the Red Lance killed ten traders at a market in Kano on Friday.

TD
Police gave no names.

NS  gvio : Violence
AN  Document DAYEXA0020240302ek32000b1

HD  Bomb kills three in Lahore
LP  A bomb killed three soldiers at a bus station in Lahore on Sunday.
AN  Document DAYEXA0020240304ek34000c2
"""

FIRST = (
    "Gunmen kill ten in Kano market\n\nGunmen of the Red Lance killed ten traders at a market in Kano on Friday.\n\n"
)
SECOND = "Bomb kills three in Lahore\n\nA bomb killed three soldiers at a bus station in Lahore on Sunday."
LAYOUTS = {"academic": ACADEMIC, "uni": UNI, "factiva": FACTIVA, "codes": CODES}


@pytest.mark.parametrize(
    ("layout", "second"),
    [
        ("academic", "                               2 of 2"),
        ("uni", "Bomb kills"),
        ("factiva", "Bomb kills"),
        ("codes", "HD  Bomb"),
    ],
)
def test_a_page_break_hides_no_mark_and_divides_no_paragraph(layout: str, second: str) -> None:
    above, _, below = LAYOUTS[layout].rpartition(second)
    export = split_export(f"{above}\f{second}{below}".replace("ten traders", "ten\n\ftraders"))
    assert export is not None
    assert (export.parts[1].text, export.doubts) == (SECOND, ())
    assert "killed ten\ntraders" in export.parts[0].text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_break_spaces_hide_no_mark(layout: str) -> None:
    text = LAYOUTS[layout]
    assert split_export(text.replace(" ", "\xa0")) == split_export(text)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_export_is_cut_into_bodies_with_their_headlines(layout: str, line_end: str) -> None:
    export = split_export(LAYOUTS[layout].replace("\n", line_end))
    assert export is not None
    first, second = export.parts
    last = '"We ran," one of them said: nobody helped.' if layout == "academic" else "Police gave no names."
    assert first.text == FIRST + last
    assert second.text == SECOND
    assert export.doubts == ()


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


@pytest.mark.parametrize(
    ("text", "count", "doubt"),
    [
        (ACADEMIC.replace(" of 2 ", " of 3 "), 2, "its marks speak of 3 articles, and 2 are here, numbered from 1"),
        ("A list of contents\n" + ACADEMIC, 2, "what stands above the first article is left out: 18 characters"),
        (UNI + "\nA third one\n", 3, "the last article is not followed by 'End of Document'"),
        (UNI.replace("1. Gunmen", "1. Men"), 2, "its cover page is part of the first article"),
        (UNI.replace("\nEnd of Document", "", 1), 1, "article 1 has 2 lines 'Load-Date:'"),
        (FACTIVA.replace("Search Summary", "Third headline"), 3, "is not followed by an accession number"),
    ],
)
def test_an_unsure_cut_is_told(text: str, count: int, doubt: str) -> None:
    export = split_export(text)
    assert export is not None
    assert len(export.parts) == count
    assert any(doubt in told for told in export.doubts)


def test_several_articles_without_a_mark_between_them_are_refused() -> None:
    text = UNI.replace("End of Document", "")
    with pytest.raises(DataError, match="2 lines 'Load-Date:', so this is an export of several articles"):
        split_export(text)


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen in Gao.",
        "The document says so.\nDocument 7 is lost.",
        "He signed 3 of 20 documents.",
        "Load-Date: today",
        "End of Documents",
    ],
)
def test_other_texts_are_no_exports(text: str) -> None:
    assert split_export(text) is None


def test_the_articles_of_an_export_have_ids_of_their_own(tmp_path: Path) -> None:
    for name, content in (("a.txt", ACADEMIC), ("b.txt", UNI[UNI.index("\nBomb") :]), ("c.txt", FACTIVA + "\nMore\n")):
        (tmp_path / name).write_text(content)
    errors: list[DataError] = []
    articles: list[Article] = list(read_inputs([str(tmp_path)], stream=None, on_error=errors.append))
    assert [article.id for article in articles] == [
        f"{tmp_path}/{name}" for name in ("a.txt#1", "a.txt#2", "b.txt", "c.txt#1", "c.txt#2")
    ]
    assert articles[2].text == SECOND
    assert errors == []


def test_a_record_with_one_article_of_an_export_keeps_its_title(tmp_path: Path) -> None:
    body = "A bomb killed three soldiers.\n\n"
    texts = [f"{body}End of Document", FACTIVA[FACTIVA.index("Bomb") : FACTIVA.index("Search")], FACTIVA]
    lines = [json.dumps({"headline": "Bomb kills three in Lahore", "text": text}) for text in texts]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    fields = InputFields(title="headline")
    articles = list(read_inputs([str(tmp_path / "a.jsonl")], stream=None, on_error=print, fields=fields))
    assert [article.text for article in articles] == [
        f"Bomb kills three in Lahore\n\n{body.strip()}", SECOND, FIRST + "Police gave no names.", SECOND,
    ]  # fmt: skip


def test_an_article_without_text_in_an_export_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1 of 2 DOCUMENTS\n\nLENGTH: 3 words\n\n2 of 3 DOCUMENTS\n\nGunmen in Gao.\n")
    errors: list[DataError] = []
    articles = list(read_inputs([str(tmp_path / "a.txt")], stream=None, on_error=errors.append))
    assert [(article.id, article.text) for article in articles] == [(f"{tmp_path}/a.txt#2", "Gunmen in Gao.")]
    assert [isinstance(error, InputNotice) for error in errors] == [True, False]
    assert str(errors[1]) == f"{tmp_path}/a.txt: article 1 of the export: no text"
