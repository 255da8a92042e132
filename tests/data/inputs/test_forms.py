from pathlib import Path

import pytest

from afteraction.data import Article, DataError, read_inputs


def read(path: Path) -> tuple[list[Article], list[str]]:
    errors: list[DataError] = []
    articles = list(read_inputs([str(path)], stream=None, on_error=errors.append))
    return articles, [str(error) for error in errors]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.rtf", b"{\\rtf1 Gao}", "a word processor's file"),
        ("a.docx", b"PK\3\4", "a word processor's file"),
        ("a.pdf", b"%PDF-1.7", "a PDF; convert it to text first"),
        ("a.xml", b"<?xml version='1.0'?><a/>", "XML"),
        ("a.zip", b"PK\3\4", "an archive of files; unpack it"),
        ("a.xlsx", b"PK\3\4", "a spreadsheet; save the sheet as CSV"),
        ("a.png", b"\x89PNG", "a picture"),
        ("a.parquet.gz", b"\x1f\x8b", "a compressed Parquet file"),
        ("a.jsonl.bz2", b"BZh9", "compressed; unpack it"),
        ("a.txt", b"{\\rtf1 Gao}", "a word processor's file"),
        ("a.txt", b" {\\rtf1 Gao}", "the text is RTF"),
        ("a.txt", b"%PDF-1.7", "a PDF"),
        ("a.txt", b"PK\3\4....", "a ZIP archive or an Office file"),
        ("a.csv", b"PK\3\4....", "a ZIP archive or an Office file"),
        ("a", b"\xd0\xcf\x11\xe0....", "an old Office file"),
        ("a.txt", b"Gao\n\0\0", "not text: byte 4 is zero"),
        ("a.txt", "Gao".encode("utf-16-le"), "not text: byte 1 is zero; if it is UTF-16"),
        ("a.txt", b"<?xml version='1.0'?><a>Gao</a>", "XML"),
        ("a.txt", b"<doc id='1'><s>Gao</s></doc>", "HTML, not plain text"),
        ("a.txt", b"<doc id='1'>\nGunmen in Gao\n</doc>", "the text is XML"),
        ("a.txt", b"<!DOCTYPE html><html><p>Gao</html>", "HTML, not plain text: '<!DOCTYPE html' at character 0"),
        ("a.txt", b"Gunmen<br>in Gao", "HTML, not plain text: '<br>' at character 6"),
        ("a.txt", b'{"id": 1,\n "text": "Gao"}', "the text is JSON"),
        ("a.txt", b'[\n{"text": "Gao"}]', "the text is JSON"),
        ("a.txt", b'["Gao", "Jos"]', "the text is JSON"),
        ("a.txt", "id\ttext\r\n1\tGao\r\n".encode("utf-16"), "the text is a table, not an article"),
        ("a.txt", b"id,content,body\n1,Gao,Jos\n", "let the name end in .csv"),
        ("a.txt", b"sep=;\nid;notes\n1;Gao\n", "the text is a table"),
        (
            "a.txt",
            b'date,notes_en,actor 1\n3 May,"Five died, in Gao.",\n',
            ".csv, and give the text's column with --text-key",
        ),
        ("a.txt", b"date;summary;no\r\n\r\n3 May;Gao;\r\n4 May;Jos;2\r\n", "the text is a table"),
        ("a.txt", b"https://example.org/a", "the text is an address"),
        ("a.txt", b"/data/upload/3/my story.txt\n", "the text is an address"),
        ("a.jsonl", b'{"text": "upload/ab12-story.txt"}', "the text is an address"),
        ("a.jsonl", b'{"text": "s3://news/ab12"}', "the text is an address"),
        ("a.jsonl", b'{"text": "{\\"blocks\\": []}"}', "the text is JSON"),
        ("a.jsonl", b'{"text": "{\\\\rtf1 Gao}"}', "the text is RTF"),
        ("a.json", b'[{"id": 1, "data": {"text": "/data/upload/3/a.txt"}, "annotations": []}]', "its text's address"),
        (
            "a.json",
            b'[{"id": 1, "data": {"text": "Gao."}, "predictions": []}]',
            "`afteraction data import label-studio`",
        ),
        ("a.json", b'[{"id": 1, "text": "/data/upload/3/a.txt", "label": []}]', "the text is an address"),
    ],
)
def test_other_forms_are_refused_and_never_labelled(name: str, content: bytes, problem: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    articles, [error] = read(tmp_path / name)
    assert articles == []
    assert error.startswith(f"{tmp_path / name}: ")
    assert problem in error
    assert "\n" not in error


@pytest.mark.parametrize(
    "text",
    [
        *("He said <this>.", "1 < 2 > 0", "Call A/B.", "Gao", "and/or", "www is down", "p. 3"),
        *("Place\tDead\nGao\t3", "Gao\t\tText of the article", "Text, body and title, all three"),
        *(
            "Gao,Mali,Friday\nGunmen, rebels and others, attacked, again.",
            "Gao,Mali,Friday",
            "Place\tDead\tHurt\nGao\t3\t4\nEnd.",
        ),
    ],
)
def test_prose_with_marks_is_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text)
    [article], errors = read(tmp_path / "a.txt")
    assert (article.text, errors) == (text, [])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", "Gao – «é» ਊ 👍"), ("a.jsonl", '{"text": "Gao – «é» ਊ 👍"}\n'), ("a.csv", "n,text\n1,Gao – «é» ਊ 👍\n")],
)
def test_a_byte_order_mark_names_the_encoding(encoding: str, name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content.encode(encoding))
    [article], errors = read(tmp_path / name)
    assert (article.text, errors) == ("Gao – «é» ਊ 👍", [])


def test_what_is_not_utf_16_in_spite_of_its_mark_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Gao".encode("utf-16") + b"x")
    assert read(tmp_path / "a.txt") == (
        [],
        [f"{tmp_path}/a.txt: not UTF-16, as its byte order mark says: truncated data"],
    )
