import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from afteraction.app import app
from afteraction.data import LABELS, Article

Command = Callable[..., Any]


def lines(text: str) -> list[str]:
    return text.splitlines()


# All commands


# Each message names what is wrong (a file, a key, an option) and how to fix it.
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("", ["command"]),
        ("data", ["command"]),
        ("trian default", ["'trian'"]),
        ("train", ["CONFIG"]),
        ("train default --resum", ["--resum"]),
        (
            "train nowhere",
            ["nowhere", "default, fast, muc4-roles-large, muc4-roles, news-annotated, news-large, news, quickstart"],
        ),
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
    """Yields each command with the words that call it."""
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


def test_the_version_is_the_package_s(command: Command) -> None:
    assert command("--version") == (0, f"afteraction {version('afteraction')}\n", "")


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


def test_no_control_character_of_an_input_reaches_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    hostile = "\x1b]0;title\x07\x1b[2J\x9b31mGao"
    spans = [{"start": 0, "end": 99, "label": "LOCATION"}]
    lines = [{"id": hostile, "text": "Gunmen killed two people."}, {"id": hostile + "b", "text": "Gao", "spans": spans}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    from afteraction.__main__ import run

    run(["predict", "rules", str(path)])
    run(["data", "check", str(path)])
    run(["predict", "rules", str(tmp_path / hostile)])
    captured = capsys.readouterr()
    assert "Gao" in captured.out
    assert "Gao" in captured.err
    assert not set(captured.out + captured.err) & {"\x1b", "\x07", "\x9b"}
