"""Measures how the cost of each step grows with the length of a text, on texts made to be costly.

    python bench/growth.py                       every row
    python bench/growth.py linking importers     the rows whose names contain one of these words

Prints the seconds for each size in characters, and the exponent: the slope of a line through the logarithms of sizes
and times. 1 is linear, n log n about 1.1. A row stops at the first size that takes longer than `PATIENCE`. Times are
processor times, so that other work on the machine affects them little.
"""

import gc
import sys
import time

import numpy as np
from growth_rows import ROWS
from growth_texts import Work
from rich import box
from rich.console import Console
from rich.table import Table

SIZES = (12_500, 25_000, 50_000, 100_000, 200_000, 1_000_000)
PATIENCE = 20.0
SHORTEST = 0.005
"""Seconds. Shorter times say nothing about growth."""


def seconds(work: Work) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def exponent(sizes: list[int], times: list[float]) -> float | None:
    """Returns the slope of the line through the logarithms, ignoring times that are too short."""
    points = [(size, taken) for size, taken in zip(sizes, times, strict=True) if taken >= SHORTEST]
    if len(points) < 2:
        return None
    return float(np.polyfit(*np.log(np.array(points)).T, deg=1)[0])


def main(wanted: list[str]) -> None:
    table = Table(title="Seconds by size in characters", box=box.SIMPLE, title_justify="left")
    table.add_column("")
    for heading in (*(f"{size:,}" for size in SIZES), "exponent"):
        table.add_column(heading, justify="right")
    for name, row in ROWS.items():
        if wanted and not any(part in name for part in wanted):
            continue
        row(SIZES[0])()  # warm-up: imports and caches
        times: list[float] = []
        for size in SIZES:
            times.append(seconds(row(size)))
            if times[-1] > PATIENCE:
                break
        slope = exponent(list(SIZES[: len(times)]), times)
        cells = [f"{taken:.3f}" for taken in times] + ["-"] * (len(SIZES) - len(times))
        table.add_row(name, *cells, "-" if slope is None else f"{slope:.2f}")
        print(name, *cells, "-" if slope is None else f"{slope:.2f}", file=sys.stderr, flush=True)
    Console(width=160).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
