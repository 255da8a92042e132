"""Measures how the speed of an archive run grows with the number of workers on this machine.

    python bench/scaling.py                    this process, then Ray with 1, 2, ... workers on as many cores
    python bench/scaling.py --workers 1,8,16
    python bench/scaling.py --engine processes --device cuda --workers 0,2,4

The rate is measured from the first written part to the last, so that loading the model does not count. With N workers,
it is measured from the Nth part, when all of them should be at work. On CPUs, a run has as many cores as workers.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from news import news

from afteraction.data import write_articles
from afteraction.model.archive import Engine, Progress, label_archive, process_engine, ray_engine
from afteraction.model.environment import processor, usable_cores


class Clock(Progress):
    """The times at which the parts of a run were written.

    Args:
        skipped: the number of parts that do not count.
    """

    def __init__(self, *, skipped: int) -> None:
        self.parts: list[tuple[float, int]] = []
        self._skipped = skipped

    def part(self, *, done: int, errors: int) -> None:
        """Records the time."""
        self.parts.append((time.monotonic(), done))

    @property
    def rate(self) -> float:
        """Articles per second."""
        (began, first), (ended, last) = self.parts[self._skipped], self.parts[-1]
        return (last - first) / (ended - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="news")
    parser.add_argument("--engine", choices=["ray", "processes"], default="ray")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--articles", type=int, default=240)
    parser.add_argument("--part-size", type=int, default=12)
    parser.add_argument("--workers", default=None, help="numbers of workers; 0 for this process on one core")
    parser.add_argument("--cores", help=argparse.SUPPRESS)
    parser.add_argument("--input", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.cores is not None:
        measure(arguments)
        return
    most = usable_cores()
    counts = [int(each) for each in (arguments.workers or f"0,{','.join(map(str, range(1, most + 1)))}").split(",")]
    print(
        f"{processor()}, {arguments.device}, {arguments.model} in {arguments.precision}, "
        f"{arguments.articles} articles drawn like news"
    )
    with TemporaryDirectory() as folder:
        source = Path(folder) / "in.jsonl"
        write_articles(news(arguments.articles), source)
        for count in counts:
            command = [sys.executable, *sys.argv, "--cores", str(count), "--input", str(source)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(done.stderr)
            what = f"{arguments.engine}, {count} worker{'s'[: count != 1]}" if count else "this process"
            print(f"{what}: {json.loads(done.stdout)['rate']:.2f} articles/s", flush=True)


def measure(arguments: argparse.Namespace) -> None:
    """Measures one run on as many cores as there are workers, and prints its rate as JSON."""
    count = int(arguments.cores)
    if arguments.device == "cpu":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: max(count, 1)])
    clock = Clock(skipped=max(count - 1, 0))
    with TemporaryDirectory() as folder:
        label_archive(
            arguments.model,
            [arguments.input],
            Path(folder) / "out",
            device=arguments.device,
            precision=arguments.precision,
            part_size=arguments.part_size,
            engine=make_engine(arguments, workers=count) if count else None,
            progress=clock,
        )
    print(json.dumps({"rate": clock.rate}))


def make_engine(arguments: argparse.Namespace, *, workers: int) -> Engine:
    """Returns the engine to measure. Ray has as many workers as cores."""
    settings = {"device": arguments.device, "precision": arguments.precision}
    if arguments.engine == "ray":
        return ray_engine(arguments.model, **settings)
    return process_engine(arguments.model, workers=workers, **settings)


if __name__ == "__main__":
    main()
