"""The commands for archives: a folder as the output of `predict`, `merge` and `table`."""

import json
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import Article, InputNotice
from afteraction.model import RuleTagger
from afteraction.output.archives import ArchiveProgress

Command = Callable[..., Any]

TEXT = "Two gunmen killed at least 50 soldiers near Gao, Mali, in an attack on a police school."


def tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"id": f"a{n}", "text": TEXT}) + "\n" for n in range(9)), encoding="utf-8")
    return path


def test_a_path_without_a_suffix_is_a_folder_of_parts(command: Command, source: Path, tmp_path: Path) -> None:
    arguments = ("predict", "rules", source, "--output", tmp_path / "out", "--part-size", 4)
    line = f"{tmp_path / 'out'}: 9 articles in 3 parts\n"
    assert command(*arguments) == (0, line, "")
    before = tree(tmp_path / "out")
    assert command(*arguments) == (0, line, "")
    assert tree(tmp_path / "out") == before
    outcome = command(*arguments[:-1], 5)
    assert (outcome.status, outcome.err.count("\n")) == (2, 1)
    assert "part size was 4, now 5" in outcome.err


def test_errors_are_counted_and_are_the_exit_status(command: Command, source: Path, tmp_path: Path) -> None:
    source.write_text(source.read_text(encoding="utf-8").replace('"a2",', '"a2"'), encoding="utf-8")
    for _ in range(2):
        outcome = command("predict", "rules", source, "--output", tmp_path / "out")
        assert outcome.status == 1
        assert outcome.out == f"{tmp_path / 'out'}: 8 articles in 1 part\n"
        reasons = tmp_path / "out" / "errors.jsonl"
        assert outcome.err == f"afteraction: 1 error; what is missing, and why, is in {reasons}\n"
    assert json.loads((tmp_path / "out" / "errors.jsonl").read_text(encoding="utf-8"))["place"] == f"{source}: line 3"


def test_articles_that_are_left_out_on_request_are_listed_and_are_no_failure(
    command: Command, source: Path, tmp_path: Path
) -> None:
    french = (
        "Au moins douze personnes ont été tuées dimanche dans une attaque contre un village du centre du pays, ont dit "
        "des élus locaux."
    )
    with source.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "fr", "text": french}) + "\n")
    options = ("--other-languages", "leave-out")
    for _ in range(2):
        outcome = command("predict", "rules", source, "--output", tmp_path / "out", *options)
        assert outcome.status == 0
        assert f"1 article left out; what is missing, and why, is in {tmp_path / 'out' / 'errors.jsonl'}" in outcome.err
    with source.open("a", encoding="utf-8") as file:
        file.write("{\n")
    outcome = command("predict", "rules", source, "--output", tmp_path / "other", *options)
    assert outcome.status == 1
    assert "afteraction: 1 error and 1 article left out; what is missing" in outcome.err


