"""Builds the bundled corpus: `python -m afteraction.data.bundled.build`.

The articles are written by hand with inline mark-up, in `data/bundled/articles/`. `markup.py` parses one article; this
module splits the articles into the three files that programs read.
"""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import write_articles
from afteraction.data.articles.bundled import SPLITS
from afteraction.data.bundled.markup import read_markup
from afteraction.data.errors import DataError


def split_of(article_id: str) -> str:
    """Returns the split of an article, by a hash of its id only. So new articles do not move the others."""
    percentile = int.from_bytes(hashlib.sha256(article_id.encode()).digest()[:4], "big") % 100
    return "train" if percentile < 70 else "dev" if percentile < 85 else "test"


def build_corpus(sources: Iterable[Path]) -> dict[str, list[Article]]:
    """Reads marked-up files, and returns the articles of each split in the order of their ids.

    Raises:
        DataError: the mark-up of a file is wrong, or an article without an attack has spans or a death toll.
    """
    parts: dict[str, list[Article]] = {split: [] for split in SPLITS}
    for path in sorted(sources):
        article = read_markup(path)
        if article.meta.get("attack") == "no" and (article.spans or article.death_toll):
            raise DataError(f"{path}: annotated, though its head says 'attack: no'")
        parts[split_of(article.id)].append(article)
    return parts


if __name__ == "__main__":
    folder = Path(__file__).parent
    try:
        for split, articles in build_corpus((folder / "articles").glob("*.txt")).items():
            write_articles(articles, folder / f"{split}.jsonl")
    except DataError as error:
        sys.exit(str(error))
