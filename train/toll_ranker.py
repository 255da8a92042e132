"""Fits the weights that choose the death toll of an article. `make tolls` runs it.

    python -m afteraction.train.toll_ranker FILES... [--predicted FILES...] --examples FILE --output FILE

The model is conditional log-linear: the softmax of weighted features over an article's candidates. Several candidates
may have the right toll, so the loss is the negative logarithm of the sum of their probabilities, with an L2 penalty. An
article without a right candidate is left out.
"""

import argparse
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from afteraction.data import DEATH_TOLL, Article, DataError, InputError, Span, Toll, read_named
from afteraction.data.bundled.markup import parse_markup, parse_toll
from afteraction.data.files import atomic_write
from afteraction.model.record.tolls import FEATURES, Features, describe, read_candidates
from afteraction.model.record.tolls.weights import format_weights

PENALTY = 1.0
"""The factor of the L2 penalty, which is half the sum of the squared weights."""

EXAMPLE_WEIGHT = 3.0
"""How many articles one of the examples counts for. They show cases that are rare in the articles."""

NOISY_COPIES = 3
NOISY_WEIGHT = 0.4
"""The number and weight of further copies of each article, with spans left out at random, as a model misses spans."""
_DROPPED = {DEATH_TOLL: 0.2}
_DROPPED_OTHERS = 0.15
"""The share of spans that are left out, by label."""
_LEAST_SCORE, _SCORE_RATE = 0.3, 12
"""The remaining spans get random scores: 1 minus an exponential variable of this rate, but at least this minimum."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """The candidates of an article, whether each is right, and how much the article counts."""

    features: Sequence[Features]
    right: Sequence[bool]
    weight: float


def make_examples(
    articles: Iterable[Article], *, predicted: Mapping[str, Article] | None = None, weight: float = 1.0
) -> Iterator[Example]:
    """Yields the examples of annotated articles: with their spans, with noise, and with a model's spans.

    Args:
        articles: annotated articles. Those without spans are left out, since they have no toll, and those whose toll
            nobody looked for.
        predicted: the same articles, by id, as predicted by a model that was not trained on them.
        weight: how much an article counts.
    """
    for article in articles:
        not_looked_for = article.death_toll is None and DEATH_TOLL in article.unknown_labels
        if not article.spans or not_looked_for:
            continue
        versions = [(article.spans, weight)]
        versions += [(tuple(add_noise(article, seed=seed)), NOISY_WEIGHT * weight) for seed in range(NOISY_COPIES)]
        if predicted and article.id in predicted:
            versions.append((predicted[article.id].spans, weight))
        for spans, counts_for in versions:
            if spans:
                yield _example(article.text, spans, article.death_toll, weight=counts_for)


def _example(text: str, spans: Sequence[Span], toll: Toll | None, *, weight: float) -> Example:
    reading = read_candidates(text, spans)
    return Example(describe(reading), [candidate.toll == toll for candidate in reading.candidates], weight)


def add_noise(article: Article, *, seed: int) -> Iterator[Span]:
    """Yields the spans of an article with random scores. Some spans are left out at random."""
    generator = random.Random(f"{seed} {article.id}")  # noqa: S311 (no secret)
    for span in article.spans:
        score = min(max(1 - generator.expovariate(_SCORE_RATE), _LEAST_SCORE), 1)
        if generator.random() >= _DROPPED.get(span.label, _DROPPED_OTHERS):
            yield replace(span, score=score)


def fit_weights(examples: Iterable[Example]) -> dict[str, float]:
    """Returns the weight of each feature.

    Raises:
        DataError: no example has a right candidate.
    """
    taught = [example for example in examples if any(example.right)]
    if not taught:
        raise DataError("nothing to learn from: in no article is a candidate the annotated death toll")
    names = {name: column for column, name in enumerate(FEATURES)}
    sizes = np.array([len(example.right) for example in taught])
    values = np.zeros((int(sizes.sum()), len(names)))
    for row, features in enumerate(each for example in taught for each in example.features):
        values[row, [names[name] for name in features]] = list(features.values())
    right = np.array([is_right for example in taught for is_right in example.right])
    counts_for = np.array([example.weight for example in taught])
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    rows = np.repeat(np.arange(len(taught)), sizes)

    def loss(weights: Array) -> tuple[float, Array]:
        scores = values @ weights
        all_sums, all_shares = _log_sums(scores, starts, rows)
        right_sums, right_shares = _log_sums(np.where(right, scores, -np.inf), starts, rows)
        gradient = ((all_shares - right_shares) * counts_for[rows]) @ values + PENALTY * weights
        return float(counts_for @ (all_sums - right_sums) + PENALTY / 2 * (weights @ weights)), gradient

    result = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    return dict(zip(names, map(float, result.x), strict=True))


def _log_sums(scores: Array, starts: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """Returns the logarithm of the sum of exp(score) per article, and each candidate's share of the sum."""
    highest = np.maximum.reduceat(scores, starts)
    powers = np.exp(scores - highest[rows])
    sums = np.add.reduceat(powers, starts)
    return highest + np.log(sums), powers / sums[rows]


def read_examples(path: Path) -> list[Article]:
    """Reads a file of short articles. Each line is a death toll, ` | ` and the marked-up text; `#` begins a comment.

    Raises:
        DataError: the file cannot be read, or a line is wrong. The message names the file and the line.
    """
    articles: list[Article] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        toll, bar, marked = line.partition(" | ")
        try:
            if not bar:
                raise DataError("no ' | ' between a death toll and a text")
            text, spans = parse_markup(marked)
            articles.append(Article(f"{path.stem}-{number}", text, spans, parse_toll(toll)))
        except DataError as error:
            raise DataError(f"{path}, line {number}: {error}") from None
    return articles


def main(arguments: Sequence[str] | None = None) -> None:
    """Fits the weights to files and writes them."""
    parser = argparse.ArgumentParser(
        prog="python -m afteraction.train.toll_ranker", description="Fits the toll ranker."
    )
    parser.add_argument("files", nargs="+", help="annotated article files, or names such as bundled:train")
    parser.add_argument("--predicted", nargs="*", default=[], help="some of the articles, as a model labels them")
    parser.add_argument("--examples", type=Path, required=True, help="short marked-up articles, one a line")
    parser.add_argument("--output", type=Path, required=True, help="the weights file to write")
    options = parser.parse_args(arguments)
    try:
        predicted = {article.id: article for article in read_named(options.predicted)}
        examples = [
            *make_examples(read_named(options.files), predicted=predicted),
            *make_examples(read_examples(options.examples), weight=EXAMPLE_WEIGHT),
        ]
        content = format_weights(fit_weights(examples))
        with atomic_write(options.output) as path:
            path.write_text(content, encoding="utf-8")
    except InputError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
