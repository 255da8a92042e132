"""Compares our speed and memory with those of transformers, on the same encoder and articles.

    python bench/bench.py            everything
    python bench/bench.py train      one of: train, predict, gate
    python bench/bench.py predict --model runs/quickstart/model

Each measurement runs in its own process (`workloads.py`), so that its peak memory can be read. Systems take turns.
Training figures are the best of several rounds, since other work on the machine can only make a round slower.
Prediction (`prediction.py`) is also measured beside other work, so its figures are medians, and ratios with their
spread.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from prediction import Figures, bench_gate, bench_prediction
from rich import box
from rich.console import Console
from rich.table import Table

ROUNDS = 2
WORKLOADS = Path(__file__).with_name("workloads.py")
LIBRARIES = ("torch", "onednn")


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
    """Measures subwords per second in training, ours and those of transformers' token-classification example."""
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("benches", nargs="*", metavar="BENCH", help="train, predict, gate; by default all")
    parser.add_argument("--model", default="", help="folder of the model to predict with")
    arguments = parser.parse_args()
    console = Console(width=120)
    for name in arguments.benches or ("train", "predict", "gate"):
        if name == "train":
            bench_training(console)
        elif name == "predict":
            bench_prediction(console, measure, model=arguments.model)
        elif name == "gate":
            bench_gate(console, measure, model=arguments.model)
        else:
            parser.error(f"no bench {name!r}")


if __name__ == "__main__":
    main()
