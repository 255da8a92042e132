"""The gate: tells by an article's words whether it is worth reading. A model folder has it in `gate.json`.

A weighted count of words costs next to nothing beside the encoder. An article whose score is below the threshold
gets no spans, and says in its `meta` that it was not read.
"""

import re
from collections import Counter
from math import log, sqrt
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, FiniteFloat

from afteraction.data import Article
from afteraction.data.text import render
from afteraction.model.errors import ModelError
from afteraction.model.json_files import read_json
from afteraction.model.record.assemble import SKIPPED

GATE_FILE = "gate.json"
"""The file in a model folder that holds its `Gate`."""

_WORD = re.compile(r"[^\W\d_]{2,}")


class Share(BaseModel):
    """A share of some articles, with its 95 % interval."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    passed: int
    articles: int
    low: float
    high: float


class Gate(BaseModel):
    """The content of `gate.json`: the words, the threshold, and what was measured with them by cross-validation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    data: tuple[str, ...]
    """The names of the article files that it was fitted on."""
    with_spans: Share
    """How many of the articles with spans pass: the recall."""
    without: Share
    """How many of the articles without a span pass."""
    threshold: FiniteFloat
    bias: FiniteFloat
    words: dict[str, tuple[FiniteFloat, FiniteFloat]]
    """For each word, in lower case, its rarity and its weight."""

    def score(self, text: str) -> float:
        """Returns the log odds that a text has spans: the weights of its words, over a vector of length 1.

        A word's value is its rarity times the logarithm of its count, plus one, as in scikit-learn's `TfidfVectorizer`.
        """
        counts = Counter(word for word in words_of(text) if word in self.words)
        values = {word: (1 + log(count)) * self.words[word][0] for word, count in counts.items()}
        length = sqrt(sum(value * value for value in values.values())) or 1.0
        return self.bias + sum(value * self.words[word][1] for word, value in values.items()) / length

    def passes(self, text: str) -> bool:
        """Returns whether a text is worth reading."""
        return self.score(text) >= self.threshold


def words_of(text: str) -> list[str]:
    """Returns the words of a text that count, in lower case and in their order."""
    return _WORD.findall(render(text).text.lower())


def is_skipped(article: Article) -> bool:
    """Returns whether a labelled article was not read because of the gate."""
    return article.meta.get(SKIPPED) is True


def read_gate(folder: Path) -> Gate:
    """Reads the gate of a model folder.

    Raises:
        ModelError: it has none, or the file is damaged.
    """
    path = folder / GATE_FILE
    if not path.is_file():
        raise ModelError(f"{folder}: it has no {GATE_FILE}; make one with `afteraction gate`")
    return read_json(path, Gate)
