"""Runs on a real Ray with two workers: the same bytes as in this process, whatever is killed on the way."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

ray = pytest.importorskip("ray")

from afteraction.data import Article, DataError, InputError, read_articles, write_articles
from afteraction.model import ModelError
from afteraction.model.archive import Chunk, Progress, label_archive, ray_engine
from afteraction.model.archive.engines import ATTEMPTS
from afteraction.model.archive.manifest import read_manifest
from afteraction.model.archive.ray_cluster import connected, prepare
from afteraction.model.archive.ray_data import _Desk, _identity, _Worker

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("ray"),  # one Ray at a time
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray[.]"),  # about its own settings
]

Tree = Callable[[Path], dict[str, bytes]]
CheckStopped = Callable[[str, Path], None]

PART_SIZE = 3


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Starts Ray with two workers, and yields its address."""
    prepare()
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1")
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()


@pytest.fixture
def source(articles: list[Article], tmp_path: Path) -> Path:
    """Returns an input of 40 parts, with three faulty lines."""
    path = tmp_path / "in.jsonl"
    write_articles(
        [a.with_fields(id=f"{a.id}-{n}", text=a.text + " Gao." * n) for n in range(30) for a in articles], path
    )
    lines = path.read_text(encoding="utf-8").splitlines()
    for index in (4, 5, 119):
        lines[index] = lines[index][:-1]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def whole(model_folder: Path, source: Path, tmp_path: Path) -> Path:
    """Returns the folder of an uninterrupted run in this process."""
    folder = tmp_path / "whole"
    label_archive(model_folder, [str(source)], folder, part_size=PART_SIZE, precision="float32")
    return folder


def label_by_ray(model: Path, source: Path, folder: Path, *, progress: Progress | None = None) -> None:
    engine = ray_engine(model, precision="float32")
    label_archive(
        model, [str(source)], folder, part_size=PART_SIZE, precision="float32", engine=engine, progress=progress
    )


def processes(name: str) -> list[int]:
    """Returns the processes of our Ray with this name. Their parent is a raylet, a child of this process."""

    def parent(process: int) -> int:
        return int(Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])

    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(name.encode()) and parent(parent(int(path.parent.name))) == os.getpid():
                found.append(int(path.parent.name))
        except OSError:
            continue  # it has ended in the meantime
    return found


class Killer(Progress):
    """Progress that kills the workers, and later the processes that distribute the work."""

    def __init__(self) -> None:
        self.parts = self.killed = 0

    def part(self, *, done: int, errors: int) -> None:
        self.parts += 1
        name = {3: "ray::MapWorker", 12: "ray::Read"}.get(self.parts)
        for process in processes(name) if name else []:
            os.kill(process, signal.SIGKILL)
            self.killed += 1


def test_the_parts_are_those_of_a_run_in_one_process_whatever_dies(
    address: str, model_folder: Path, source: Path, whole: Path, tmp_path: Path, tree: Tree
) -> None:
    killer = Killer()
    label_by_ray(model_folder, source, tmp_path / "out", progress=killer)
    assert killer.killed == 3
    assert killer.parts == 40
    written = [article for path in sorted((tmp_path / "out").glob("part-*")) for article in read_articles(path)]
    assert any(span.score for article in written for span in article.spans)
    assert len((tmp_path / "out/errors.jsonl").read_text(encoding="utf-8").splitlines()) == 3
    assert tree(tmp_path / "out") == tree(whole)


