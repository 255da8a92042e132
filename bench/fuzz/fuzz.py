"""Runs every target on files with random changes, and keeps the inputs that give neither a result nor our error.

    python bench/fuzz/fuzz.py 20000                       every target 20,000 times, scaled by its weight
    python bench/fuzz/fuzz.py 20000 MUC inputs            the targets with these names, or whose names contain them
    python bench/fuzz/fuzz.py 2000 --rounds 10            ten times 2,000, with different changes in each round
    python bench/fuzz/fuzz.py --input FILE 1 "MUC-4, keys"  one target on one file
    python bench/fuzz/fuzz.py --guided 60 1 "MUC-4, keys"   one target for 60 s, guided by the lines that inputs reach

The last needs `pip install atheris`, whose changes are added to those of `mutations.py`.

An input is slow if it takes over a second of processor time per 100 kB, or over a second if it is shorter. Failing
inputs are written to `build/fuzz-failures/`, one per kind of fault. Each target runs in its own process, which is
restarted if it ends.
"""

import argparse
import gc
import json
import multiprocessing
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from types import FunctionType

from mutations import mutated
from seeds import ROOT
from target import Target, check_message, folder
from targets import TARGETS

from afteraction.data import InputError

SLOW = 1.0
PATIENCE = 30.0
"""Seconds of processor time after which an input is abandoned."""

OFTEN = 0.8
"""The share of inputs that are made from seeds with a result. The others are made from any seed."""


OWN = 0.3
"""The share of guided inputs that get our own changes too."""


class GivenUpError(BaseException):
    """An input takes too long. This is not an Exception, so that readers do not catch it as an error of theirs."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("executions", type=int, nargs="?", default=1000)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--input", type=Path)
    parser.add_argument("--guided", type=int, metavar="SECONDS")
    parser.add_argument("--failures", type=Path, default=Path("build/fuzz-failures"))
    arguments = parser.parse_args()
    chosen = {
        name: target
        for name, target in TARGETS.items()
        if not arguments.names or any(word == name if word in TARGETS else word in name for word in arguments.names)
    }
    if arguments.input:
        for name, target in chosen.items():
            print(name, outcome(target, arguments.input.read_bytes()) or "is well")
        return
    if arguments.guided:
        if len(chosen) != 1:
            parser.error(f"--guided runs one target at a time, and these names are those of {len(chosen)}")
        guided(*chosen, seconds=arguments.guided, failures=arguments.failures)
    counts = {name: Counter[str]() for name in chosen}
    for seed in range(arguments.seed, arguments.seed + arguments.rounds):
        for name, target in chosen.items():
            executions = max(round(arguments.executions * target.weight), 1)
            counts[name].update(campaign(name, executions, seed=seed, failures=arguments.failures))
        for name, of_target in counts.items():
            print(f"{name:32}", *(f"{of_target[key]:9,} {key}" for key in ("results", "refused", "faults", "seconds")))
        total = sum((Counter(of_target) for of_target in counts.values()), Counter())
        executions = total["results"] + total["refused"] + total["faults"]
        print(f"{executions:,} executions, {total['faults']} at fault, after round {seed}", flush=True)
    sys.exit(1 if total["faults"] else 0)


def campaign(name: str, executions: int, *, seed: int, failures: Path) -> Counter[str]:
    """Runs a target `executions` times in child processes, and returns the counts."""
    _seeds(name)  # cached here, so that each process inherits them
    counts: Counter[str] = Counter()
    context = multiprocessing.get_context("fork")
    done = 0
    while done < executions:
        mine, other = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(name, range(done, executions), seed, failures, other))
        process.start()
        other.close()
        try:
            done = executions
            counts.update(mine.recv())
        except EOFError:  # the process ended too early
            process.join()
            current = json.loads((failures / "current.json").read_text())
            _keep(failures, name, "process ended", bytes.fromhex(current["input"]), f"exit code {process.exitcode}")
            counts.update(current["counts"])
            counts["faults"] += 1
            done = current["number"] + 1
        process.join()
    return counts


def _work(name: str, numbers: range, seed: int, failures: Path, results: Connection) -> None:
    """Runs a target in this process, and sends the counts."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries that panic write to it
    os.environ["RUST_BACKTRACE"] = "0"
    target, (fruitful, seeds) = TARGETS[name], _seeds(name)
    counts: Counter[str] = Counter()
    kinds: set[str] = set()
    failures.mkdir(parents=True, exist_ok=True)
    start = time.process_time()
    with (failures / "current.json").open("w") as current:
        for number in numbers:
            chance = random.Random(f"{name} {seed} {number}")  # noqa: S311
            data = mutated(fruitful if chance.random() < OFTEN else seeds, chance)
            current.seek(0)
            current.truncate()
            json.dump({"number": number, "input": data.hex(), "counts": counts}, current)
            current.flush()  # a library may end this process
            kind = outcome(target, data)
            counts["results" if kind is None else "refused" if kind == "" else "faults"] += 1
            if kind and (short := kind.partition(": ")[0]) not in kinds:
                kinds.add(short)
                _keep(failures, name, short, data, kind)
    counts["seconds"] = round(time.process_time() - start)
    results.send(counts)


