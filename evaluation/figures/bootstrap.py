"""Resampling of counts. Whole articles are drawn, not spans, since the spans of one article are not independent."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SAMPLES = 1000

_DRAWS = 5_000_000
"""How many articles are drawn at a time. This bounds the memory, whatever the number of samples."""


def bootstrap_totals(counts: NDArray[Any], *, samples: int, seed: int) -> Floats:
    """Draws as many articles as there are, with replacement, `samples` times. Returns the totals of each draw.

    Args:
        counts: the counts of each article, shape (articles, ...). There must be at least one article.
        samples: the number of draws.
        seed: the seed of the draws. They depend only on it and on the number of articles.

    Returns:
        The totals, shape (samples, ...).
    """
    random = np.random.default_rng(seed)
    articles = len(counts)
    flat = counts.reshape(articles, -1).astype(np.float64)
    # Many columns are empty, such as those of labels that one level does not have. Their totals stay zero.
    used = flat.any(axis=0)
    totals = np.zeros((samples, flat.shape[1]))
    step = max(_DRAWS // articles, 1)
    for start in range(0, samples, step):
        # A draw becomes a row of weights: how often it contains each article. One matrix product then gives the totals
        # of many draws, instead of a sum over the drawn articles for each.
        weights = np.empty((min(step, samples - start), articles))
        for row in weights:
            row[:] = np.bincount(random.integers(articles, size=articles), minlength=articles)
        totals[start : start + len(weights), used] = weights @ flat[:, used]
    return totals.reshape(samples, *counts.shape[1:])


def swap_totals(first: Floats, second: Floats, *, samples: int, seed: int) -> tuple[Floats, Floats]:
    """Swaps the counts of two systems in each article with probability 1/2, `samples` times. Returns both totals.

    Args:
        first: the counts of one system for each article, shape (articles, ...). There must be at least one article.
        second: the counts of the other system for the same articles.
        samples: the number of shuffles.
        seed: the seed of the shuffles. They depend only on it and on the number of articles.

    Returns:
        The totals of the first and of the second system after each shuffle, shape (samples, ...) each.
    """
    random = np.random.default_rng(seed)
    articles = len(first)
    # Swapping an article moves its difference from one total to the other. One matrix product sums all these moves.
    difference = (second - first).reshape(articles, -1)
    moved = np.empty((samples, difference.shape[1]))
    step = max(_DRAWS // articles, 1)
    for start in range(0, samples, step):
        size = min(step, samples - start)
        swapped = random.integers(2, size=(size, articles)).astype(np.float64)
        moved[start : start + size] = swapped @ difference
    moved = moved.reshape(samples, *first.shape[1:])
    return first.sum(axis=0) + moved, second.sum(axis=0) - moved
