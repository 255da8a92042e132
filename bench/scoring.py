"""Measures the time and memory of scoring for doubling numbers of articles. The cost must grow linearly.

    python bench/scoring.py                  12,500, 25,000 and 50,000 articles with 20 spans each
    python bench/scoring.py evaluate 1000    one measurement: evaluate, baseline (evaluate with the rules as baseline),
                                             compare, bootstrap (10,000 samples at all levels)

Each measurement runs in its own process, so that its peak memory can be read. Articles are written to files first;
reading them is part of the measurement.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from afteraction.data import LABELS, Article, Entity, Span, Toll, read_articles, write_articles
from afteraction.evaluation import Baseline, compare, evaluate
from afteraction.evaluation.figures.scores import score_levels
from afteraction.model import RULES, RuleTagger

SIZES = (12_500, 25_000, 50_000)
SPANS = 20
WORDS_BETWEEN = 12
SAMPLES = 10_000
SIDES = {"gold": 1.0, "first": 0.6, "second": 0.5}
"""The files, and the share of correct spans in each."""

_VOCABULARY = (
    "killed",
    "gunmen",
    "soldiers",
    "Gao",
    "school",
    "the",
    "market",
    "near",
    "twelve",
    "police",
    "army",
    "in",
)


def articles(count: int, *, right: float) -> Iterator[Article]:
    """Yields articles with 20 spans. A span is right with probability `right`, otherwise moved, relabelled or left out.

    The texts do not depend on `right`.
    """
    for number in range(count):
        random = Random(number)  # noqa: S311
        words = [random.choice(_VOCABULARY) for _ in range(SPANS * WORDS_BETWEEN)]
        text = " ".join(words)
        starts = np.cumsum([0, *(len(word) + 1 for word in words[:-1])]).tolist()
        spans = []
        for position in range(0, len(words), WORDS_BETWEEN):
            first, last = position + random.randrange(4), position + 4 + random.randrange(3)
            label = random.choice(LABELS)
            chance = random.random()
            if chance > right:
                last += 2
                label = label if chance > (1 + right) / 2 else LABELS[0]
                if chance > (3 + right) / 4:
                    continue
            spans.append(
                Span(starts[first], starts[last] + len(words[last]), label, f"e{position % 8}{label}", 0.5 + right / 2)
            )
        groups: dict[str, list[Span]] = {}
        for span in spans:
            groups.setdefault(str(span.entity), []).append(span)
        entities = (_entity(text, name, group) for name, group in groups.items())
        yield Article(f"a{number:07}", text, tuple(spans), Toll(random.randrange(20), None), tuple(entities))


def _entity(text: str, entity_id: str, spans: list[Span]) -> Entity:
    mentions = tuple(dict.fromkeys(text[span.start : span.end] for span in spans))
    return Entity(entity_id, spans[0].label, mentions[0], mentions, 0.9)


def write(name: str, count: int, folder: Path) -> None:
    """Writes the files that a workload reads."""
    if name == "bootstrap":
        counts = np.random.default_rng(0).integers(9, size=(count, 8, len(LABELS) + 1, 3))
        np.save(folder / "counts.npy", counts)
        return
    for side, right in SIDES.items():
        write_articles(articles(count, right=right), folder / f"{side}.jsonl")


def work(name: str, folder: Path) -> None:
    """Runs one workload and prints its seconds, its processor seconds, and the peak memory of the process in MB."""
    gold, first, second = (folder / f"{side}.jsonl" for side in SIDES)
    start, processor = time.perf_counter(), time.process_time()
    if name == "evaluate":
        evaluate(read_articles(gold), read_articles(first))
    elif name == "baseline":
        rules = RuleTagger()
        baseline = Baseline(RULES, lambda article: next(rules.predict([article])))
        evaluate(read_articles(gold), read_articles(first), baseline=baseline)
    elif name == "compare":
        compare(*(read_articles(path) for path in (gold, first, second)))
    else:
        score_levels(np.load(folder / "counts.npy"), labels=LABELS, samples=SAMPLES, seed=0)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "processor": processor, "memory": memory}))


def measure(name: str, folder: Path) -> dict[str, float]:
    """Runs one workload in its own process, on one core."""
    command = [sys.executable, __file__, "work", name, str(folder)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | threads)
    if done.returncode:
        sys.exit(done.stderr)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main(runs: list[tuple[str, int]]) -> None:
    """Measures workloads at the given sizes and prints a table."""
    table = Table(box=box.SIMPLE)
    for heading in ("", "articles", "seconds", "processor seconds", "ms per article", "peak memory"):
        table.add_column(heading, justify="right")
    for name, count in runs:
        with tempfile.TemporaryDirectory() as folder:
            write(name, count, Path(folder))
            figures = measure(name, Path(folder))
        seconds, processor = figures["seconds"], figures["processor"]
        table.add_row(
            name,
            f"{count:,}",
            f"{seconds:.1f}",
            f"{processor:.1f}",
            f"{1000 * processor / count:.2f}",
            f"{figures['memory']:.0f} MB",
        )
    Console(width=100).print(table)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["work", name, folder]:
            work(name, Path(folder))
        case [name, count]:
            main([(name, int(count))])
        case _:
            main(
                [
                    *(("evaluate", size) for size in SIZES),
                    *((name, SIZES[-1]) for name in ("baseline", "compare")),
                    ("bootstrap", 2_000),
                ]
            )
