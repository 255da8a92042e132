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


def test_where_no_article_can_be_read_nothing_is_written(command: Command, tmp_path: Path) -> None:
    path, output = tmp_path / "x.json", tmp_path / "out.jsonl"
    path.write_text('[{"id": 1, "data": {"text": "/data/upload/1/a.txt"}, "annotations": [{"result": []}]}]')
    outcome = command("data", "import", "label-studio", path, "--output", output)
    assert (outcome.status, output.exists()) == (1, False)
    assert "item 1: 'text' is the address '/data/upload/1/a.txt', not the text" in outcome.err
    assert f"{output}: not written, since no article could be read" in outcome.err


def test_tokens_with_numbers_for_tags(command: Command, tmp_path: Path) -> None:
    path, output = tmp_path / "x.jsonl", tmp_path / "out.jsonl"
    path.write_text('{"tokens": ["Gao", "burns"], "ner_tags": [1, 0], "spans": [[0, 3, "LOC"]]}')
    arguments = ("data", "import", "tokens", path, "--output", output)
    assert command(*arguments).status == 2
    outcome = command(*arguments, "--tag-names", "O,B-LOC", "--map", "LOC=LOCATION")
    assert outcome.status == 0
    assert "keys left out that look like annotation: 1" in outcome.err
    assert [span.label for article in read_articles(output) for span in article.spans] == ["LOCATION"]


def test_a_webanno_file(command: Command, tmp_path: Path) -> None:
    path, output = tmp_path / "x.tsv", tmp_path / "out.jsonl"
    path.write_text(
        "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Actor|kind\n\n\n#Text=Gao burns\n1-1\t0-3\tGao\tLOCATION\t\n"
        "1-2\t4-9\tburns\t_\t\n"
    )
    assert command("data", "import", "webanno", path, "--output", output, "--layer", "Actor").status == 0
    assert [article.id for article in read_articles(output)] == ["x"]
