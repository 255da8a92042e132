"""Writes random annotated articles, to measure how the cost of checking a corpus grows with its size.

    python bench/corpora.py 20000 OUT
    /usr/bin/time -v afteraction data check OUT

Words are drawn from an invented vocabulary with the frequencies of real texts (Zipf's law), so that shingles repeat as
rarely as in real news. Every hundredth article is an edited copy of an earlier one. A name has the same label
everywhere, except at one mention in 50, where it has another label or none.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from afteraction.data import LABELS, Article, Span, write_articles

VOCABULARY = 50_000
NAMES = 5_000
COPY_EVERY = 100
SLIP_ONCE_IN = 50
SYLLABLES = np.array(
    [f"{first}{second}" for first in "bcdfghlmnprstv" for second in ("a", "e", "i", "o", "u", "an", "er")]
)


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
    names = [f"{_word(rng).title()} {_word(rng).title()}" for _ in range(NAMES)]
    label_of = {name: LABELS[index % 3] for index, name in enumerate(names)}
    kept: list[list[str]] = []
    for index in range(count):
        if kept and index % COPY_EVERY == 0:
            pieces = list(kept[rng.integers(len(kept))])
            pieces[int(rng.integers(len(pieces)))] = "edited"
        else:
            length = max(int(rng.normal(words, words / 4)), 20)
            pieces = vocabulary[_zipf(VOCABULARY, length, rng)].tolist()
            ranks = iter(_zipf(NAMES, spans, rng).tolist())
            for index_of_name in rng.choice(length, size=min(spans, length), replace=False).tolist():
                pieces[index_of_name] = names[next(ranks)]
            if len(kept) < 1000:
                kept.append(pieces)
        yield _article(f"a{index}", pieces, label_of=label_of, rng=rng)


def _article(article_id: str, pieces: list[str], *, label_of: dict[str, str], rng: np.random.Generator) -> Article:
    spans = []
    start = 0
    for piece in pieces:
        if label := label_of.get(piece):
            slip = rng.random() * SLIP_ONCE_IN
            if slip >= 0.5:
                spans.append(Span(start, start + len(piece), label if slip >= 1 else LABELS[0]))
        start += len(piece) + 1
    return Article(article_id, " ".join(pieces), tuple(spans))


def _word(rng: np.random.Generator) -> str:
    return "".join(rng.choice(SYLLABLES, size=int(rng.integers(1, 4))))


def _zipf(size: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draws ranks below `size`, rank r with a probability of about 1 / (r + 1)."""
    return np.minimum((size ** rng.random(count)).astype(int), size) - 1


if __name__ == "__main__":
    main()
