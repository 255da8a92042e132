"""Runs that are killed by SIGKILL, at every change of the folder and at random moments."""

import subprocess
import sys
from pathlib import Path

import pytest

# It forks, which is safe only in a process without threads. The process of the tests may have some.
PREAMBLE = """
import os, random, shutil, signal, sys, time
from pathlib import Path
from afteraction.model.archive import Shard, label_archive, merge_shards

source, folder = sys.argv[1], Path(sys.argv[2])
CHANGES = ("fsync", "replace", "unlink", "rmdir", "mkdir", "open")

def tree(path):
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in path.rglob("*") if each.is_file()}

def label(output, **options):
    label_archive("rules", [source], output, part_size=4, **options)

def child(work, *arguments):
    process = os.fork()
    if process == 0:
        try:
            work(*arguments)
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
    return process

def ending(process):
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

def killed_at(number, work, *arguments):
    calls = 0
    def hook(original):
        def call(*args, **options):
            nonlocal calls
            calls += 1
            if calls == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **options)
        return call
    for name in CHANGES:
        setattr(os, name, hook(getattr(os, name)))
    work(*arguments)

def kill_everywhere(work, expected):
    for number in range(1, 1000):
        output = folder / "out"
        status = ending(child(killed_at, number, work, output))
        if status == 0:
            break
        assert status == -signal.SIGKILL, status
        assert ending(child(work, output)) == 0
        assert tree(output) == expected, number
        shutil.rmtree(output)
    print(number)

label(folder / "whole")
expected = tree(folder / "whole")
"""

EVERYWHERE = "kill_everywhere(label, expected)"

MERGING = """
shards = [folder / "one", folder / "two"]
for number, shard in enumerate(shards, start=1):
    label(shard, shard=Shard(number, 2))
kill_everywhere(lambda output: merge_shards(shards, output), expected)
"""

RANDOMLY = """
choices = random.Random(11)
began = time.monotonic()
assert ending(child(label, folder / "timed")) == 0
whole_time = time.monotonic() - began
kills = runs = 0
while kills < 20:
    output = folder / f"out-{runs}"
    process = child(label, output)
    time.sleep(choices.uniform(0, whole_time))
    os.kill(process, signal.SIGKILL)
    kills += ending(process) == -signal.SIGKILL
    if (output / "manifest.json").exists() and not (output / "unfinished").exists():
        runs += 1  # as good as finished, so that the next kill would find nothing to break
for number in range(runs + 1):
    output = folder / f"out-{number}"
    label(output)
    assert tree(output) == expected, number
print(kills)
"""


def run_script(script: str, source: Path, folder: Path) -> int:
    command = [sys.executable, "-c", PREAMBLE + script, str(source), str(folder)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return int(finished.stdout)


def make_input(path: Path, count: int) -> Path:
    text = "Two gunmen killed at least 50 soldiers near Gao, Mali, in an attack on a police school."
    lines = [f'{{"id": "a{index}", "text": "{text * (1 + index % 3)}"}}\n' for index in range(count)]
    lines[5] = lines[count - 1] = "{\n"
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize(("script", "fewest"), [(EVERYWHERE, 30), (MERGING, 20)], ids=["run", "merge"])
def test_killed_at_any_change_of_the_folder_it_goes_on_to_the_same_bytes(
    script: str, fewest: int, tmp_path: Path
) -> None:
    assert run_script(script, make_input(tmp_path / "in.jsonl", 11), tmp_path) > fewest


@pytest.mark.slow
def test_killed_at_twenty_random_moments_a_run_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    assert run_script(RANDOMLY, make_input(tmp_path / "in.jsonl", 200), tmp_path) == 20
