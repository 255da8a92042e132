"""The gate: decides by an article's words whether it is worth reading. A model folder stores it in `gate.json`.

A weighted count of words costs almost nothing compared with the encoder. An article that scores below the threshold
gets no spans, and a key in its `meta` that marks it as not read.
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
    """A proportion of articles, with its 95 % interval."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    passed: int
    articles: int
    low: float
    high: float


class Gate(BaseModel):
    """The content of `gate.json`: the words, the threshold, and the results of cross-validation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    data: tuple[str, ...]
    """The names of the article files that the gate was fitted on."""
    with_spans: Share
    """The proportion of articles with spans that pass: the recall."""
    without: Share
    """The proportion of articles without spans that pass."""
    threshold: FiniteFloat
    bias: FiniteFloat
    words: dict[str, tuple[FiniteFloat, FiniteFloat]]
    """For each word, in lower case, its rarity (inverse document frequency) and its weight."""

    def score(self, text: str) -> float:
        """Returns the log odds that a text has spans: the bias plus the weighted sum of the words' normalised values.

        A word's value is its rarity times one plus the logarithm of its count, and the values are divided by their
        Euclidean norm, as in scikit-learn's `TfidfVectorizer` with `sublinear_tf`.
        """
        counts = Counter(word for word in words_of(text) if word in self.words)
        values = {word: (1 + log(count)) * self.words[word][0] for word, count in counts.items()}
        length = sqrt(sum(value * value for value in values.values())) or 1.0
        return self.bias + sum(value * self.words[word][1] for word, value in values.items()) / length

    def passes(self, text: str) -> bool:
        """Returns whether a text is worth reading."""
        return self.score(text) >= self.threshold


def words_of(text: str) -> list[str]:
    """Returns the words of a text, in lower case and in order: runs of at least two letters."""
    return _WORD.findall(render(text).text.lower())


def is_skipped(article: Article) -> bool:
    """Returns whether a labelled article was not read because of the gate."""
    return article.meta.get(SKIPPED) is True


def read_gate(folder: Path) -> Gate:
    """Reads the gate of a model folder.

    Raises:
        ModelError: the folder has no gate, or the file is damaged.
    """
    path = folder / GATE_FILE
    if not path.is_file():
        raise ModelError(f"{folder}: it has no {GATE_FILE}; make one with `afteraction gate`")
    return read_json(path, Gate)
