"""Compares our speed and memory with what people use now, on the same encoder and articles.

    python bench/bench.py            everything
    python bench/bench.py train      one of: train, predict

Each measurement runs in its own process (`workloads.py`), so that its peak memory can be read. Systems take turns. Each
figure is the best of several rounds, since other work on the machine can only make a round slower.
"""

import json
import subprocess
import sys
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

ROUNDS = 2
WORKLOADS = Path(__file__).with_name("workloads.py")
PIPELINE_BATCHES = ("1", "4", "16")
PRECISIONS = ("float32", "bfloat16")
LIBRARIES = ("torch", "onednn")

Figures = dict[str, float]


def measure(*arguments: str) -> Figures:
    """Runs one workload in its own process."""
    done = subprocess.run([sys.executable, str(WORKLOADS), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.stderr.strip().splitlines()[-1]}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def best(runs: list[Figures]) -> Figures:
    """Returns the fastest run."""
    return max(runs, key=lambda figures: figures["rate"])


def bench_training(console: Console) -> None:
    """Measures subwords per second in training, against the settings of transformers' token-classification example."""
    ours, theirs, products = [], [], []
    for _ in range(ROUNDS):
        products.append([measure("gemm", library) for library in LIBRARIES])
        ours.append(measure("train", "ours"))
        theirs.append(measure("train", "example"))
    machine = [best(list(runs))["rate"] for runs in zip(*products, strict=True)]
    table = Table(title="Training, float32", box=box.SIMPLE, title_justify="left")
    table.add_column("")
    for heading in ("subwords/s", "of PyTorch's GEMM", "of oneDNN's GEMM", "peak memory"):
        table.add_column(heading, justify="right")
    for name, runs in (("afteraction", ours), ("transformers' example", theirs)):
        figures = best(runs)
        shares = [f"{figures['rate'] * figures['operations'] / rate:.0%}" for rate in machine]
        table.add_row(name, f"{figures['rate']:.0f}", *shares, f"{figures['memory']:.0f} MB")
    console.print(table)
    console.print(
        f"{best(ours)['rate'] / best(theirs)['rate']:.2f} times as fast as the example. This machine multiplies "
        f"matrices at {machine[0] / 1e9:.0f} GFLOP/s with PyTorch's own GEMM, at {machine[1] / 1e9:.0f} with oneDNN.\n"
    )


def bench_prediction(console: Console) -> None:
    """Measures articles labelled per second, against transformers' pipeline with overlapping windows."""
    systems = [("ours",), *(("pipeline", size) for size in PIPELINE_BATCHES)]
    runs: dict[tuple[str, ...], list[Figures]] = {}
    for _ in range(ROUNDS):
        for precision in PRECISIONS:
            for name, *size in systems:
                runs.setdefault((precision, name, *size), []).append(measure("predict", name, precision, *size))
    table = Table(title="Prediction", box=box.SIMPLE, title_justify="left")
    table.add_column("")
    for heading in ("articles/s", "peak memory"):
        table.add_column(heading, justify="right")
    for precision in PRECISIONS:
        figures = {key[1:]: best(found) for key, found in runs.items() if key[0] == precision}
        ours = figures.pop(("ours",))
        (_, size), pipeline = max(figures.items(), key=lambda item: item[1]["rate"])
        for name, row in (("afteraction", ours), (f"transformers' pipeline, batch size {size}", pipeline)):
            table.add_row(f"{name}, {precision}", f"{row['rate']:.1f}", f"{row['memory']:.0f} MB")
        table.add_row(f"  {ours['rate'] / pipeline['rate']:.2f} times as fast as the pipeline", "", "")
    console.print(table)


BENCHES = {"train": bench_training, "predict": bench_prediction}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHES:
        BENCHES[name](Console(width=100))
