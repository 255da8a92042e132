import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import LABELS, Article, Span, read_articles, write_articles
from afteraction.data.checks import SEVERITIES

TEXT = "Two gunmen killed at least 50 soldiers near Gao, Mali."


Command = Callable[..., Any]


@pytest.fixture
def command(command: Command) -> Command:
    return partial(command, "data")


# check


def summary(out: str) -> list[list[str]]:
    """Returns the rows of the table by code, and the last line."""
    *_, last = out.splitlines()
    rows = [line.split() for line in out.splitlines() if line.startswith("  ")]
    return [*(row for row in rows if len(row) == 3 and row[0] in SEVERITIES), [last]]


def test_files_without_errors_pass(command: Command, articles_file: Path, tiny_encoder: Path) -> None:
    outcome = command("check", articles_file, "--encoder", tiny_encoder, "--level", "error")
    assert (outcome.status, outcome.err) == (0, "")
    assert summary(outcome.out) == [
        ["warning", "few-examples", "4"],
        ["0 errors, 4 warnings, 0 info in 1 file; --level warning shows all"],
    ]
    outcome = command("check", articles_file, "--encoder", tiny_encoder)
    assert len([line for line in outcome.out.splitlines() if line.startswith("warning: ")]) == 4


def test_faults_are_listed_and_the_status_is_1(command: Command, tmp_path: Path, tiny_encoder: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    wrong = Article("b", "Rebels attacked.", (Span(0, 3, "PERPETRATOR"), Span(7, 15, "TARGTE")))
    write_articles([Article("a", TEXT), wrong], first)
    write_articles([Article("a", "Another text."), Article("c", TEXT)], second)
    with second.open("a", encoding="utf-8") as file:
        file.write("nonsense\n")
    outcome = command("check", first, second, "--encoder", tiny_encoder, "--level", "error")
    assert (outcome.status, outcome.err) == (1, "")
    faults = [line for line in outcome.out.splitlines() if line.startswith("error: ")]
    unknown = "unknown label 'TARGTE'; did you mean 'TARGET'?"
    assert faults[:3] == [
        f"error: {first}: article 'b': [7, 15) 'attacked': {unknown} (unknown-label)",
        f"error: {second}: article 'a': the id is already used in {first} (duplicate-id)",
        f"error: {second}: article 'c': the text is that of article 'a' in {first} (leak)",
    ]
    assert faults[3].startswith(f"error: {second}: line 3: ")
    assert summary(outcome.out)[-1] == ["4 errors, 9 warnings, 0 info in 2 files; --level warning shows all"]

    outcome = command("check", first, second, "--encoder", tiny_encoder, "--json")
    assert (outcome.status, outcome.err) == (1, "")
    records = [json.loads(line) for line in outcome.out.splitlines()]
    assert len(records) == 13
    assert records[0] == {
        "code": "unknown-label",
        "severity": "error",
        "file": str(first),
        "article": "b",
        "start": 7,
        "end": 15,
        "text": "attacked",
        "message": unknown,
    }


def test_labels_to_check_against_can_be_named(command: Command, tmp_path: Path, tiny_encoder: Path) -> None:
    file = tmp_path / "other.jsonl"
    write_articles([Article("a", "Rebels attacked.", (Span(0, 6, "WHO"),))], file)
    assert command("check", file, "--encoder", tiny_encoder).status == 1
    assert command("check", file, "--encoder", tiny_encoder, "--label", "WHO", "--label", "WHOM").status == 0


# stats


def test_stats_count_what_files_hold_and_share(command: Command, articles_file: Path, articles: list[Article]) -> None:
    outcome = command("stats", articles_file, "bundled:dev", "--json")
    assert (outcome.status, outcome.err) == (0, "")
    report = json.loads(outcome.out)
    mine, bundled = report["files"]
    words = [len(article.text.split()) for article in articles]
    assert (mine["file"], mine["articles"], mine["without_spans"]) == (str(articles_file), 4, 1)
    assert (mine["words"], mine["lengths"][4]) == (sum(words), max(words))
    assert {row["label"]: row["spans"] for row in mine["labels"]} == {
        label: sum(span.label == label for article in articles for span in article.spans) for label in LABELS
    }
    assert bundled["articles"] > 0
    assert len(report["overlaps"]) == 2 * len(LABELS)

    table = command("stats", articles_file, "bundled:dev")
    assert (table.status, table.err) == (0, "")
    row = next(line.split() for line in table.out.splitlines() if line.strip().startswith("TARGET "))
    assert row == ["TARGET", "5", "31%", "3", "4", "5"]
    assert "4 articles, 1 without spans, 3 with a death toll" in table.out
    assert f"{articles_file}   " in table.out


def test_brackets_and_colons_of_names_are_printed_as_they_are(command: Command, tmp_path: Path) -> None:
    files = [tmp_path / "news[old].jsonl", tmp_path / ":smile:.jsonl"]
    for file in files:
        write_articles([Article("a", TEXT, (Span(0, 10, "[/b]"), Span(30, 38, "[red]X")))], file)
    outcome = command("stats", *files)
    assert (outcome.status, outcome.err) == (0, "")
    pairs = [line.split() for line in outcome.out.splitlines() if f"{files[0]}  " in line and str(files[1]) in line]
    assert [pair[:3] for pair in pairs] == [
        [str(one), str(other), label] for one, other in (files, reversed(files)) for label in ("[/b]", "[red]X")
    ]
    for table in (command("agreement", *files), command("split", files[0], "--output", tmp_path / "parts")):
        assert (table.status, table.err) == (0, "")
        assert {"[/b]", "[red]X"} <= set(table.out.split())


def test_stats_of_one_article_and_of_none(command: Command, tmp_path: Path) -> None:
    one, none = tmp_path / "one.jsonl", tmp_path / "none.jsonl"
    write_articles([Article("a", "Gao")], one)
    none.touch()
    assert "\n1 article, 1 without spans, 0 with a death toll; 1 word. " in command("stats", one).out
    outcome = command("stats", none)
    assert "\nNo articles.\n" in outcome.out
    assert "0 words" not in outcome.out


def test_stats_can_be_drawn(command: Command, articles_file: Path, tmp_path: Path) -> None:
    picture = tmp_path / "new" / "stats.svg"
    assert command("stats", articles_file, "--picture", picture).status == 0
    assert "<svg" in picture.read_text()
    outcome = command("stats", articles_file, "--picture", tmp_path / "stats.gif")
    assert (outcome.status, outcome.out) == (2, "")
    assert "stats.gif: cannot tell the format; let its name end in .png or .svg" in outcome.err


# split


def test_a_split_says_what_its_parts_hold(command: Command, articles_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    outcome = command("split", articles_file, "--output", folder, "--shares", "0.5,0,0.5", "--json")
    assert (outcome.status, outcome.err) == (0, "")
    made = json.loads(outcome.out)
    assert (made["shares"], made["moved"]) == ([0.5, 0.0, 0.5], 0)
    for part in made["parts"]:
        assert len(list(read_articles(folder / f"{part['name']}.jsonl"))) == part["articles"]
    table = command("split", articles_file, "--output", folder)
    assert (table.status, table.err) == (0, "")
    rows = [line.split() for line in table.out.splitlines()]
    assert [row[:2] for row in rows if row and row[0] in ("train", "dev", "test")] == [
        ["train", "50.0%"],
        ["dev", "0.0%"],
        ["test", "50.0%"],
    ]
    assert f"Seed {made['seed']}; 0 groups of near-duplicates, each kept within one part; 0 articles" in table.out
    assert "dropped" not in table.out


def test_a_split_says_what_it_drops(command: Command, articles_file: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.jsonl"
    write_articles([Article("new", TEXT)], new)
    command("split", articles_file, "--output", tmp_path / "parts")
    outcome = command("split", new, "--output", tmp_path / "parts")
    assert (outcome.status, outcome.err) == (0, "")
    assert "4 articles of the previous split dropped" in outcome.out


@pytest.mark.parametrize(
    ("shares", "message"),
    [("0.5,0.5", "shares: '0.5,0.5' is not three numbers"), ("0.5,0.5,x", "not three"), ("0.5,0.5,0.5", "sum to 1")],
)
def test_shares_that_are_none_are_refused(
    command: Command, articles_file: Path, tmp_path: Path, shares: str, message: str
) -> None:
    outcome = command("split", articles_file, "--output", tmp_path / "parts", "--shares", shares)
    assert (outcome.status, outcome.out) == (2, "")
    assert message in outcome.err


# agreement


def test_agreement_is_printed_with_differences(
    command: Command, articles_file: Path, articles: list[Article], tmp_path: Path
) -> None:
    other = tmp_path / "other.jsonl"
    changed = articles[1].with_fields(spans=articles[1].spans[1:])
    write_articles([articles[0], changed, articles[3]], other)
    outcome = command("agreement", articles_file, other)
    assert (outcome.status, outcome.err) == (0, "")
    rows = [line.split() for line in outcome.out.splitlines() if line.startswith("  PERPETRATOR")]
    assert rows[0] == ["PERPETRATOR", "4", "3", "0.857", "-", "0.857", "-"]
    assert "3 articles in both files. Not compared: 1 only in the first and 0 only in the second." in outcome.out
    assert "No intervals for fewer than 5 articles." in outcome.out
    assert outcome.out.splitlines()[-1] == "  second: PERPETRATOR [0, 6) 'Rebels'  |  -"
    assert "differences" not in command("agreement", articles_file, other, "--examples", 0).out

    report: dict[str, Any] = json.loads(command("agreement", articles_file, other, "--json").out)
    assert report["all"]["first"] - 1 == report["all"]["second"] == report["all"]["exact"]
    assert report["differences"][0]["first_text"] == "Rebels"


def test_agreement_on_five_articles_has_intervals(command: Command, articles: list[Article], tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    write_articles([articles[0].with_fields(id=name) for name in "abcde"], many)
    out = command("agreement", many, many).out
    assert "1.000   1.000 to 1.000" in out
    assert "Intervals by bootstrap over articles." in out


def test_agreement_is_drawn_with_each_difference(
    command: Command, articles_file: Path, articles: list[Article], tmp_path: Path
) -> None:
    other = tmp_path / "other.jsonl"
    first = articles[0].with_fields(spans=articles[0].spans[1:])
    unknown = articles[1].with_fields(spans=articles[1].spans[1:], unknown_labels=("PERPETRATOR",))
    write_articles([first, unknown, *articles[2:]], other)
    folder = tmp_path / "report"
    assert command("agreement", articles_file, other, "--report", folder).status == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    record = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert len(record["differences"]) == 1
    assert page.count("<li data-label=") == 1
    assert "<b>only first</b> first <q>Two gunmen</q>" in page
    assert "1 difference: 1 only first" in page
    assert "gold" not in page.partition("</style>")[2].partition("<script>")[0]