def started(arguments: list[str], folder: Path) -> subprocess.Popen[str]:
    """Starts a command that writes a folder, and returns it once it has written two parts."""
    command = [sys.executable, "-m", "afteraction", "predict", *arguments, "--engine", "ray", "--output", str(folder)]
    command += ["--part-size", str(PART_SIZE)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while len(list((folder / "unfinished").glob("part-*.json"))) < 2:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        time.sleep(0.01)
    return process


def test_a_command_that_is_killed_goes_on_with_either_engine(
    address: str, model_folder: Path, source: Path, whole: Path, tmp_path: Path, tree: Tree
) -> None:
    folder = tmp_path / "out"
    process = started([str(model_folder), str(source), "--precision", "float32", "--ray-address", address], folder)
    process.kill()
    process.communicate()
    assert read_manifest(folder).result is None
    shutil.copytree(folder, tmp_path / "copy")
    label_by_ray(model_folder, source, folder)
    label_archive(model_folder, [str(source)], tmp_path / "copy", part_size=PART_SIZE, precision="float32")
    assert tree(folder) == tree(tmp_path / "copy") == tree(whole)


def test_a_command_that_is_stopped_saves_what_is_in_hand(
    address: str, source: Path, tmp_path: Path, check_stopped: CheckStopped
) -> None:
    write_articles((Article(f"a{number}", "Gunmen killed two in Kano. " * 400) for number in range(600)), source)
    process = started(["rules", str(source), "--ray-address", address], tmp_path / "out")
    process.terminate()
    output, errors = process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert output == ""
    check_stopped(errors, tmp_path / "out")


def test_an_input_that_vanishes_ends_the_run_after_the_parts_in_hand(
    address: str, source: Path, tmp_path: Path, tree: Tree
) -> None:
    content = source.read_bytes()
    label_archive("rules", [str(source)], tmp_path / "whole", part_size=PART_SIZE)

    def vanishing(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        for chunk in ray_engine("rules", precision="float32")(chunks):
            source.unlink(missing_ok=True)
            yield chunk

    with pytest.raises(DataError, match="was changed or deleted"):
        label_archive("rules", [str(source)], tmp_path / "out", part_size=PART_SIZE, engine=vanishing)
    assert list((tmp_path / "out").glob("part-*"))
    source.write_bytes(content)
    label_archive("rules", [str(source)], tmp_path / "out", part_size=PART_SIZE)
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_a_chunk_whose_workers_die_each_time_ends_the_run(address: str, model_folder: Path) -> None:
    desk = ray.remote(num_cpus=0)(_Desk).remote(2)
    ray.get(desk.put.remote([ray.put(Chunk(7, 21, (Article("a", "Gunmen fled."), Article("b", "They fled."))))]))
    for _ in range(ATTEMPTS):
        ray.get(desk.take.remote(0))
    worker = _Worker(desk, str(model_folder), {}, {})
    with pytest.raises(InputError, match="4 workers died while they labelled articles 22 to 23 of the inputs"):
        worker({"number": np.array([0])})


def test_a_model_that_is_another_on_the_worker_is_refused(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    expected = _identity(str(model_folder))
    changed = next(name for name in expected if name.endswith("afteraction.json"))
    worker = _Worker(None, str(model_folder), {}, expected | {changed: "0"})
    with pytest.raises(ModelError, match=r"on .*: .*afteraction\.json is not the same as where the run began"):
        worker._load()


def test_an_error_of_a_worker_is_that_of_the_run(address: str, model_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(model_folder, copy)
    engine = ray_engine(copy, precision="float32")
    shutil.rmtree(copy)
    with pytest.raises(ModelError, match=r"on .*no such model folder"):
        list(engine(iter([Chunk(0, 0, (Article("a", "Gunmen fled."),))])))


def test_a_cluster_without_gpus_is_one_line(address: str, source: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the Ray cluster has no GPU"):
        list(ray_engine("rules", device="cuda", precision="float32")(iter([])))


@pytest.mark.parametrize("wrong", ["127.0.0.1:1", "ray://127.0.0.1:1", "127.0.0.1:99999", "[::1]:1", "host:port"])
def test_a_cluster_that_cannot_be_reached_is_one_line(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(InputError, match="cannot be reached: ") as caught, connected(wrong):
        pass
    assert "\n" not in str(caught.value)
