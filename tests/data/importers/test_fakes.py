"""Tests on invented rows, and on FA-KES itself if it is available."""

import csv
import gzip
import os
from pathlib import Path

import pytest

from afteraction.data import LABELS, Article, DataError, read_articles
from afteraction.data.importers import FakesLog, import_fakes

PUBLISHED = Path(os.environ.get("AFTERACTION_TEST_CORPORA", "no corpora")) / "fa-kes.csv"
HEADER = ["unit_id", "article_title", "article_content", "source", "date", "location", "labels"]
ROW = ["7", " Shells hit Kéré ", 'Two "men"\nfled. \n', "post", "4/5/2017", "idlib", "0"]


def read(folder: Path, *rows: list[str], encoding: str = "utf-8") -> tuple[list[Article], FakesLog, list[str]]:
    source, output = folder / "source.csv", folder / "out.jsonl"
    with source.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)
    errors: list[str] = []
    log = import_fakes(source, output=output, on_error=lambda error: errors.append(str(error)))
    return list(read_articles(output)), log, errors


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_row_becomes_an_article_whose_labels_are_all_unknown(tmp_path: Path, encoding: str) -> None:
    [article], log, errors = read(tmp_path, HEADER, ROW, encoding=encoding)
    assert errors == []
    assert article == Article(
        "fakes-7",
        'Shells hit Kéré\n\nTwo "men"\nfled.',
        meta={"source": "post", "date": "4/5/2017", "location": "idlib"},
        unknown_labels=LABELS,
    )
    assert list(log.lines()) == ["articles: 1, none of them annotated"]


def test_a_repeated_id_or_text_is_left_out_and_counted(tmp_path: Path) -> None:
    rows = [ROW, ["7", "Other", "Text", *ROW[3:]], ["8", *ROW[1:]], ["9", "Other", "Text", *ROW[3:]]]
    articles, log, errors = read(tmp_path, HEADER, *rows)
    assert [article.id for article in articles] == ["fakes-7", "fakes-9"]
    assert errors == []
    assert (log.articles, log.repeated_ids, log.repeated_texts) == (2, ["fakes-7"], ["fakes-8"])
    assert "rows left out that repeat the text of an earlier one: 1, such as fakes-8" in list(log.lines())


def test_the_text_of_a_row_without_a_title_is_its_content(tmp_path: Path) -> None:
    [article], _, _ = read(tmp_path, HEADER, ["7", " ", "They fled.", *ROW[3:]])
    assert article.text == "They fled."


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    articles, _, errors = read(tmp_path, HEADER, [], ROW, [])
    assert (len(articles), errors) == (1, [])


def test_a_compressed_file_is_read_too(tmp_path: Path) -> None:
    read(tmp_path, HEADER, ROW)
    packed = tmp_path / "source.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "source.csv").read_bytes()))
    assert import_fakes(packed, output=tmp_path / "out.jsonl", on_error=lambda _: None).articles == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW[:5], "5 cells where the header has 7"),
        ([*ROW, "more"], "8 cells"),
        (["", *ROW[1:]], "without a unit_id"),
        (["8", " ", "", *ROW[3:]], "without a text"),
    ],
)
def test_a_faulty_row_is_named_and_left_out(tmp_path: Path, row: list[str], message: str) -> None:
    good = ["9", "Good", "Text", *ROW[3:]]
    articles, _, [error] = read(tmp_path, HEADER, good, row)
    assert [article.id for article in articles] == ["fakes-9"]
    assert f"{tmp_path / 'source.csv'}: line " in error
    assert message in error


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no column 'unit_id'"),
        (b"unit,article_title\n", "no column 'unit_id'"),
        (",".join(HEADER).encode() + b'\n7,"open', "line 2: .*is a quote not closed"),
        (",".join(HEADER).encode() + b"\n7,\xff,x,x,x,x,0\n", "not UTF-8"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    source = tmp_path / "source.csv"
    source.write_bytes(content)
    with pytest.raises(DataError, match=rf"source\.csv: .*{message}"):
        import_fakes(source, output=tmp_path / "out.jsonl", on_error=lambda _: None)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: no such file"):
        import_fakes(tmp_path / "none.csv", output=tmp_path / "out.jsonl", on_error=lambda _: None)


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="the corpus is not in the folder AFTERACTION_TEST_CORPORA")
def test_the_published_file_is_read_whole(tmp_path: Path) -> None:
    errors: list[DataError] = []
    log = import_fakes(PUBLISHED, output=tmp_path / "out.jsonl", on_error=errors.append)
    assert errors == []
    articles = list(read_articles(tmp_path / "out.jsonl"))
    assert len(articles) == log.articles > 500
    with PUBLISHED.open(encoding="utf-8", newline="") as stream:
        rows = sum(1 for _ in csv.DictReader(stream))
    assert rows == log.articles + len(log.repeated_ids) + len(log.repeated_texts)