def test_a_file_that_cannot_be_read_is_an_error_and_not_counted_as_an_article(
    command: Command, source: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("id,story\n" + "1,Gunmen attacked Gao.\n" * 500, encoding="utf-8")
    outcome = command("predict", "rules", source, tmp_path / "in.csv", "--output", tmp_path / "out")
    assert outcome.out == f"{tmp_path / 'out'}: 9 articles in 1 part\n"
    reasons = tmp_path / "out" / "errors.jsonl"
    assert outcome.err == f"afteraction: 1 error; what is missing, and why, is in {reasons}\n"


def test_the_keys_of_the_inputs_are_settings_of_the_run(command: Command, source: Path, tmp_path: Path) -> None:
    source.write_text(source.read_text(encoding="utf-8").replace('"text"', '"words"'), encoding="utf-8")
    arguments = ("predict", "rules", source, "--output", tmp_path / "out")
    assert command(*arguments, "--text-key", "words").status == 0
    assert "text key was words, now none" in command(*arguments).err


def test_options_for_folders_are_refused_without_one(command: Command, source: Path, tmp_path: Path) -> None:
    for option, value in (("--shard", "1/2"), ("--part-size", 3), ("--format", "parquet")):
        for output in ((), ("--output", tmp_path / "out.jsonl")):
            outcome = command("predict", "rules", source, *output, option, value)
            assert outcome.status == 2
            assert option in outcome.err


def test_shards_are_merged_and_become_a_table(command: Command, source: Path, tmp_path: Path) -> None:
    options = ("--part-size", 2)
    command("predict", "rules", source, "--output", tmp_path / "whole", *options)
    for number in (1, 2):
        folder = tmp_path / "shards" / f"{number}"
        assert command("predict", "rules", source, "--output", folder, *options, "--shard", f"{number}/2").status == 0
    folders = [tmp_path / "shards" / "2", tmp_path / "shards" / "1"]
    outcome = command("merge", *folders[:1], "--output", tmp_path / "merged")
    assert (outcome.status, outcome.out) == (2, "")
    assert "shards are missing: 1/2" in outcome.err
    outcome = command("merge", *folders, "--output", tmp_path / "merged")
    assert outcome == (0, f"{tmp_path / 'merged'}: 9 articles in 5 parts\n", "")
    assert tree(tmp_path / "merged") == tree(tmp_path / "whole")
    outcome = command("table", tmp_path / "merged", tmp_path / "out.csv")
    assert outcome == (0, f"{tmp_path / 'out.csv'}: 9 articles\n", "")
    assert len((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()) == 10


# Signals


@pytest.fixture
def signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Yields a list. Its signals are sent to this process while the rules label the sixth article."""
    numbers: list[int] = []
    predict = RuleTagger.predict

    def signalled(self: RuleTagger, articles: Iterable[Article | str]) -> Iterator[Article]:
        for article in predict(self, articles):
            if article.id == "a5":
                for number in numbers:
                    signal.raise_signal(number)
                    time.sleep(0.01)  # Python merges two that come at once
            yield article

    monkeypatch.setattr(RuleTagger, "predict", signalled)
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield numbers
    assert {number: signal.getsignal(number) for number in before} == before
    signal.signal(signal.SIGINT, inherited)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_finishes_the_part_in_hand(
    number: int, status: int, signals: list[int], command: Command, source: Path, tmp_path: Path
) -> None:
    arguments = ("predict", "rules", source, "--part-size", 2, "--output")
    command(*arguments, tmp_path / "whole")
    signals.append(number)
    outcome = command(*arguments, tmp_path / "out")
    assert (outcome.status, outcome.out) == (status, "")
    first, second = outcome.err.splitlines()
    assert "finishing the current part" in first
    assert "run the same command again to resume" in second
    assert sorted(path.name for path in (tmp_path / "out").glob("part-*")) == [
        f"part-0000{part}.jsonl" for part in range(3)
    ]
    signals.clear()
    assert command(*arguments, tmp_path / "out").status == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_the_second_signal_ends_at_once(signals: list[int], command: Command, source: Path, tmp_path: Path) -> None:
    arguments = ("predict", "rules", source, "--part-size", 2, "--output")
    command(*arguments, tmp_path / "whole")
    signals += [signal.SIGINT, signal.SIGINT]
    outcome = command(*arguments, tmp_path / "out")
    assert outcome.status == 130
    assert outcome.err.splitlines()[-1] == "afteraction: interrupted"
    assert len(list((tmp_path / "out").glob("part-*"))) == 2
    signals.clear()
    command(*arguments, tmp_path / "out")
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


# Progress


def test_without_a_terminal_there_is_a_line_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter(range(0, 10_000, 25))
    begun: list[int] = []
    with ArchiveProgress(on_begin=lambda: begun.append(1), clock=lambda: next(times)) as progress:
        progress.notice(InputNotice("a.txt: an export of 3 articles"))
        assert not begun
        progress.begin(done=100, total=300)
        for _ in range(20):
            progress.article()
        progress.part(done=120, errors=1)
        for _ in range(20):
            progress.article()
    assert begun
    notice, *lines = capsys.readouterr().err.splitlines()
    assert notice == "afteraction: a.txt: an export of 3 articles"
    assert len(lines) > 5
    assert lines[0].startswith("103 of 300 articles, 0.0 articles/s, 197 left, ")
    assert lines[0].endswith(" to go")
    assert lines[-1].endswith(", 1 error")


def test_without_a_total_nothing_is_said_of_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter(range(0, 10_000, 100))
    with ArchiveProgress(on_begin=lambda: None, clock=lambda: next(times)) as progress:
        progress.begin(done=0, total=None)
        progress.article()
    assert capsys.readouterr().err.startswith("1 article, 0.0 articles/s\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--output", "out", "--ray-address", "10.0.0.1:6379"), "--ray-address needs --engine ray"),
        (("--output", "out.jsonl", "--engine", "ray"), "need --output with a folder"),
        (("--engine", "ray"), "need --output with a folder"),
        (("--workers", "2"), "need --output with a folder"),
        (("--output", "out", "--workers", "2", "--engine", "ray"), "--workers does not apply to --engine ray"),
    ],
)
def test_ray_needs_a_folder_and_its_address_needs_ray(
    arguments: tuple[str, ...], words: str, command: Command, source: Path, tmp_path: Path
) -> None:
    outcome = command("predict", "rules", source, *(str(tmp_path / a) if a.startswith("out") else a for a in arguments))
    assert (outcome.status, outcome.err.count("\n")) == (2, 1)
    assert words in outcome.err
    assert list(tmp_path.iterdir()) == [source]


def test_without_its_extra_ray_is_told_before_anything_is_written(
    command: Command, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    outcome = command("predict", "rules", source, "--output", tmp_path / "out", "--engine", "ray")
    assert (outcome.status, outcome.err) == (1, "afteraction: this needs ray: pip install 'afteraction[ray]'\n")
    assert list(tmp_path.iterdir()) == [source]
