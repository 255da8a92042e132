import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from afteraction.__main__ import run
from afteraction.data import Article, read_articles, write_articles

Command = Callable[..., Any]

KEY = """0.  MESSAGE: ID                     TST3-MUC4-0001
1.  MESSAGE: TEMPLATE               1
10. PERP: ORGANIZATION ID           "NORTHERN TIGERS" / "NT"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Returns a folder with an unpacked part of the archive."""
    part = tmp_path / "muc34" / "tst3"
    part.mkdir(parents=True)
    (part / "tst3-muc4").write_text("TST3-MUC4-0001\n\n   GAO, 3 JAN 90 -- [TEXT] THE NORTHERN TIGERS FLED.\n")
    (part / "key-tst3.v2").write_text(KEY)
    return tmp_path / "muc34"


@pytest.mark.parametrize(("view", "label"), [("labels", "PERPETRATOR"), ("roles", "PerpOrg")])
def test_muc4_writes_the_parts_that_are_there_and_says_what_it_found(
    folder: Path, view: str, label: str, capfd: pytest.CaptureFixture[str]
) -> None:
    output = folder.parent / "out"
    assert run(["data", "import", "muc4", str(folder), "--output", str(output), "--view", view]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert "strings of the keys found in the text: 1 of 2 (50.0%)" in err
    assert "TST1: 0 of 100 articles are in the archive; NIST publishes it" in err
    assert [path.name for path in output.iterdir()] == ["test.jsonl"]
    [article] = read_articles(output / "test.jsonl")
    assert [(span.label, article.surface(span)) for span in article.spans] == [(label, "NORTHERN TIGERS")]


def test_a_missing_archive_is_one_line_and_the_exit_status_two(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["data", "import", "muc4", str(tmp_path / "muc34.tar.gz")]) == 2
    [line] = capfd.readouterr().err.splitlines()
    assert "muc34.tar.gz: no such file; NIST publishes it" in line


def test_wikievents_leaves_out_a_faulty_line_and_exits_with_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    event = {
        "event_type": "Life.Die",
        "trigger": {"text": "killed"},
        "arguments": [{"role": "Killer", "text": "gunmen"}],
    }
    good = {
        "docid": "a1",
        "tokens": ["Two", "gunmen", "killed", "him", "."],
        "sentences": [],
        "event_mentions": [event],
    }
    source, output = tmp_path / "source.jsonl", tmp_path / "out.jsonl"
    source.write_text(f"{json.dumps(good)}\n{json.dumps(good | {'tokens': 3})}\n")
    assert run(["data", "import", "wikievents", str(source), "--output", str(output)]) == 1
    assert "line 2: tokens: " in capfd.readouterr().err
    [article] = read_articles(output)
    assert [article.surface(span) for span in article.spans] == ["Two gunmen"]


def test_stand_off_annotation_goes_out_and_comes_back(command: Command, articles_file: Path, tmp_path: Path) -> None:
    annotations, output = tmp_path / "annotations.jsonl", tmp_path / "out.parquet"
    outcome = command("data", "export-standoff", articles_file, "--output", annotations)
    assert (outcome.status, outcome.out) == (0, "")
    assert "annotation without text; articles: 4" in outcome.err
    assert "gunmen" not in annotations.read_text(encoding="utf-8")
    outcome = command("data", "import", "standoff", annotations, "--texts", articles_file, "--output", output)
    assert (outcome.status, outcome.out) == (0, "")
    assert "articles: 4; " in outcome.err
    assert list(read_articles(output)) == list(read_articles(articles_file))


def test_the_export_names_the_keys_of_meta_that_it_wrote(command: Command, tmp_path: Path) -> None:
    file, output = tmp_path / "articles.jsonl", tmp_path / "annotations.jsonl"
    write_articles([Article("a1", "x", meta={"title": "x", "source": "post"})], file)
    assert "meta was written (source, title)" in command("data", "export-standoff", file, "--output", output).err
    outcome = command("data", "export-standoff", file, "--output", output, "--drop-meta", "title")
    assert "meta was written (source);" in outcome.err


def test_stand_off_annotation_without_its_text_is_named_and_the_status_is_1(
    command: Command, articles_file: Path, tmp_path: Path
) -> None:
    annotations, texts, output = (tmp_path / f"{name}.jsonl" for name in ("annotations", "texts", "out"))
    articles = list(read_articles(articles_file))
    write_articles([articles[0].with_fields(spans=(), text="Another."), articles[1]], texts)
    write_articles(articles[2:3], tmp_path / "more.jsonl")
    command("data", "export-standoff", articles_file, "--output", annotations)
    arguments = ("--texts", texts, "--texts", tmp_path / "more.jsonl", "--output", output)
    outcome = command("data", "import", "standoff", annotations, *arguments)
    assert outcome.status == 1
    assert f"{annotations}: line 1: article 'first': the text of this id is another" in outcome.err
    assert f"{annotations}: line 4: article 'long': no file has its text" in outcome.err
    assert "annotations without their text: 2, such as 'first'; 'long'" in outcome.err
    assert list(read_articles(output)) == articles[1:3]


def test_fa_kes_says_what_it_left_out(command: Command, tmp_path: Path) -> None:
    source, output = tmp_path / "fa-kes.csv", tmp_path / "out.jsonl"
    header = "unit_id,article_title,article_content,source,date,location,labels\n"
    source.write_text(f"{header}7,Shells,They fled.,post,4/5/2017,idlib,0\n7,Shells,They fled.,post,x,idlib,0\n")
    outcome = command("data", "import", "fa-kes", source, "--output", output)
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err.splitlines() == [
        "articles: 1, none of them annotated",
        "rows left out that repeat the unit_id of an earlier one: 1, such as fakes-7",
    ]
    assert [article.id for article in read_articles(output)] == ["fakes-7"]
    source.write_text(f"{header}7,Shells\n")
    assert command("data", "import", "fa-kes", source, "--output", output).status == 1
