"""Runs in several processes: the same bytes as in one process, whatever is killed on the way."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from afteraction.data import Article, InputError, read_articles, write_articles
from afteraction.model import ModelError
from afteraction.model.archive import Chunk, Progress, label_archive, process_engine
from afteraction.model.archive.engines import ATTEMPTS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("processes")]

Tree = Callable[[Path], dict[str, bytes]]
CheckStopped = Callable[[str, Path], None]

PART_SIZE = 3


class Killer(Progress):
    """Progress that kills all workers when the third part is written."""

    def __init__(self) -> None:
        self.parts = self.killed = 0

    def part(self, *, done: int, errors: int) -> None:
        """Counts the part."""
        self.parts += 1
        if self.parts == 3:
            for process in multiprocessing.active_children():
                process.kill()
                self.killed += 1


def test_the_parts_are_those_of_a_run_in_one_process_whatever_dies(
    model_folder: Path, articles: list[Article], tmp_path: Path, tree: Tree
) -> None:
    source = tmp_path / "in.jsonl"
    write_articles(
        [a.with_fields(id=f"{a.id}-{n}", text=a.text + " Gao." * n) for n in range(12) for a in articles], source
    )
    lines = source.read_text(encoding="utf-8").splitlines()
    lines[4] = lines[4][:-1]
    source.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    label_archive(model_folder, [str(source)], tmp_path / "one", part_size=PART_SIZE, precision="float32")
    engine, killer = process_engine(model_folder, workers=2, precision="float32"), Killer()
    label_archive(
        model_folder,
        [str(source)],
        tmp_path / "two",
        part_size=PART_SIZE,
        precision="float32",
        engine=engine,
        progress=killer,
    )
    assert killer.killed == 2
    written = [article for path in (tmp_path / "two").glob("part-*") for article in read_articles(path)]
    assert any(span.score for article in written for span in article.spans)
    assert tree(tmp_path / "two") == tree(tmp_path / "one")
    assert not multiprocessing.active_children()


def test_a_chunk_whose_workers_die_each_time_ends_the_run() -> None:
    stop = threading.Event()

    def kill_all() -> None:
        while not stop.wait(0.02):
            for process in multiprocessing.active_children():
                process.kill()

    killer = threading.Thread(target=kill_all)
    killer.start()
    chunks = iter([Chunk(7, 21, (Article("a", "Gunmen fled."), Article("b", "They fled.")))])
    with pytest.raises(
        InputError, match=f"{ATTEMPTS} workers died while they labelled articles 22 to 23 of the inputs"
    ):
        list(process_engine("rules", workers=2, precision="float32")(chunks))
    stop.set()
    killer.join()
    assert not multiprocessing.active_children()


def test_an_error_of_a_worker_is_that_of_the_run() -> None:
    chunks = iter([Chunk(0, 0, (Article("a", "Gunmen fled."),))])
    with pytest.raises(ModelError, match="device 'nowhere'"):
        list(process_engine("news", workers=2, device="nowhere", precision="float32")(chunks))
    assert not multiprocessing.active_children()


def test_workers_load_the_folder_that_a_path_names() -> None:
    chunks = iter([Chunk(0, 0, (Article("a", "Gunmen fled."),))])
    with pytest.raises(ModelError, match="rules: no such model folder"):
        list(process_engine(Path("rules"), workers=1, precision="float32")(chunks))


def test_an_error_while_reading_leaves_no_process() -> None:
    def breaking() -> Iterator[Chunk]:
        yield Chunk(0, 0, (Article("a", "Gunmen fled."),))
        raise InputError("no more")

    with pytest.raises(InputError, match="no more"):
        list(process_engine("rules", workers=2, precision="float32")(breaking()))
    assert not multiprocessing.active_children()


def started(source: Path, folder: Path) -> subprocess.Popen[str]:
    """Starts a command in its own process group, and returns it once it has written two parts."""
    command = [sys.executable, "-m", "afteraction", "predict", "rules", str(source), "--output", str(folder)]
    process = subprocess.Popen(
        [*command, "--part-size", "3", "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while len(list((folder / "unfinished").glob("part-*.json"))) < 2:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        time.sleep(0.01)
    return process


def is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def long_source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    write_articles((Article(f"a{number}", "Gunmen killed two in Kano. " * 400) for number in range(600)), path)
    return path


def test_ctrl_c_on_a_terminal_saves_what_is_in_hand(
    long_source: Path, tmp_path: Path, check_stopped: CheckStopped
) -> None:
    process = started(long_source, tmp_path / "out")
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, errors = process.communicate()
    assert process.returncode == 128 + signal.SIGINT
    check_stopped(errors, tmp_path / "out")


def test_workers_end_with_a_command_that_is_killed(long_source: Path, tmp_path: Path) -> None:
    process = started(long_source, tmp_path / "out")
    process.kill()
    process.communicate()
    while is_there(process.pid):
        time.sleep(0.05)
