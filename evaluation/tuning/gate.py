"""Fits the gate of a model: a logistic regression on the words of articles, with a threshold that keeps the recall."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import expit

from afteraction.data import Article, DataError, read_named
from afteraction.data.files import atomic_write
from afteraction.model.gate import GATE_FILE, Gate, Share, word_values

FOLDS = 5
RECALL = 0.99
"""The share of the articles with spans that pass, by cross-validation."""

_FEWEST = 50
"""The smallest number of articles with spans, and of articles without, that a gate is fitted on."""

_RAREST = 2
"""The smallest number of articles that a word is in to count."""

_COST = 10.0
"""How much the fit counts beside the size of the weights. Of 3, 10 and 30 the best on the bundled articles."""

_SEED = 1
_NORMAL = 1.959964
"""The quantile of the normal distribution that a 95 % interval needs."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def make_gate(folder: Path, names: Sequence[str], *, recall: float = RECALL) -> Gate:
    """Fits the gate of a model folder on articles and writes it into the folder.

    Args:
        folder: the model folder.
        names: files of articles with spans and articles without, annotated or labelled by the model itself; or bundled
            ones such as `bundled:train`. The more they are like the archive, the better.
        recall: the share of the articles with spans that must pass.

    Raises:
        DataError: an article file is wrong, or there are too few articles of a kind.
    """
    gate = fit_gate(list(read_named(names)), data=names, recall=recall)
    with atomic_write(folder / GATE_FILE) as temporary:  # without indentation, since it has thousands of numbers
        temporary.write_text(gate.model_dump_json() + "\n", encoding="utf-8")
    return gate


def fit_gate(articles: Sequence[Article], *, data: Sequence[str], recall: float = RECALL) -> Gate:
    """Fits a gate.

    The threshold, the recall and the share of other articles that pass are worked out on scores by cross-validation:
    each article is scored under weights that were fitted without it. The returned weights are fitted on all articles.

    Args:
        articles: articles with spans and articles without.
        data: where they come from.
        recall: the share of the articles with spans that must pass.

    Raises:
        DataError: there are too few articles of a kind.
    """
    values = [word_values(article.text) for article in articles]
    wanted = np.array([bool(article.spans) for article in articles], dtype=bool)
    for count, kind in ((int(wanted.sum()), "with"), (int((~wanted).sum()), "without")):
        if count < _FEWEST:
            raise DataError(f"{', '.join(data)}: {count} articles {kind} spans; a gate needs {_FEWEST}")
    scores = _cross_validated(values, wanted)
    missed = int(round((1 - recall) * wanted.sum(), 6))
    threshold = float(np.sort(scores[wanted])[missed])
    rarity = _rarity(values)
    weights, bias = _fit(_matrix(values, rarity), wanted)
    passed = scores >= threshold
    return Gate(
        data=tuple(data),
        with_spans=_share(passed[wanted]),
        without=_share(passed[~wanted]),
        threshold=round(threshold, 4),
        bias=round(bias, 4),
        words={
            word: (round(value, 3), round(float(weight), 3))
            for (word, value), weight in zip(rarity.items(), weights, strict=True)
        },
    )


def _cross_validated(values: Sequence[dict[str, float]], wanted: Flags) -> Floats:
    """Returns the score of each article under weights that were fitted without it."""
    folds = np.random.default_rng(_SEED).permutation(len(values)) % FOLDS
    scores = np.empty(len(values))
    for fold in range(FOLDS):
        inside, outside = (np.flatnonzero(chosen).tolist() for chosen in (folds == fold, folds != fold))
        rest = [values[index] for index in outside]
        rarity = _rarity(rest)
        weights, bias = _fit(_matrix(rest, rarity), wanted[outside])
        scores[inside] = _matrix([values[index] for index in inside], rarity) @ weights + bias
    return scores


def _rarity(values: Sequence[dict[str, float]]) -> dict[str, float]:
    """Returns the words that count, in the order of the alphabet; each with the logarithm of its rarity, plus one."""
    counts = Counter(word for of_article in values for word in of_article)
    total = 1 + len(values)
    return {word: 1 + float(np.log(total / (1 + n))) for word, n in sorted(counts.items()) if n >= _RAREST}


def _matrix(values: Sequence[dict[str, float]], rarity: dict[str, float]) -> csr_array:
    """Returns the vector of each article, of length 1; shape (articles, words)."""
    columns = {word: column for column, word in enumerate(rarity)}
    indices: list[int] = []
    data: list[float] = []
    ends = [0]
    for of_article in values:
        known = {word: value * rarity[word] for word, value in of_article.items() if word in columns}
        length = float(np.sqrt(sum(value * value for value in known.values()))) or 1.0
        indices += [columns[word] for word in known]
        data += [value / length for value in known.values()]
        ends.append(len(indices))
    return csr_array((data, indices, ends), shape=(len(values), len(rarity)))


def _fit(matrix: csr_array, wanted: Flags) -> tuple[Floats, float]:
    """Returns the weights and the bias of a logistic regression with L2 regularisation."""
    signs = np.where(wanted, 1.0, -1.0)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        weights, bias = parameters[:-1], parameters[-1]
        margins = signs * (matrix @ weights + bias)
        pulls = -_COST * signs * expit(-margins)
        value = _COST * float(np.logaddexp(0, -margins).sum()) + 0.5 * float(weights @ weights)
        return value, np.append(matrix.T @ pulls + weights, pulls.sum())

    found = minimize(loss, np.zeros(matrix.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    return found.x[:-1], float(found.x[-1])


def _share(passed: Flags) -> Share:
    """Returns a share with its interval, by Wilson's formula."""
    count, share = len(passed), float(passed.mean())
    scale = 1 + _NORMAL**2 / count
    middle = (share + _NORMAL**2 / (2 * count)) / scale
    half = _NORMAL * float(np.sqrt(share * (1 - share) / count + _NORMAL**2 / (4 * count**2))) / scale
    return Share(
        passed=int(passed.sum()),
        articles=count,
        low=round(max(middle - half, 0.0), 4),
        high=round(min(middle + half, 1.0), 4),
    )
