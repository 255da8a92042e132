"""Writes articles with the lengths of news, made of the bundled training articles, to measure the speed of prediction.

    python bench/news.py 1000 OUT.jsonl

Half of the articles have more than 400 words; the longest have 5,000. Lengths are drawn from a log-normal distribution.
An article consists of whole bundled articles in random order, one per section. The last one is cut to the length.
"""

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from afteraction.data import Article, read_named, write_articles

MEDIAN, SHORTEST, LONGEST = 400, 40, 5_000
"""Lengths in words."""

SPREAD = 0.8
"""The standard deviation of the logarithm of the length: the longest 1 % have more than 2,500 words."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("articles", type=int)
    parser.add_argument("output", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(write_articles(news(arguments.articles, seed=arguments.seed), arguments.output), "articles")


def news(count: int, *, seed: int = 1) -> Iterator[Article]:
    """Yields articles without annotation, the same for the same seed."""
    texts = [article.text for article in read_named(["bundled:train"])]
    rng = np.random.default_rng(seed)
    lengths = np.clip(rng.lognormal(np.log(MEDIAN), SPREAD, count), SHORTEST, LONGEST).astype(int)
    for number, length in enumerate(lengths.tolist()):
        yield Article(f"n{number}", _text(texts, length, rng))


def _text(texts: Sequence[str], words: int, rng: np.random.Generator) -> str:
    sections: list[str] = []
    while words > 0:
        text = texts[int(rng.integers(len(texts)))]
        ends = [word.end() for word in re.finditer(r"\S+", text)][:words]
        sections.append(text[: ends[-1]])
        words -= len(ends)
    return "\n\n".join(sections)


if __name__ == "__main__":
    main()
