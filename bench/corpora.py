"""Writes random annotated articles, to measure how the checks of a corpus grow: `python bench/corpora.py 20000 OUT`.

    /usr/bin/time -v afteraction data check OUT

Words are drawn from an invented vocabulary as often as in a text (Zipf's law), so that shingles repeat as little as
in real news; every hundredth article is an edited copy of an earlier one.
"""

import argparse
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from afteraction.data import LABELS, Article, Span, write_articles

VOCABULARY = 50_000
NAMES = 5_000
COPY_EVERY = 100
LETTERS = np.array(list("abcdefghilmnoprstu"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("articles", type=int)
    parser.add_argument("output", type=Path)
    parser.add_argument("--words", type=int, default=300)
    parser.add_argument("--spans", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    articles = random_articles(arguments.articles, words=arguments.words, spans=arguments.spans, rng=rng)
    print(write_articles(articles, arguments.output), "articles")


def random_articles(count: int, *, words: int, spans: int, rng: np.random.Generator) -> Iterator[Article]:
    vocabulary = np.array([_word(rng) for _ in range(VOCABULARY)])
    names = np.array([f"{_word(rng).title()} {_word(rng).title()}" for _ in range(NAMES)])
    kept: list[list[str]] = []
    for index in range(count):
        if kept and index % COPY_EVERY == 0:
            pieces = list(kept[rng.integers(len(kept))])
            pieces[int(rng.integers(len(pieces)))] = "edited"
        else:
            length = max(int(rng.normal(words, words / 4)), 20)
            pieces = vocabulary[_zipf(VOCABULARY, length, rng)].tolist()
            for place in rng.choice(length, size=min(2 * spans, length), replace=False).tolist():
                pieces[place] = str(names[_zipf(NAMES, 1, rng)[0]])
            if len(kept) < 1000:
                kept.append(pieces)
        yield _article(f"a{index}", pieces, spans=spans, rng=rng)


def _article(article_id: str, pieces: list[str], *, spans: int, rng: np.random.Generator) -> Article:
    ends = np.cumsum([len(piece) + 1 for piece in pieces]).tolist()
    bounds = [(start, end - 1) for start, end in pairwise([0, *ends])]
    named = [place for place, piece in enumerate(pieces) if " " in piece][:spans]
    labels = rng.choice(LABELS[:3], size=len(named)).tolist()
    found = tuple(Span(*bounds[place], label) for place, label in zip(named, labels, strict=True))
    return Article(article_id, " ".join(pieces), found)


def _word(rng: np.random.Generator) -> str:
    return "".join(rng.choice(LETTERS, size=int(rng.integers(3, 10))))


def _zipf(size: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Ranks below `size`, rank r about as often as 1 / (r + 1)."""
    return np.minimum((size ** rng.random(count)).astype(int), size) - 1


if __name__ == "__main__":
    main()
