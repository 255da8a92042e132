import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import Article, Span, read_articles

LINES = [
    {"id": 1, "text": "Rebels hit Gao", "label": [[0, 6, "WHO"], [11, 14, "WHERE"]]},
    {"id": 2, "text": "Quiet in 👍 Mali", "label": [[9, 15, "WHERE"], [10, 11, "DATE"]]},
]


Command = Callable[..., Any]


@pytest.fixture
def doccano_file(tmp_path: Path) -> Path:
    path = tmp_path / "all.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return path


def test_an_import_writes_articles_and_says_what_it_changed(
    command: Command, doccano_file: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.jsonl"
    options = ("--map", "WHO=PERPETRATOR", "--map", "WHERE=LOCATION", "--drop", "DATE", "--units", "code-points")
    outcome = command("data", "import", "doccano", doccano_file, "--output", output, *options)
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err.splitlines() == [
        "articles: 2; spans: 3; in the file: DATE 1, WHERE 2, WHO 1",
        "spans dropped by their label: 1, such as article '2': DATE ' '",
    ]
    assert list(read_articles(output)) == [
        Article("1", "Rebels hit Gao", (Span(0, 6, "PERPETRATOR"), Span(11, 14, "LOCATION"))),
        Article("2", "Quiet in 👍 Mali", (Span(9, 15, "LOCATION"),)),
    ]


def test_a_refused_article_is_named_the_others_are_written_and_the_status_is_1(
    command: Command, doccano_file: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.parquet"
    with doccano_file.open("a") as stream:
        stream.write('{"text": "a 👍 bus on fire", "label": [[6, 8, "WHAT"]]}\n')
    outcome = command("data", "import", "doccano", doccano_file, "--output", output)
    assert outcome.status == 1
    assert f"{doccano_file}: line 3: article 'all-3': the file gives no text for its spans" in outcome.err
    assert [article.id for article in read_articles(output)] == ["1", "2"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--map", "WHO"), "--map WHO: write OLD=NEW"),
        (("--map", "WHOM=TARGET"), "--map WHOM: the file has no label 'WHOM'; did you mean 'WHO'?"),
        (("--units", "bytes"), "Invalid value for '--units'"),
    ],
)
def test_a_wrong_option_is_refused_and_nothing_written(
    command: Command, doccano_file: Path, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    output = tmp_path / "out.jsonl"
    outcome = command("data", "import", "doccano", doccano_file, "--output", output, *options)
    assert (outcome.status, outcome.out) == (2, "")
    assert message in outcome.err
    assert not output.exists()


def test_conll_says_how_it_read_the_file(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    path.write_text("x Rebels I-P\n\nx Gao I-L\n")
    arguments = ("data", "import", "conll", path, "--output", tmp_path / "out.jsonl")
    outcome = command(*arguments, "--columns", "_,token,tag")
    assert outcome.status == 0
    assert outcome.err.splitlines()[0] == "tags in iob1; no documents are marked, so every sentence is an article"
    assert [article.text for article in read_articles(tmp_path / "out.jsonl")] == ["Rebels", "Gao"]
    outcome = command(*arguments, "--scheme", "iob2", "--columns", "_,token,tag")
    assert outcome.status == 1
    assert "line 1: I-P in line 1 continues nothing, which iob2 cannot have" in outcome.err
    assert command(*arguments, "--columns", "tokn,tag").status == 2
    path.write_text("-DOCSTART- O\nGao B-L\n\nGao B-L\n")
    assert "so the file is one article (" in command(*arguments).err
    assert "articles: 2;" in command(*arguments, "--by-sentence").err


@pytest.mark.parametrize("name", ["argilla", "brat", "conll", "doccano", "events", "label-studio", "prodigy"])
def test_what_is_converted_is_imported_again(
    command: Command, articles_file: Path, articles: list[Article], tmp_path: Path, name: str
) -> None:
    outcome = command("data", "convert", articles_file, "--to", name, "--output", tmp_path / "out")
    assert (outcome.status, outcome.err) == (0, f"{tmp_path / 'out'}: {len(articles)} articles\n")
    outcome = command("data", "import", name, tmp_path / "out", "--output", tmp_path / "back.jsonl")
    assert outcome.status == 0
    assert sorted(read_articles(tmp_path / "back.jsonl"), key=lambda article: article.id) == sorted(
        articles, key=lambda article: article.id
    )


def test_article_files_are_converted_into_each_other(
    command: Command, articles_file: Path, articles: list[Article], tmp_path: Path
) -> None:
    assert command("data", "convert", articles_file, "--output", tmp_path / "out.parquet").status == 0
    assert list(read_articles(tmp_path / "out.parquet")) == articles
    outcome = command("data", "convert", articles_file, "--to", "docano", "--output", tmp_path / "out")
    assert (outcome.status, "did you mean 'doccano'?" in outcome.err) == (2, True)