def guided(name: str, *, seconds: int, failures: Path) -> None:
    """Runs a target on inputs that atheris chooses to reach more lines of our code. Ends the process."""
    import atheris  # in no extra, since it has wheels for few systems

    for each in gc.get_objects():
        if isinstance(each, FunctionType) and (each.__module__ or "").startswith("afteraction."):
            atheris.instrument_func(each)
    failures.mkdir(parents=True, exist_ok=True)
    kinds: set[str] = set()
    _, seeds = _seeds(name)
    corpus = folder() / "corpus"
    corpus.mkdir()
    for number, data in enumerate(seeds):
        (corpus / str(number)).write_bytes(data)

    def one(data: bytes) -> None:
        chance = random.Random(data)  # noqa: S311
        changed = mutated([data], chance) if chance.random() < OWN else data
        kind = outcome(TARGETS[name], changed)
        if kind and (short := kind.partition(": ")[0]) not in kinds:
            kinds.add(short)
            _keep(failures, name, short, changed, kind)

    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-max_len=20000", str(corpus)], one)
    atheris.Fuzz()


def outcome(target: Target, data: bytes) -> str | None:
    """Runs a target once. Returns None for a result, "" for an error of ours, or the problem, with its kind first."""
    started = time.process_time()
    found = _outcome(target, data)
    limit = SLOW * max(1.0, len(data) / 100_000)
    if time.process_time() - started > limit and not found:
        times = []
        for _ in range(2):  # one-time work does not count
            started = time.process_time()
            _outcome(target, data)
            times.append(time.process_time() - started)
        if min(times) > limit:
            return f"slow: {min(times):.1f} s for {len(data):,} bytes"
    return found


def _outcome(target: Target, data: bytes) -> str | None:
    signal.signal(signal.SIGPROF, _give_up)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        target.run(data)
    except InputError as error:
        try:
            check_message(error)
        except (AssertionError, TypeError) as wrong:
            return f"message: {wrong}"
        return ""
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a panic of a library is not an Exception
        frames = traceback.extract_tb(error.__traceback__)
        where = next((frame for frame in reversed(frames) if _is_ours(frame.filename)), frames[-1])
        place = f"{Path(where.filename).stem}.{where.name}"
        return f"{type(error).__name__} in {place}: line {where.lineno}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def _is_ours(file: str) -> bool:
    path = Path(file)
    return path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / "bench") and ".venv" not in path.parts


@cache
def _seeds(name: str) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """Returns the seeds of a target that have a result (or all, if no seed has one), and all seeds."""
    target = TARGETS[name]
    seeds = target.seeds()
    return [data for data in seeds if _has_result(target, data)] or seeds, seeds


def _has_result(target: Target, data: bytes) -> bool:
    try:
        return bool(target.run(data))
    except Exception:
        return False


def _give_up(*_: object) -> None:
    raise GivenUpError(f"after {PATIENCE} s")


def _keep(failures: Path, name: str, kind: str, data: bytes, problem: str) -> None:
    stem = "".join(character if character.isalnum() else "-" for character in f"{name} {kind}")[:100]
    (failures / stem).write_bytes(data)
    print(f"  {name}: {problem[:300]}\n    in {failures / stem}", flush=True)


if __name__ == "__main__":
    folder()
    main()
