"""Kills commands at random moments, and checks that the same command then resumes and leaves the same files.

    python bench/kills.py                           train, archive, search and pack, each killed 100 times
    python bench/kills.py --moments 20 pack         one of them

Each is an ordinary command with a tiny model, in a process forked from this one, which has imported everything. It is
killed by SIGKILL at a moment between its start and its usual end, and then run again without being killed. Its folder
must then hold the files that an uninterrupted command leaves, byte for byte, and nothing else: no temporary file.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from afteraction.__main__ import run
from afteraction.train.search import search as _search  # noqa: F401  # imported before the processes are forked

sys.path.append(str(Path(__file__).parent / "fuzz"))
from seeds import articles
from target import folder
from targets_folders import PACKAGE, install, model

from afteraction.data import write_articles

LABELLED = 60
"""The number of articles in the archive."""

CONFIG = """\
extends: quickstart
name: run
runs: {runs}
encoder: {encoder}
data: {{train: [{data}], dev: [{data}]}}
window: {{size: 32, stride: 8}}
fitting: {{epochs: {epochs}, tokens_per_batch: 256, patience: null}}
"""
SPACE = "settings: {optimizer.learning_rate: {low: 1e-4, high: 1e-2, log: true}}\nprune_after: 1\n"


@dataclass(frozen=True, slots=True)
class Work:
    """A command, and the folder that it writes."""

    arguments: tuple[str, ...]
    output: Path
    again: tuple[str, ...] = ()
    """The arguments to add to resume."""
    apart: tuple[str, ...] = ()
    """Names of files or folders that are not compared, since the files record when they were written."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--moments", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    works = prepare(folder())
    faults = 0
    for name in arguments.names or works:
        faults += kill_randomly(name, works[name], moments=arguments.moments, seed=arguments.seed)
    sys.exit(1 if faults else 0)


def prepare(place: Path) -> dict[str, Work]:
    """Makes the inputs of the commands, and returns the commands by name."""
    os.environ["AFTERACTION_CACHE"] = str(place / "cache")
    # PyTorch's threads do not survive a fork, so this process computes nothing.
    check(lambda: model() and 0)
    encoder, whole = place / "encoder-32", place / "model-32"
    install(encoder)
    data, archive, space = place / "articles.jsonl", place / "archive.jsonl", place / "space.yaml"
    write_articles(articles(), data)
    lines = [json.dumps({"id": f"a{n}", "text": articles()[n % len(articles())].text[:300]}) for n in range(LABELLED)]
    archive.write_text("\n".join([*lines, "{"]) + "\n", encoding="utf-8")
    space.write_text(SPACE, encoding="utf-8")
    runs = place / "runs"
    for name, epochs in (("train", 4), ("search", 2)):
        text = CONFIG.format(runs=runs, encoder=encoder, data=data, epochs=epochs)
        (place / f"{name}.yaml").write_text(text, encoding="utf-8")
    return {
        "train": Work(("train", str(place / "train.yaml")), runs / "run", again=("--resume",), apart=("tensorboard",)),
        "archive": Work(
            ("predict", str(whole), str(archive), "--output", str(place / "labelled"), "--part-size", "10"),
            place / "labelled",
        ),
        "search": Work(
            ("search", str(place / "search.yaml"), str(space), "--trials", "3"),
            runs / "run-search",
            apart=("tensorboard", "study.jsonl"),
        ),
        "pack": Work(
            ("pack", str(whole), str(place / "packed"), "--encoder", PACKAGE, "--rank", "4"), place / "packed"
        ),
    }


def kill_randomly(name: str, work: Work, *, moments: int, seed: int) -> int:
    """Kills a command `moments` times, and returns how often it did not resume and leave the same files."""
    chance = random.Random(f"{name} {seed}")  # noqa: S311
    usual = []
    for _ in range(2):  # the first fills the caches
        shutil.rmtree(work.output, ignore_errors=True)
        began = time.monotonic()
        check(lambda: run(work.arguments))
        usual.append(time.monotonic() - began)
    expected = tree(work)
    print(f"{name}: {usual[-1]:.2f} s, {len(expected)} files", flush=True)
    kills = faults = 0
    while kills < moments:
        shutil.rmtree(work.output, ignore_errors=True)
        moment = chance.uniform(0, usual[-1])
        process = forked(lambda: run(work.arguments))
        time.sleep(moment)
        os.kill(process, signal.SIGKILL)
        if ending(process) != -signal.SIGKILL:  # it ended before it was killed
            continue
        kills += 1
        left = tree(work)
        status = ending(forked(lambda: run((*work.arguments, *work.again))))
        found = tree(work)
        if status not in (0, 1) or found != expected:
            faults += 1
            unlike = sorted(file for file in found.keys() | expected if found.get(file) != expected.get(file))
            print(f"{name}: killed after {moment:.3f} s, with {len(left)} files: {status}, {unlike[:5]}", flush=True)
            print(log().read_text(encoding="utf-8")[-500:])
        if kills % 20 == 0:
            print(f"{name}: {kills} kills, {faults} at fault", flush=True)
    return faults


def tree(work: Work) -> dict[str, bytes]:
    """Returns the content of each file to compare, by its path in the output folder."""
    files = (path for path in work.output.rglob("*") if path.is_file() and not set(path.parts) & set(work.apart))
    return {path.relative_to(work.output).as_posix(): path.read_bytes() for path in files}


def log() -> Path:
    """Returns the file that receives the commands' output."""
    return folder() / "log.txt"


def forked(work: Callable[[], int]) -> int:
    """Runs a function in a child process, and returns its process id."""
    process = os.fork()
    if process:
        return process
    status = 3
    try:
        os.setsid()
        output = os.open(log(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(output, stream)
        status = work()
    finally:
        sys.stdout.flush()
        os._exit(status)


def ending(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def check(work: Callable[[], int]) -> None:
    """Runs a function that must not fail. An archive with a faulty line ends with status 1."""
    if ending(forked(work)) not in (0, 1):
        sys.exit(log().read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
