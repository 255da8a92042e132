"""Measures prediction in every precision beside transformers' pipeline, on one core, on all, and on busy ones."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from afteraction.model.environment import processor

Figures = dict[str, float]
Measure = Callable[..., Figures]

ROUNDS = 3
ARTICLES = 60
PIPELINE_BATCHES = (1, 4, 16)
LIBRARIES = {"torch": "MKL", "onednn": "oneDNN"}

SYSTEMS = {
    "afteraction, float32": ("ours", "model", "float32"),
    "afteraction, bfloat16": ("ours", "model", "bfloat16"),
    "afteraction, ONNX float32": ("ours", "onnx", "float32"),
    "afteraction, ONNX int8": ("ours", "onnx-int8", "float32"),
}
"""For each row, the arguments of its workload: the program, the model's folder and the precision."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a measurement may use: some of the processor's cores, perhaps beside a program that keeps one busy."""

    name: str
    cores: int
    busy: bool = False

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Confines this process, and those that it starts, to the cores."""
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, sorted(allowed)[: self.cores])
        other = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if self.busy else None
        try:
            yield
        finally:
            os.sched_setaffinity(0, allowed)
            if other is not None:
                other.kill()
                other.wait()


def bench_prediction(console: Console, measure: Measure, *, model: str = "") -> None:
    """Measures articles labelled per second.

    Args:
        console: where the tables are printed.
        measure: runs a workload in its own process.
        model: the model folder; empty for the default encoder with an untrained head.
    """
    cores = len(os.sched_getaffinity(0))
    places = [Place("one core", 1)]
    if cores > 1:
        places.append(Place(f"{cores} cores", cores))
    places.append(Place(f"{cores} cores beside a busy process", cores, busy=True))
    console.print(f"{processor()}, {ARTICLES} articles with the lengths of news, {ROUNDS} rounds in turns")
    with tempfile.TemporaryDirectory() as folder:
        operations = measure("prepare", folder, model, str(ARTICLES))["operations"]
        for place in places:
            with place.enter():
                _bench_place(console, measure, place, Path(folder), operations=operations)


def _bench_place(console: Console, measure: Measure, place: Place, folder: Path, *, operations: float) -> None:
    def run(program: str, model: str, precision: str, *batch: str) -> Figures:
        return measure("predict", program, str(folder / model), str(folder / "articles.jsonl"), precision, *batch)

    sizes = {size: run("pipeline", "model", "float32", str(size))["rate"] for size in PIPELINE_BATCHES}
    size = max(sizes, key=lambda size: sizes[size])
    systems = {f"transformers' pipeline, batch size {size}": ("pipeline", "model", "float32", str(size)), **SYSTEMS}
    pipeline = next(iter(systems))
    runs: dict[str, list[Figures]] = {name: [] for name in systems}
    products: dict[str, list[float]] = {library: [] for library in LIBRARIES}
    for _ in range(ROUNDS):
        for library, rates in products.items():
            rates.append(measure("gemm", library)["rate"])
        for name, arguments in systems.items():
            runs[name].append(run(*arguments))
    machine = {LIBRARIES[library]: float(np.median(rates)) for library, rates in products.items()}
    table = Table(title=f"Prediction, {place.name}", box=box.SIMPLE, title_justify="left")
    table.add_column("")
    for heading in ("articles/s", "times the pipeline", *(f"of {name}'s GEMM" for name in machine), "peak memory"):
        table.add_column(heading, justify="right")
    for name, figures in runs.items():
        rates = [run["rate"] for run in figures]
        ratios = [rate / run["rate"] for rate, run in zip(rates, runs[pipeline], strict=True)]
        rate = float(np.median(rates))
        table.add_row(
            name,
            f"{rate:.1f}",
            f"{np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            *(f"{rate * operations / limit:.0%}" for limit in machine.values()),
            f"{max(run['memory'] for run in figures):.0f} MB",
        )
    console.print(table)
    speeds = " and ".join(f"{rate / 1e9:.0f} GFLOP/s with {name}" for name, rate in machine.items())
    console.print(f"Matrices of 32-bit floats are multiplied at {speeds} here.\n")
