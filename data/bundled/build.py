"""Builds the bundled corpus: `python -m afteraction.data.bundled.build`.

The articles are annotated with inline mark-up: invented ones in `data/bundled/articles/`, real news briefs by Voice of
America in `data/bundled/voa/`. `markup.py` parses one article; this module splits the articles into the files that
programs read.
"""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import write_articles
from afteraction.data.articles.bundled import KINDS, SPLITS
from afteraction.data.bundled.markup import read_markup
from afteraction.data.checks.duplicates import DuplicateIndex
from afteraction.data.errors import DataError

Corpus = dict[str, dict[str, list[Article]]]
"""Articles by kind and split."""


def split_of(article_id: str) -> str:
    """Returns the split of an article, by a hash of its id only, so that new articles do not move others."""
    percentile = int.from_bytes(hashlib.sha256(article_id.encode()).digest()[:4], "big") % 100
    return "train" if percentile < 70 else "dev" if percentile < 85 else "test"


def split_articles(articles: Iterable[Article]) -> dict[str, list[Article]]:
    """Splits articles in their order. Near-duplicates go to the same split as the first of them."""
    parts: dict[str, list[Article]] = {split: [] for split in SPLITS}
    ordered = list(articles)
    index = DuplicateIndex()
    for article in ordered:
        index.add(article.text)
    for number, article in enumerate(ordered):
        parts[split_of(ordered[index.first_of_group(number)].id)].append(article)
    return parts


def read_sources(folder: Path, *, kind: str) -> list[Article]:
    """Reads the marked-up files of a folder, in the order of their ids; `kind` becomes `source` in `meta`.

    Raises:
        DataError: the mark-up of a file is wrong, or an article without an attack has spans or a death toll.
    """
    articles = []
    for path in sorted(folder.glob("*.txt")):
        article = read_markup(path)
        if article.meta.get("attack") == "no" and (article.spans or article.death_toll):
            raise DataError(f"{path}: annotated, though its head says 'attack: no'")
        articles.append(article.with_fields(meta={**article.meta, "source": kind}))
    return articles


def build_corpus(folder: Path) -> Corpus:
    """Reads and splits all articles below the folder of the bundled corpus.

    Raises:
        DataError: as for `read_sources`.
    """
    return {kind: split_articles(read_sources(folder / name, kind=kind)) for kind, name in KINDS.items()}


def write_corpus(corpus: Corpus, folder: Path) -> None:
    """Writes one file per split with all kinds, and one per kind and split except for training."""
    for split in SPLITS:
        write_articles((article for parts in corpus.values() for article in parts[split]), folder / f"{split}.jsonl")
        for kind, parts in corpus.items():
            if split != "train":
                write_articles(parts[split], folder / f"{kind}-{split}.jsonl")


if __name__ == "__main__":
    bundled = Path(__file__).parent
    try:
        write_corpus(build_corpus(bundled), bundled)
    except DataError as error:
        sys.exit(str(error))
