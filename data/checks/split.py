"""Splits articles into train, dev and test.

Near-duplicates stay together, and articles that are added later do not move the others.

The part of a group of near-duplicates depends only on a hash of the group's key. This leaves the balance of labels to
chance. The first split therefore tries many seeds for the hash, and keeps the one with the best balance. `split.json`
stores the seed for later splits.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import read_articles, write_articles
from afteraction.data.articles.bundled import SPLITS
from afteraction.data.checks.duplicates import DuplicateIndex
from afteraction.data.errors import DataError, InputError, explain
from afteraction.data.files import atomic_write

SEEDS = 256
"""The number of seeds that the first split tries."""

_DEFAULT_SHARES = (0.7, 0.15, 0.15)
_Share = Annotated[float, Field(ge=0, le=1)]


class SplitRule(BaseModel):
    """The rule of a split: the seed of the hash, and the shares of train, dev and test, which sum to 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(ge=0, lt=2**32)
    shares: tuple[_Share, _Share, _Share]

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> "SplitRule":
        if abs(sum(self.shares) - 1) > 1e-9:
            raise ValueError(f"the shares {', '.join(map(str, self.shares))} must sum to 1")
        return self

    def parts(self, keys: Sequence[str]) -> list[str]:
        """Returns the part of each group, from the group's key."""
        return [SPLITS[index] for index in self.part_indices(_hashes(keys)).tolist()]

    def part_indices(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Returns the index in `SPLITS` for each group, from the hash of the group's key. Shape: (groups,)."""
        # The upper 53 bits of the mixed hash are a fraction in [0, 1).
        mixed = _mix(hashes ^ _mix(np.array([self.seed], dtype=np.uint64)))
        fractions = (mixed >> np.uint64(11)).astype(np.float64) / 2**53
        return np.searchsorted(np.cumsum(self.shares)[:-1], fractions, side="right")


@dataclass(frozen=True, slots=True)
class Part:
    """The counts of one part of a split. `spans` has the number of spans per label."""

    name: str
    articles: int
    without_spans: int
    spans: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Split:
    """The result of a split: its rule and its parts.

    `groups` is the number of groups with two or more near-duplicates.
    `moved` is the number of articles that were in another part in the folder's previous split.
    `dropped` is the number of articles of the previous split that are no longer in the files.
    """

    seed: int
    shares: tuple[float, float, float]
    parts: tuple[Part, ...]
    groups: int
    moved: int
    dropped: int


def split_files(paths: Sequence[Path], folder: Path, *, shares: tuple[float, float, float] | None = None) -> Split:
    """Splits the articles of some files, and writes `train.jsonl`, `dev.jsonl`, `test.jsonl` and `split.json`.

    If the folder already has a split, its seed and shares are kept. The key of a group is the id of its first article.

    Raises:
        InputError: the shares do not sum to 1, or differ from those of the folder's previous split.
        DataError: a file cannot be read or would be overwritten, or two articles have the same id.
    """
    outputs = {part: folder / f"{part}.jsonl" for part in SPLITS}
    if taken := {path.resolve() for path in paths} & {path.resolve() for path in outputs.values()}:
        raise DataError(f"{taken.pop()}: is an output of this split; give the files that it was made from")
    previous = {article.id: part for part, path in outputs.items() if path.is_file() for article in read_articles(path)}
    contents = _Contents(paths)
    rule = _rule(folder / "split.json", contents, shares=shares)
    parts = dict(zip(contents.ids, rule.parts(contents.keys), strict=True))
    for name, path in outputs.items():
        write_articles((article for article in _read(paths) if parts[article.id] == name), path)
    with atomic_write(folder / "split.json") as path:
        path.write_text(rule.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return Split(
        seed=rule.seed,
        shares=rule.shares,
        parts=tuple(contents.part(name, parts) for name in SPLITS),
        groups=sum(count > 1 for count in Counter(contents.keys).values()),
        moved=sum(parts.get(article_id, part) != part for article_id, part in previous.items()),
        dropped=len(previous.keys() - parts.keys()),
    )


def parse_shares(text: str) -> tuple[float, float, float]:
    """Parses the shares of train, dev and test, as in `0.7,0.15,0.15`.

    Raises:
        InputError: the text is not three numbers.
    """
    try:
        train, dev, test = map(float, text.split(","))
    except ValueError:
        raise InputError(f"shares: {text!r} is not three numbers, as in 0.7,0.15,0.15") from None
    return train, dev, test


class _Contents:
    """The articles of some files in order: their ids, the keys of their groups, and their spans by label."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.ids: list[str] = []
        self.spans: list[Counter[str]] = []
        index = DuplicateIndex()
        seen: set[str] = set()
        for article in _read(paths):
            if article.id in seen:
                raise DataError(f"article {article.id!r} occurs twice; rename or remove one")
            seen.add(article.id)
            self.ids.append(article.id)
            self.spans.append(Counter(span.label for span in article.spans))
            index.add(article.text)
        self.keys = [self.ids[index.first_of_group(i)] for i in range(len(self.ids))]

    def part(self, name: str, parts: Mapping[str, str]) -> Part:
        """Counts a part. `parts` maps each article's id to its part."""
        chosen = [spans for article_id, spans in zip(self.ids, self.spans, strict=True) if parts[article_id] == name]
        total: Counter[str] = sum(chosen, Counter())
        return Part(name, len(chosen), sum(not spans for spans in chosen), dict(sorted(total.items())))

    def matrix(self) -> NDArray[np.float64]:
        """Returns the counts to balance, shape (articles, strata).

        The strata are: articles, articles without spans, and the spans of each label.
        """
        labels = sorted({label for spans in self.spans for label in spans})
        rows = [[1, not spans, *(spans[label] for label in labels)] for spans in self.spans]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(labels) + 2)


def _rule(manifest: Path, contents: _Contents, *, shares: tuple[float, float, float] | None) -> SplitRule:
    """Returns the rule of the folder's previous split, or a balanced rule if there is none."""
    if not manifest.is_file():
        return _balanced_rule(contents, shares=shares or _DEFAULT_SHARES)
    try:
        rule = SplitRule.model_validate_json(manifest.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise DataError(f"{manifest}: {explain(error, SplitRule)}") from None
    if shares is not None and shares != rule.shares:
        said = ", ".join(map(str, rule.shares))
        raise InputError(
            f"{manifest}: the folder's split has the shares {said}; leave out --shares, or name a new folder"
        )
    return rule


def _balanced_rule(contents: _Contents, *, shares: tuple[float, float, float]) -> SplitRule:
    """Returns the rule whose parts deviate least from the shares, with equal weight for all strata."""
    try:
        rules = [SplitRule(seed=seed, shares=shares) for seed in range(SEEDS)]
    except ValidationError as error:
        raise InputError(explain(error, SplitRule)) from None
    counts = contents.matrix()
    counts = counts[:, counts.sum(axis=0) > 0]
    hashes = _hashes(contents.keys)
    wanted = np.array(shares)[:, None]

    def deviation(rule: SplitRule) -> float:
        member = rule.part_indices(hashes) == np.arange(len(SPLITS))[:, None]
        return float((((member @ counts) / counts.sum(axis=0) - wanted) ** 2).sum())

    return min(rules, key=deviation)


def _read(paths: Sequence[Path]) -> Iterator[Article]:
    for path in paths:
        yield from read_articles(path)


def _hashes(keys: Sequence[str]) -> NDArray[np.uint64]:
    digests = b"".join(hashlib.blake2b(key.encode(), digest_size=8).digest() for key in keys)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mixes the bits of each value as SplitMix64 does: adds its constant and finalises.

    See Steele, Lea and Flood (2014).
    """
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
