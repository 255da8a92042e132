import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from afteraction.app import app
from afteraction.data import LABELS, Article, parse_article, read_articles, write_articles
from afteraction.model import Tagger

TEXT = "Two gunmen killed at least 50 soldiers near Gao, Mali."


Command = Callable[..., Any]


def stdin_of(content: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")


def lines(text: str) -> list[str]:
    return text.splitlines()


def unlabelled(articles: list[Article]) -> list[Article]:
    return [Article(article.id, article.text) for article in articles]


# What every command has in common


# Each message names what is wrong (a file, a key, an option) and how to put it right.
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("", ["command"]),
        ("data", ["command"]),
        ("trian default", ["'trian'"]),
        ("train", ["CONFIG"]),
        ("train default --resum", ["--resum"]),
        ("train nowhere", ["nowhere", "default, muc4-roles, news, quickstart"]),
        ("train default fitting.epoch=3", ["'epoch'", "'epochs'?"]),
        ("data stats nowhere.jsonl", ["nowhere.jsonl"]),
        ("data stats bundled:tran", ["tran", "'train'?"]),
        ("data check nowhere.jsonl", ["nowhere.jsonl"]),
        ("data check bundled:dev --encoder no-such-encoder", ["'no-such-encoder'"]),
        ("predict nowhere x.txt", ["nowhere", "model folder"]),
        ("predict nowhere x.txt --json --output y.jsonl", ["--json", "--output"]),
        ("evaluate bundled:dev", ["--model", "--predictions"]),
        ("evaluate bundled:dev --model m --predictions p", ["--model", "--predictions"]),
        ("evaluate bundled:dev --model nowhere", ["nowhere", "model folder"]),
        ("evaluate bundled:dev --predictions nowhere.jsonl", ["nowhere.jsonl"]),
        ("evaluate bundled:dev --predictions bundled:test", ["bundled:test", "bundled:dev"]),
    ],
)
def test_wrong_input_is_one_line_on_standard_error_and_status_2(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, named: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = command(*arguments.split())
    assert (outcome.status, outcome.out) == (2, "")
    [line] = lines(outcome.err)
    assert line.startswith("afteraction: ")
    assert [part for part in named if part not in line] == []
    assert not list(tmp_path.iterdir())


def leaves(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of the command line, with the words that call it."""
    for name, found in (group or get_command(app)).commands.items():
        if hasattr(found, "commands"):
            yield from leaves(found, (*path, name))
        else:
            yield (*path, name), found


@pytest.mark.parametrize(("path", "found"), [pytest.param(*leaf, id=" ".join(leaf[0])) for leaf in leaves()])
def test_every_command_and_every_option_has_a_help_text_of_whole_sentences(path: tuple[str, ...], found: Any) -> None:
    summary, _, rest = found.help.partition("\n\n")
    assert summary.endswith(".")
    assert found.get_short_help_str(limit=62) == summary, "the list of commands cuts it short"
    assert not rest or rest.strip().endswith(".")
    for parameter in found.params:
        assert parameter.help[0].isupper(), parameter.name
        assert parameter.help.endswith("."), parameter.name


@pytest.mark.parametrize("arguments", ["", "train", "predict", "evaluate", "data", "data check", "data stats"])
def test_help_is_on_standard_output(command: Command, arguments: str) -> None:
    outcome = command(*arguments.split(), "--help")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith(f"Usage: afteraction {arguments}".rstrip())


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (RuntimeError("out of luck\nin detail"), 1, "RuntimeError: out of luck (AFTERACTION_DEBUG=1 shows where)"),
        (ZeroDivisionError(), 1, "ZeroDivisionError: ZeroDivisionError (AFTERACTION_DEBUG=1 shows where)"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_what_fails_within_is_one_line_without_a_traceback(
    command: Command, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, line: str
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.delenv("AFTERACTION_DEBUG", raising=False)
    monkeypatch.setattr("afteraction.commands.data_checks.corpus_stats", fail)
    assert command("data", "stats", "bundled:dev") == (status, "", f"afteraction: {line}\n")


def test_debugging_shows_the_traceback(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setenv("AFTERACTION_DEBUG", "1")
    monkeypatch.setattr("afteraction.commands.data_checks.corpus_stats", fail)
    with pytest.raises(RuntimeError, match="out of luck"):
        command("data", "stats", "bundled:dev")


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "afteraction", "--help"], check=False, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("train", "predict", "evaluate", "data"):
        assert f"\n  {name} " in done.stdout


def test_a_reader_that_has_enough_is_no_error_message(articles_file: Path) -> None:
    program = [sys.executable, "-m", "afteraction", "data", "stats", str(articles_file)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (1, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams with a Unix shell")
@pytest.mark.slow
def test_closed_standard_streams_are_no_error_and_are_not_taken_for_each_other(tmp_path: Path) -> None:
    def run(arguments: str) -> tuple[int, str, str]:
        shell = ["/bin/sh", "-c", f'"$0" -m afteraction {arguments}', sys.executable]
        done = subprocess.run(shell, check=False, capture_output=True, text=True, cwd=tmp_path, timeout=120)
        return done.returncode, done.stdout, done.stderr

    assert run("data stats bundled:dev >&-") == (0, "", "")
    assert run("data stats nowhere.jsonl 2>&-") == (2, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without a signal to handle")
def test_a_command_that_is_terminated_leaves_no_half_written_file(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "afteraction", "predict", "rules", "-", "--output", str(tmp_path / "out.jsonl")]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while process.poll() is None and not list(tmp_path.iterdir()):
            time.sleep(0.05)
        process.terminate()
        assert process.wait(timeout=120) == 143
    assert not list(tmp_path.iterdir())


# predict


def test_a_table_shows_who_whom_where_and_how_many(command: Command, model_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_text(TEXT, encoding="utf-8")
    outcome = command("predict", model_folder, file)
    assert (outcome.status, outcome.err) == (0, "")
    title, *rows = [re.split("  +", line.strip()) for line in lines(outcome.out) if line.strip()]
    assert title == [str(file)]
    [predicted] = Tagger.load(model_folder).predict([TEXT])
    expected = []
    for label, heading in zip(LABELS, ("who", "whom", "where"), strict=False):
        entities = [entity for entity in predicted.entities if entity.label == label]
        cells = [[entity.name, f"{entity.score:.2f}"] for entity in entities] or [["-"]]
        # The heading is in the first row of its label only.
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
    assert [re.split("  +", line.strip()) for line in lines(outcome.out)[1:] if line.strip()] == [
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
    predicted = [parse_article(line) for line in lines(outcome.out)]
    assert predicted == list(Tagger.load(model_folder).predict(unlabelled(articles)))
    assert any(article.spans for article in predicted)


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet"])
def test_an_output_file_has_what_is_printed_without_it(
    command: Command, model_folder: Path, articles_file: Path, tmp_path: Path, ending: str
) -> None:
    printed = command("predict", model_folder, articles_file, "--json").out
    output = tmp_path / "new" / f"predicted{ending}"
    assert command("predict", model_folder, articles_file, "--output", output) == (0, "", "")
    assert list(read_articles(output)) == [parse_article(line) for line in lines(printed)]
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
    ids = [parse_article(line).id for line in lines(outcome.out)]
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
    assert [parse_article(line).id for line in lines(outcome.out)] == ids


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
    errors = lines(outcome.err)
    assert len(errors) == 3
    for error, what in zip(errors, ("b.txt: not UTF-8", "c.jsonl: line 2: ", "d.parquet: "), strict=True):
        assert error.startswith("afteraction: ")
        assert what in error
    predicted = list(read_articles(output)) if to_file else [parse_article(line) for line in lines(outcome.out)]
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


# evaluate


def test_a_model_and_its_own_predictions_score_the_same(
    command: Command, model_folder: Path, articles_file: Path, tmp_path: Path
) -> None:
    predictions = tmp_path / "predicted.parquet"
    assert command("predict", model_folder, articles_file, "--output", predictions).status == 0
    by_model, by_file = (
        command("evaluate", articles_file, *choice, "--json")
        for choice in (("--model", model_folder), ("--predictions", predictions))
    )
    assert (by_model.status, by_model.err) == (by_file.status, by_file.err) == (0, "")
    model_report, file_report = json.loads(by_model.out), json.loads(by_file.out)
    assert (model_report.pop("system"), file_report.pop("system")) == (str(model_folder), str(predictions))
    assert model_report == file_report


def test_annotation_against_itself_is_perfect(command: Command, articles_file: Path, articles: list[Article]) -> None:
    outcome = command("evaluate", articles_file, "--predictions", articles_file, "--json")
    assert outcome.status == 0
    report = json.loads(outcome.out)
    assert report["gold"] == str(articles_file)
    assert report["articles"] == len(articles)
    for scores in (*report["mentions"].values(), *report["entities"].values(), report["names"]):
        assert scores["micro"]["f1"] == scores["macro"]["f1"] == 1
    assert [row["name"] for row in report["mentions"]["strict"]["labels"]] == list(LABELS)
    exact = report["tolls"]["exact"]
    assert (exact["recall"], exact["support"]) == (1, 3)


def test_a_table_of_scores_has_every_label_and_both_averages(command: Command, articles_file: Path) -> None:
    outcome = command("evaluate", articles_file, "--predictions", articles_file)
    assert (outcome.status, outcome.err) == (0, "")
    for name in (*LABELS, "micro", "macro"):
        [row] = [line.split() for line in lines(outcome.out) if line.strip().startswith(f"{name} ")]
        assert row[1:4] == ["1.000"] * 3
    assert "4 articles" in outcome.out


# train


@pytest.mark.slow
def test_training_says_its_progress_on_standard_error_and_its_end_on_standard_output(
    command: Command, articles_file: Path, tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERACTION_CACHE", str(tmp_path / "cache"))
    config = tmp_path / "small.yaml"
    config.write_text(
        f"runs: {tmp_path / 'runs'}\n"
        f"encoder: {tiny_encoder}\n"
        f"data: {{train: [{articles_file}], dev: [{articles_file}]}}\n"
        "window: {size: 48, stride: 8}\n"
        "fitting: {epochs: 5, tokens_per_batch: 128}\n"
    )
    arguments = ("train", config, "fitting.epochs=2", "name=other")
    outcome = command(*arguments)
    assert outcome.status == 0
    assert [line.split(":")[0] for line in lines(outcome.err)] == ["step 3 of 6", "step 6 of 6"]
    model = tmp_path / "runs" / "other" / "model"
    [line] = lines(outcome.out)
    assert line.startswith(f"{tmp_path / 'runs' / 'other'}: development F1 ")
    assert line.endswith(f"the model is in {model}")

    again = command(*arguments)
    assert (again.status, again.out) == (2, "")
    assert "give --resume" in again.err
    resumed = command(*arguments, "--resume")
    assert resumed == (0, outcome.out, "")

    assert command("predict", model, articles_file, "--json").status == 0


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
