"""Compares prediction with transformers' pipeline: in every precision, on one core and on all, and with a gate."""

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

from afteraction.model.environment import processor, usable_cores
from afteraction.model.precision import multiplies_bfloat16

Figures = dict[str, float]
Measure = Callable[..., Figures]
Arguments = tuple[str, str, str]

ROUNDS = 3
ARTICLES = 60
PIPELINE_BATCHES = (1, 4, 16)
LIBRARIES = {"torch": "MKL", "onednn": "oneDNN"}

BUSY = """
import os
parent = os.getppid()
while os.getppid() == parent:
    sum(range(1_000_000))
"""
"""A program that keeps a core busy until its parent ends, also if that is killed."""

SYSTEMS = {
    "afteraction, float32": ("ours", "model", "float32"),
    "afteraction, bfloat16": ("ours", "model", "bfloat16"),
    "afteraction, ONNX float32": ("ours", "onnx", "float32"),
    "afteraction, ONNX int8": ("ours", "onnx-int8", "float32"),
    "afteraction, OpenVINO int8": ("ours", "openvino-int8", "float32"),
}
"""For each row, the arguments of its workload: the program, the model's folder and the precision."""

GATED = {
    "afteraction, float32, gate": ("gated", "model", "float32"),
    "afteraction, bfloat16, gate": ("gated", "model", "bfloat16"),
    "afteraction, ONNX int8, gate": ("gated", "onnx-int8", "float32"),
    "afteraction, OpenVINO int8, gate": ("gated", "openvino-int8", "float32"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """The processor cores that a measurement may use, optionally beside a program that keeps one busy."""

    name: str
    cores: int
    busy: bool = False

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Confines this process and its child processes to the cores."""
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, sorted(allowed)[: self.cores])
        other = subprocess.Popen([sys.executable, "-c", BUSY]) if self.busy else None
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
    cores = usable_cores()
    places = [Place("one core", 1)]
    if cores > 1:
        places.append(Place(f"{cores} cores", cores))
    places.append(Place(f"{cores} cores beside a busy process", cores, busy=True))
    console.print(f"{processor()}, {ARTICLES} articles with the lengths of news, {ROUNDS} rounds in turns")
    with tempfile.TemporaryDirectory() as folder:
        operations = measure("prepare", folder, model, str(ARTICLES))["operations"]
        for place in places:
            with place.enter():
                title = f"Prediction, {place.name}"
                _compare(console, measure, title, Path(folder, "articles.jsonl"), SYSTEMS, operations=operations)


def bench_gate(console: Console, measure: Measure, *, model: str = "") -> None:
    """Measures articles labelled per second, on one core, where four articles in five report no attack.

    Args:
        console: where the table is printed.
        measure: runs a workload in its own process.
        model: the model folder, with a gate; empty for `news`.
    """
    with tempfile.TemporaryDirectory() as folder, Place("one core", 1).enter():
        figures = measure("prepare-quiet", folder, model)
        console.print(
            f"{processor()}, {figures['articles']:.0f} articles of bundled:voa-test, "
            f"{figures['with_spans']:.0f} with spans, {ROUNDS} rounds in turns"
        )
        _compare(
            console,
            measure,
            "An archive where four articles in five report no attack, one core",
            Path(folder, "articles.jsonl"),
            SYSTEMS | GATED,
            operations=figures["operations"],
        )


def _compare(
    console: Console, measure: Measure, title: str, articles: Path, ours: dict[str, Arguments], *, operations: float
) -> None:
    def run(program: str, model: str, precision: str, *batch: str) -> Figures:
        return measure("predict", program, str(articles.parent / model), str(articles), precision, *batch)

    sizes = {size: run("pipeline", "model", "float32", str(size))["rate"] for size in PIPELINE_BATCHES}
    size = max(sizes, key=lambda size: sizes[size])
    native = multiplies_bfloat16()
    systems: dict[str, tuple[str, ...]] = {
        f"transformers' pipeline, batch size {size}": ("pipeline", "model", "float32", str(size)),
        **{name: arguments for name, arguments in ours.items() if native or arguments[-1] != "bfloat16"},
    }
    pipeline = next(iter(systems))
    runs: dict[str, list[Figures]] = {name: [] for name in systems}
    products: dict[str, list[float]] = {library: [] for library in LIBRARIES}
    for _ in range(ROUNDS):
        for library, rates in products.items():
            rates.append(measure("gemm", library)["rate"])
        for name, arguments in systems.items():
            runs[name].append(run(*arguments))
    machine = {LIBRARIES[library]: float(np.median(rates)) for library, rates in products.items()}
    table = Table(title=title, box=box.SIMPLE, title_justify="left")
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
    console.print(f"Matrices of 32-bit floats are multiplied at {speeds} here.")
    console.print("" if native else "bfloat16 is left out: this processor does not multiply it natively.\n")
