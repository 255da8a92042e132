"""The bundled corpus, and the names that stand for article files."""

from collections.abc import Iterable, Iterator
from importlib.resources import as_file, files
from pathlib import Path

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import SUFFIXES, is_article_file, read_articles
from afteraction.data.errors import DataError, nearest

SPLITS = ("train", "dev", "test")
PREFIX = "bundled:"

KINDS = {"invented": "articles", "voa": "voa"}
"""The kinds of bundled articles, each with the folder of its marked-up files."""

PARTS = (*SPLITS, *(f"{kind}-{split}" for kind in KINDS for split in SPLITS if split != "train"))
"""The names after `bundled:`: the splits with all kinds, and the development and test articles of each kind."""


def resolve(name: str, *, root: Path | None = None) -> Path:
    """Returns the article file that a name stands for.

    A name is a path relative to `root`, or `bundled:` and one of `PARTS`, as in `bundled:train` or `bundled:voa-test`.

    Raises:
        DataError: there is no such file or split, or it is not an article file.
    """
    if name.startswith(PREFIX):
        part = name.removeprefix(PREFIX)
        if part not in PARTS:
            raise DataError(f"{name}: the bundled corpus has no such part; {nearest(part, PARTS)}")
        return bundled_file(f"{part}.jsonl")
    path = (root or Path()) / name
    if path.is_dir():
        raise DataError(f"{path}: a folder; name an article file")
    if not path.is_file():
        raise DataError(f"{path}: no such file; the bundled articles are {PREFIX}{f', {PREFIX}'.join(SPLITS)}")
    if not is_article_file(path):
        raise DataError(f"{path}: not an article file; its name must end in {', '.join(SUFFIXES)}")
    return path


def bundled_file(name: str) -> Path:
    """Returns the installed path of a file of the bundled corpus."""
    with as_file(files("afteraction.data.bundled") / name) as path:
        return path


def read_named(names: Iterable[str], *, root: Path | None = None) -> Iterator[Article]:
    """Streams the articles of several names, one file after another. See `resolve`."""
    for name in names:
        yield from read_articles(resolve(name, root=root))
