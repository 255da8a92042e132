"""Teachers' probabilities for each subword, computed once, before training.

A teacher reads an article in its own windows, as in prediction. If its tokenizer differs from the model's, its
probabilities are transferred by the characters that the subwords cover.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from afteraction.data import Article, LabelScheme, SubwordTokenizer, read_named
from afteraction.data.checks.duplicates import DuplicateIndex
from afteraction.data.files import batched
from afteraction.data.tokens import Bounds, Examples, Subwords, plan_windows
from afteraction.data.tokens.examples import article_rows
from afteraction.model import Tagger
from afteraction.train.config import ConfigError, TrainConfig

_log = logging.getLogger(__name__)

Probabilities = NDArray[np.float32]
"""Probabilities of tags, shape (subwords, tags)."""

_ARTICLES_AT_ONCE = 256


def add_teachers(examples: Examples, config: TrainConfig, *, tokenizer: SubwordTokenizer) -> Examples:
    """Adds the teachers' probabilities to training examples, and the windows of the unlabelled texts.

    Each row of the dataset gets `teacher`: the bytes of 16-bit floats of shape (subwords, tags). Special subwords are
    included, with zeros. In a window of an unlabelled text, all labels are unknown, and `empty` is True if the teachers
    find no span.

    Args:
        examples: the examples of `data.train`.
        config: all settings.
        tokenizer: the tokenizer of the model to train.

    Raises:
        InputError: a teacher or an article file cannot be read, or a teacher has other labels than the config.
    """
    from datasets import Dataset, Features, Value, concatenate_datasets

    teachers = Teachers(config)
    _log.info("the teachers %s read all articles first", ", ".join(config.distillation.teachers))
    labelled = [
        values for _, _, windows in teachers.read(read_named(config.data.train), tokenizer) for values in windows
    ]
    every_label = np.arange(len(config.labels))
    rows: list[dict[str, Any]] = []
    count = 0
    for article, subwords, windows in teachers.read(_unlabelled(config), tokenizer):
        plain = Article(article.id, article.text)
        its_rows, _ = article_rows(
            plain, subwords, tokenizer=tokenizer, window=config.window, scheme=LabelScheme(config.labels)
        )
        for row, values in zip(its_rows, windows, strict=True):
            empty = not values.argmax(axis=1).any()
            rows.append(row | {"unknown": every_label, "empty": empty, "teacher": values.tobytes()})
        count += 1
    features = Features(examples.dataset.features | {"teacher": Value("binary")})
    column = [values.tobytes() for values in labelled]
    dataset = examples.dataset.add_column("teacher", column, feature=features["teacher"])
    if rows:
        dataset = concatenate_datasets([dataset, Dataset.from_list(rows, features=features)])
    if config.distillation.texts:
        _log.info("teachers labelled %d further articles of %s", count, ", ".join(config.distillation.texts))
    return replace(examples, dataset=dataset)


class Teachers:
    """The teachers of a config.

    Raises:
        InputError: one of them cannot be read, or has other labels than the config.
    """

    def __init__(self, config: TrainConfig) -> None:
        self._config = config
        self._tags = LabelScheme(config.labels).tags
        device = str(torch.accelerator.current_accelerator()) if torch.accelerator.is_available() else "cpu"
        self._taggers = []
        for name in config.distillation.teachers:
            tagger = Tagger.load(name, device=device, precision=config.fitting.precision)
            if set(tagger.labels) != set(config.labels):
                raise ConfigError(
                    f"distillation.teachers: {name} has the labels {', '.join(tagger.labels)}, "
                    f"and the config {', '.join(config.labels)}"
                )
            self._taggers.append(tagger)

    def read(
        self, articles: Iterator[Article], tokenizer: SubwordTokenizer
    ) -> Iterator[tuple[Article, Subwords, list[NDArray[np.float16]]]]:
        """Yields each article with its subwords, and the mean probabilities for each of its windows.

        The probabilities of a window have shape (subwords, tags). Special subwords are included, with zeros. A subword
        for which no teacher has probabilities has zeros, too.
        """
        window = self._config.window
        size = window.size - tokenizer.special_count
        margins = ((len(tokenizer.prefix), len(tokenizer.suffix)), (0, 0))
        for chunk in batched(articles, _ARTICLES_AT_ONCE):
            encoded = tokenizer.encode([article.text for article in chunk])
            for article, subwords, mean in zip(chunk, encoded, self._means(chunk, encoded), strict=True):
                plan = plan_windows(len(subwords.ids), size=size, stride=window.stride)
                windows = [np.pad(mean[part.start : part.stop], margins).astype(np.float16) for part in plan]
                yield article, subwords, windows

    def _means(self, articles: Sequence[Article], encoded: Sequence[Subwords]) -> list[Probabilities]:
        """Returns the mean probabilities of all teachers for the subwords of each article."""
        sums = [np.zeros((len(subwords.ids), len(self._tags)), dtype=np.float32) for subwords in encoded]
        for tagger in self._taggers:
            order = [tagger.scheme.tags.index(tag) for tag in self._tags]
            for total, subwords, emissions in zip(sums, encoded, tagger.emissions(articles), strict=True):
                softened = soften(emissions.log_probabilities[:, order], self._config.distillation.temperature)
                total += carry_over(softened, emissions.bounds, subwords.bounds)
        return [total / np.maximum(total.sum(axis=1, keepdims=True), 1e-9) for total in sums]


def soften(log_probabilities: NDArray[np.float32], temperature: float) -> Probabilities:
    """Returns the probabilities at a temperature, given the log probabilities at temperature 1."""
    exponentials = np.exp(log_probabilities / np.float32(temperature))
    softened: Probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return softened


def carry_over(probabilities: Probabilities, bounds: Bounds, to: Bounds) -> Probabilities:
    """Transfers probabilities to the subwords of another tokenizer.

    Each target subword gets the probabilities of the first source subword that shares characters with it. If it starts
    after that source subword, it cannot begin a span that the source subword begins, so the probability of each `B` is
    added to that of its `I`. A target subword that shares no characters with a source subword gets zeros.

    Args:
        probabilities: shape (subwords, tags), the tags as `LabelScheme` numbers them.
        bounds: the bounds of these source subwords.
        to: the bounds of the target subwords in the same text.
    """
    if np.array_equal(bounds, to):
        return probabilities
    first = np.searchsorted(bounds[:, 1], to[:, 0], side="right")
    found = first < len(bounds)
    carried = np.zeros((len(to), probabilities.shape[1]), dtype=np.float32)
    found[found] = bounds[first[found], 0] < to[found, 1]
    carried[found] = probabilities[first[found]]
    inside = found.copy()
    inside[found] = bounds[first[found], 0] < to[found, 0]
    begins = carried[inside, 1::2]
    carried[inside, 2::2] += begins
    carried[inside, 1::2] = 0
    return carried


def _unlabelled(config: TrainConfig) -> Iterator[Article]:
    """Yields the articles of `distillation.texts` that are not near-duplicates of other articles of the config."""
    settings = config.distillation
    if not settings.texts:
        return
    index = DuplicateIndex()
    for article in read_named([*config.data.train, *config.data.dev, *settings.without]):
        index.add(article.text)
    left_out = 0
    for article in read_named(settings.texts):
        if index.add(article.text):
            left_out += 1
        else:
            yield article
    _log.info("%d articles of %s are near-duplicates of others and are left out", left_out, ", ".join(settings.texts))
