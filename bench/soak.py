"""Labels a large number of articles with a small model, and checks memory and speed along the way.

    python bench/soak.py                            everything
    python bench/soak.py --articles 20000 stream    one part, with fewer articles

- `stream`: `Tagger.predict` over a stream. In the last tenth, memory may be at most 2 % higher than in the second, and
  speed at most 5 % lower than in the first.
- `shapes`: batches of 20,000 different shapes (number of articles and length). Memory must level off: at the end it may
  be at most 2 % higher than after three quarters of the batches. Before that, it grows since oneDNN keeps a product of
  each shape, 1,024 at most.
- `archive`: `predict --output FOLDER` on half of the articles, and on a tenth of those. Peak memory may be at most 10 %
  higher with ten times the articles.

Speed is in articles per second of processor time, so that other work on the machine affects it little. The exit status
is 1 if a limit is exceeded. With `--model`, another model labels the articles, such as `news`.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from afteraction.data import Article, read_named, write_articles
from afteraction.model import Tagger
from afteraction.model.tagger import ARTICLES_AT_ONCE

sys.path.append(str(Path(__file__).parent / "fuzz"))
from target import folder
from targets_folders import model

WORDS = (20, 80)
"""The fewest and the most words of an article."""

SHAPES = 20_000
MORE_MEMORY, OTHER_SPEED, HIGHER_PEAK = 0.02, 0.05, 0.1
"""The limits, as fractions."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["stream", "shapes", "archive"])
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--shapes", type=int, default=SHAPES)
    parser.add_argument("--model")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    name = arguments.model or str(model(window=512))
    parts = {
        "stream": lambda: stream(name, arguments.articles),
        "shapes": lambda: shapes(name, arguments.shapes),
        "archive": lambda: archive(name, arguments.articles // 2),
    }
    held = [parts[part]() for part in arguments.parts]
    sys.exit(0 if all(held) else 1)


def articles(count: int) -> Iterator[Article]:
    """Yields short stretches of the bundled training articles, the same ones each time."""
    texts = [re.findall(r"\S+\s*", article.text) for article in read_named(["bundled:train"])]
    rng = np.random.default_rng(1)
    for number in range(count):
        words = texts[int(rng.integers(len(texts)))]
        length = int(rng.integers(*WORDS))
        start = int(rng.integers(max(len(words) - length, 1)))
        yield Article(f"a{number}", "".join(words[start : start + length]).strip() or "Gao")


def stream(name: str, count: int) -> bool:
    """Returns whether memory and speed stay constant over a stream of articles."""
    tagger = Tagger.load(name)
    tenth = max(count // 10, 1)
    labelled = tagger.predict(articles(count))
    memories, speeds = [], []
    for number in range(10):
        started = time.process_time()
        done = sum(1 for _ in islice(labelled, tenth))
        speeds.append(done / (time.process_time() - started))
        memories.append(resident())
        print(f"stream: {(number + 1) * tenth:9,} articles, {speeds[-1]:6.0f}/s, {memories[-1]:.0f} MB", flush=True)
    growth, change = memories[-1] / memories[1] - 1, speeds[-1] / speeds[0] - 1
    print(f"stream: memory {growth:+.1%} since the second tenth, speed {change:+.1%} since the first", flush=True)
    return growth <= MORE_MEMORY and change >= -OTHER_SPEED


def shapes(name: str, count: int) -> bool:
    """Returns whether memory levels off over batches that all have different shapes."""
    tagger = Tagger.load(name, tokens_per_batch=1 << 20)  # so that all articles of a call share a batch
    memories = []
    # Largest first, so that later batches need more memory only for what is kept of their shapes.
    for done, shape in enumerate(reversed(range(count)), start=1):
        length, number = divmod(shape, ARTICLES_AT_ONCE)
        list(tagger.emissions([Article("a", "a " * (length + 1))] * (number + 1)))
        if done % 1000 == 0 or done == count:
            memories.append(resident())
            print(f"shapes: {done:9,} shapes, {memories[-1]:.0f} MB", flush=True)
    growth = memories[-1] / memories[len(memories) * 3 // 4 - 1] - 1
    print(f"shapes: memory {growth:+.1%} in the last quarter", flush=True)
    return growth <= MORE_MEMORY


def archive(name: str, count: int) -> bool:
    """Returns whether a run over ten times the articles has the same peak memory."""
    peaks = []
    for size in (count // 10, count):
        source, output = folder() / f"{size}.jsonl", folder() / f"{size}-labelled"
        write_articles(articles(size), source)
        words = [sys.executable, "-m", "afteraction", "predict", name, str(source), "--output", str(output)]
        _, status, used = os.wait4(subprocess.Popen(words, stderr=subprocess.DEVNULL).pid, 0)
        peaks.append(used.ru_maxrss / 1024)
        print(f"archive: {size:9,} articles, peak {peaks[-1]:.0f} MB, exit status {status}", flush=True)
        if status:
            return False
    growth = peaks[1] / peaks[0] - 1
    print(f"archive: peak {growth:+.1%} with ten times the articles", flush=True)
    return growth <= HIGHER_PEAK


def resident() -> float:
    """Returns the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    folder()
    main()
