"""What `predict` reads and prints. tests/data/inputs tests the readers themselves."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import LABELS, Article, parse_article, read_articles, write_articles
from afteraction.model import Tagger

TEXT = "Two gunmen killed at least 50 soldiers near Gao, Mali."

Command = Callable[..., Any]


def stdin_of(content: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")


def unlabelled(articles: list[Article]) -> list[Article]:
    return [Article(article.id, article.text) for article in articles]


def test_a_table_shows_who_whom_where_and_how_many(command: Command, model_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_text(TEXT, encoding="utf-8")
    outcome = command("predict", model_folder, file)
    assert (outcome.status, outcome.err) == (0, "")
    title, *rows = [re.split("  +", line.strip()) for line in outcome.out.splitlines() if line.strip()]
    assert title == [str(file)]
    [predicted] = Tagger.load(model_folder).predict([TEXT])
    expected = []
    for label, heading in zip(LABELS, ("who", "whom", "where"), strict=False):
        entities = [entity for entity in predicted.entities if entity.label == label]
        cells = [[entity.name, f"{entity.score:.2f}"] for entity in entities] or [["-"]]
        # Only the first row of a label has the heading.
        expected += [[heading, *cells[0]], *cells[1:]]
    assert [[cell for cell in row if not cell.startswith("(also: ")] for row in rows[:-1]] == expected
    toll = "no figure" if predicted.death_toll is None else f"{predicted.death_toll} killed"
    assert rows[-1][0] == "how many"
    assert rows[-1][1].startswith(toll)


def test_a_table_is_the_record_of_the_article(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_text("Gunmen killed at least 12 people in a bomb attack near Kano.", encoding="utf-8")
    outcome = command("predict", "rules", file)
    assert (outcome.status, outcome.err) == (0, "")
    assert [re.split("  +", line.strip()) for line in outcome.out.splitlines()[1:] if line.strip()] == [
        ["who", "Gunmen"],
        ["whom", "people"],
        ["where", "Kano"],
        ["how many", "at least 12 killed (the text: at least 12)"],
    ]


def test_json_lines_on_standard_output_are_the_taggers_articles(
    command: Command, model_folder: Path, articles_file: Path, articles: list[Article]
) -> None:
    outcome = command("predict", model_folder, articles_file, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    predicted = [parse_article(line) for line in outcome.out.splitlines()]
    assert predicted == list(Tagger.load(model_folder).predict(unlabelled(articles)))
    assert any(article.spans for article in predicted)


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet"])
def test_an_output_file_has_what_is_printed_without_it(
    command: Command, model_folder: Path, articles_file: Path, tmp_path: Path, ending: str
) -> None:
    printed = command("predict", model_folder, articles_file, "--json").out
    output = tmp_path / "new" / f"predicted{ending}"
    assert command("predict", model_folder, articles_file, "--output", output) == (0, "", "")
    assert list(read_articles(output)) == [parse_article(line) for line in printed.splitlines()]
    assert [path.name for path in output.parent.iterdir()] == [output.name]


def test_an_output_of_another_kind_is_refused_before_anything_is_read(
    command: Command, model_folder: Path, articles_file: Path, tmp_path: Path
) -> None:
    outcome = command("predict", model_folder, articles_file, "--output", tmp_path / "predicted.csv")
    assert (outcome.status, outcome.out) == (2, "")
    assert "predicted.csv: cannot tell the format" in outcome.err


def test_a_folder_gives_its_texts_and_article_files_in_order(
    command: Command, model_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "news"
    (folder / "b").mkdir(parents=True)
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "b" / "c.txt").write_text("Nothing happened.", encoding="utf-8")
    (folder / "notes.md").write_text("not for reading", encoding="utf-8")
    write_articles([Article("d1", TEXT), Article("d2", TEXT)], folder / "d.jsonl")
    outcome = command("predict", model_folder, folder, "--json")
    assert outcome.status == 0
    ids = [parse_article(line).id for line in outcome.out.splitlines()]
    assert ids == [str(folder / "a.txt"), str(folder / "b" / "c.txt"), "d1", "d2"]


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (TEXT.encode(), ["standard input"]),
        (b'{"id": "x", "text": "Two gunmen."}\n\n{"id": "y", "text": "Rebels."}\n', ["x", "y"]),
    ],
)
def test_a_dash_reads_standard_input(
    command: Command, model_folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, ids: list[str]
) -> None:
    monkeypatch.setattr("sys.stdin", stdin_of(content))
    outcome = command("predict", model_folder, "-", "--json")
    assert (outcome.status, outcome.err) == (0, "")
    assert [parse_article(line).id for line in outcome.out.splitlines()] == ids


@pytest.mark.parametrize("to_file", [False, True])
def test_a_bad_file_among_good_ones_is_named_and_the_rest_is_labelled(
    command: Command, model_folder: Path, tmp_path: Path, to_file: bool
) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "b.txt").write_bytes(b"caf\xe9")
    (tmp_path / "c.jsonl").write_text('{"id": "c1", "text": "A bus."}\nnonsense\n{"id": "c3", "text": "A bus."}\n')
    (tmp_path / "d.parquet").write_bytes(b"PAR1 no more")
    output = tmp_path / "out" / "predicted.jsonl"
    inputs = [tmp_path / name for name in ("a.txt", "b.txt", "c.jsonl", "d.parquet")]
    outcome = command("predict", model_folder, *inputs, *(["--output", output] if to_file else ["--json"]))
    assert outcome.status == 1
    errors = outcome.err.splitlines()
    assert len(errors) == 3
    for error, what in zip(errors, ("b.txt: not UTF-8", "c.jsonl: line 2: ", "d.parquet: "), strict=True):
        assert error.startswith("afteraction: ")
        assert what in error
    predicted = list(read_articles(output)) if to_file else [parse_article(line) for line in outcome.out.splitlines()]
    assert [article.id for article in predicted] == [str(tmp_path / "a.txt"), "c1", "c3"]


def test_a_missing_file_among_good_ones_stops_everything(command: Command, model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    outcome = command("predict", model_folder, tmp_path / "a.txt", tmp_path / "b.txt")
    assert (outcome.status, outcome.out) == (2, "")
    assert "b.txt: no such file or folder" in outcome.err


def test_a_run_folder_in_place_of_its_model_is_refused_with_a_hint(
    command: Command, model_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "model").symlink_to(model_folder)
    outcome = command("predict", tmp_path, "-")
    assert outcome.status == 2
    assert f"did you mean {tmp_path / 'model'}?" in outcome.err


def test_predict_tells_of_other_languages_and_leaves_them_out(command: Command, tmp_path: Path) -> None:
    text = (
        "Au moins douze personnes ont été tuées dimanche dans une attaque contre un village du centre du pays, ont dit "
    )
    write_articles([Article("fr", text + "des élus locaux."), Article("en", "Gunmen fled.")], tmp_path / "in.jsonl")
    labelled = command("predict", "rules", tmp_path / "in.jsonl", "--json")
    assert (labelled.status, labelled.out.count("\n"), labelled.err.count("\n")) == (0, 2, 2)
    assert labelled.err.startswith("afteraction: fr: its language seems to be fr")
    left_out = command("predict", "rules", tmp_path / "in.jsonl", "--json", "--other-languages", "leave-out")
    assert (left_out.status, left_out.out.count("\n"), left_out.err.count("\n")) == (0, 1, 2)
    silent = command("predict", "rules", tmp_path / "in.jsonl", "--json", "--other-languages", "off")
    assert (silent.status, silent.out, silent.err) == (0, labelled.out, "")


def test_other_keys_come_out_again_and_a_notice_is_no_failure(command: Command, tmp_path: Path) -> None:
    lines = [{"url": f"u{n}", "title": "Attack", "id": 7, "body": "Gunmen killed ten people in Kano."} for n in (1, 2)]
    file = tmp_path / "archive.ndjson"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    status, out, err = command("predict", "rules", file, "--json", "--title-key", "title")
    articles = [json.loads(line) for line in out.splitlines()]
    assert [(article["id"], article["meta"]["url"]) for article in articles] == [("7", "u1"), ("7", "u2")]
    assert articles[0]["text"] == "Attack\n\nGunmen killed ten people in Kano."
    assert status == 0
    assert err == f"afteraction: {file}: line 2: an earlier article has the id '7' too; both keep it\n"


@pytest.mark.parametrize(("name", "content"), [("a.rtf", r"{\rtf1 Gao}"), ("a.txt", '{"text": "Gao"}')])
def test_input_of_another_form_is_not_labelled(command: Command, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    status, out, err = command("predict", "rules", tmp_path / name, "--json")
    assert (status, out) == (1, "")
    assert err.startswith(f"afteraction: {tmp_path / name}: ")
