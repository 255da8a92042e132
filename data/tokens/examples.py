"""Builds training examples, one per window, and caches them as memory-mapped Arrow files.

A cache entry is a folder. Its name is a SHA-256 of everything that the examples depend on: the tokenizer, the window
settings, the labels and the bytes of the data files. So an entry can never be stale.
"""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import read_articles
from afteraction.data.errors import DataError
from afteraction.data.files import batched, full_disk_reported, make_private_folder, sha256
from afteraction.data.locks import hold_folder, is_held
from afteraction.data.tokens.alignment import Misalignment, spans_to_tokens
from afteraction.data.tokens.label_scheme import IGNORED, LabelScheme
from afteraction.data.tokens.subwords import Subwords, SubwordTokenizer
from afteraction.data.tokens.windows import WindowConfig, plan_windows

if TYPE_CHECKING:
    from datasets import Dataset

_log = logging.getLogger(__name__)

_FORMAT = 7
"""The version of the cache's format. Increase it when the examples of the same data change."""

_ARTICLES_AT_ONCE = 256

_BUILDING = ".building-"
_ABANDONED = 86_400
"""Seconds after which the folder of an unfinished entry is taken to be that of a killed process."""


@dataclass(frozen=True)
class Examples:
    """Training examples.

    Each row of `dataset` is a window:

    - `input_ids` and `labels`: lists of the same length, special subwords included. A label is the number of a tag, or
      `IGNORED` for special subwords and for subwords that are read from another window. Each subword of an article thus
      counts once.
    - `length`: the length of these lists.
    - `empty`: whether no label of the window belongs to a span.
    - `unknown`: the numbers of the labels that were not annotated throughout the article (`Article.unknown_labels`). A
      subword with tag 0, `O`, may have one of them. If all labels are unknown, such subwords are `IGNORED`.

    `articles` and `spans` are the numbers of articles and annotated spans, misaligned ones included.
    """

    dataset: "Dataset"
    articles: int
    spans: int
    misaligned: tuple[Misalignment, ...]


def build_examples(
    paths: Sequence[Path],
    *,
    tokenizer: SubwordTokenizer,
    window: WindowConfig,
    scheme: LabelScheme,
    cache: Path,
) -> Examples:
    """Builds the examples of some article files, or reads them from the cache.

    Raises:
        DataError: a file cannot be read, a label is not in the scheme, there is no article, or the cache cannot be
            written.
    """
    entry = cache / _key(paths, tokenizer=tokenizer, window=window, scheme=scheme)
    if entry.is_dir():
        _log.info("examples are read from the cache: %s", entry)
    else:
        _log.info("examples are built and cached: %s", entry)
        _write_entry(entry, paths, tokenizer=tokenizer, window=window, scheme=scheme)
    return _read_entry(entry)


def default_cache() -> Path:
    """Returns the cache folder: `$AFTERACTION_CACHE`, or `~/.cache/afteraction` if it is not set."""
    return Path(os.environ.get("AFTERACTION_CACHE") or Path.home() / ".cache" / "afteraction")


def article_rows(
    article: Article,
    subwords: Subwords,
    *,
    tokenizer: SubwordTokenizer,
    window: WindowConfig,
    scheme: LabelScheme,
) -> tuple[list[dict[str, Any]], list[Misalignment]]:
    """Returns the examples of one article, and its misaligned spans."""
    runs, misaligned = spans_to_tokens(article, subwords.bounds)
    tags = scheme.encode(runs, length=len(subwords.ids))
    unknown = np.flatnonzero(scheme.mask(article.unknown_labels))
    if len(unknown) == len(scheme.labels):
        tags[tags == 0] = IGNORED
    rows = []
    for part in plan_windows(len(tags), size=window.size - tokenizer.special_count, stride=window.stride):
        ids = tokenizer.window_ids(subwords.ids[part.start : part.stop])
        # Only the subwords that this window is read for have a label.
        labels = np.full(len(ids), IGNORED, dtype=np.int32)
        offset = len(tokenizer.prefix) - part.start
        labels[part.read_start + offset : part.read_stop + offset] = tags[part.read_start : part.read_stop]
        empty = not (labels > 0).any()
        rows.append({"input_ids": ids, "labels": labels, "length": len(ids), "empty": empty, "unknown": unknown})
    return rows, misaligned


