"""Tests of the marks by which an export of LexisNexis or Factiva is cut into articles."""

import json
from pathlib import Path

import pytest

from afteraction.data import Article, DataError, InputFields, InputNotice, read_inputs
from afteraction.data.inputs.exports import split_export

LAYOUTS = {path.stem: path.read_text() for path in sorted((Path(__file__).parent / "exports").glob("*.txt"))}
ACADEMIC, _, FACTIVA, UNI = LAYOUTS.values()

FIRST = (
    "Gunmen kill ten in Kano market\n\nGunmen of the Red Lance killed ten traders at a market in Kano on Friday.\n\n"
)
SECOND = "Bomb kills three in Lahore\n\nA bomb killed three soldiers at a bus station in Lahore on Sunday."


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