def _key(paths: Sequence[Path], *, tokenizer: SubwordTokenizer, window: WindowConfig, scheme: LabelScheme) -> str:
    parts = {
        "format": _FORMAT,
        "tokenizer": tokenizer.fingerprint,
        "window": window.model_dump(),
        "labels": scheme.labels,
        "data": [sha256(path) for path in paths],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _write_entry(
    entry: Path,
    paths: Sequence[Path],
    *,
    tokenizer: SubwordTokenizer,
    window: WindowConfig,
    scheme: LabelScheme,
) -> None:
    """Builds a cache entry in a temporary folder and renames it once it is complete."""
    try:
        make_private_folder(entry.parent)
        for other in entry.parent.glob(f"{_BUILDING}*"):
            with suppress(FileNotFoundError):  # it was completed and renamed in the meantime
                # The clock may have jumped ahead, so a running process always keeps its folder.
                if time.time() - other.stat().st_mtime > _ABANDONED and not is_held(other):
                    shutil.rmtree(other)
        building = Path(tempfile.mkdtemp(dir=entry.parent, prefix=_BUILDING))
    except OSError as error:
        raise DataError(
            f"{entry.parent}: the cache cannot be written: {error.strerror}; set AFTERACTION_CACHE"
        ) from None
    try:
        with hold_folder(building), full_disk_reported(entry.parent):
            report = _write_rows(building / "examples.arrow", paths, tokenizer=tokenizer, window=window, scheme=scheme)
            (building / "report.json").write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")
        try:
            building.rename(entry)
        except OSError:
            if not entry.is_dir():  # otherwise another process has built the same entry in the meantime
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _write_rows(
    arrow: Path,
    paths: Sequence[Path],
    *,
    tokenizer: SubwordTokenizer,
    window: WindowConfig,
    scheme: LabelScheme,
) -> dict[str, Any]:
    """Writes the examples of some article files to an Arrow file, and returns the counts and misaligned spans."""
    import datasets  # takes a second to import, and only training needs it
    from datasets.arrow_writer import ArrowWriter

    number = datasets.Value("int32")
    numbers = datasets.Sequence(number)
    features = datasets.Features(
        {
            "input_ids": numbers,
            "labels": numbers,
            "length": number,
            "empty": datasets.Value("bool"),
            "unknown": numbers,
        }
    )
    misaligned: list[Misalignment] = []
    count = spans = 0
    with ArrowWriter(features=features, path=str(arrow)) as writer:
        for path in paths:
            for articles in batched(read_articles(path), _ARTICLES_AT_ONCE):
                encoded = tokenizer.encode([article.text for article in articles])
                for article, subwords in zip(articles, encoded, strict=True):
                    try:
                        rows, missed = article_rows(
                            article, subwords, tokenizer=tokenizer, window=window, scheme=scheme
                        )
                    except DataError as error:
                        raise DataError(f"{path}: article {article.id!r}: {error}") from None
                    misaligned += missed
                    for row in rows:
                        writer.write(row)
                count += len(articles)
                spans += sum(len(article.spans) for article in articles)
        if not count:
            raise DataError(f"{', '.join(map(str, paths))}: no article to train on")
        writer.finalize()
    return {"articles": count, "spans": spans, "misaligned": [asdict(item) for item in misaligned]}


def _read_entry(entry: Path) -> Examples:
    from datasets import Dataset

    report = json.loads((entry / "report.json").read_text(encoding="utf-8"))
    return Examples(
        dataset=Dataset.from_file(str(entry / "examples.arrow")),
        articles=report["articles"],
        spans=report["spans"],
        misaligned=tuple(Misalignment(**item) for item in report["misaligned"]),
    )
