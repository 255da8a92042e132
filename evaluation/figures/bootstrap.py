"""Resampling of counts: articles are drawn, not spans, since the spans of an article are not independent."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SAMPLES = 1000

_DRAWS = 5_000_000
"""How many articles are drawn at a time: it bounds the memory, whatever the number of samples."""


def bootstrap_totals(counts: NDArray[Any], *, samples: int, seed: int) -> Floats:
    """Totals of `samples` draws, with replacement, of as many articles as there are.

    A draw is a row of weights, how often it has each article, so that one matrix product gives the totals.

    Args:
        counts: of articles, shape (articles, ...), at least one.
        samples: how many draws.
        seed: the draws depend on it and on the number of articles alone.

    Returns:
        shape (samples, ...).
    """
    random = np.random.default_rng(seed)
    articles = len(counts)
    flat = counts.reshape(articles, -1).astype(np.float64)
    used = flat.any(axis=0)
    totals = np.zeros((samples, flat.shape[1]))
    step = max(_DRAWS // articles, 1)
    for start in range(0, samples, step):
        weights = np.empty((min(step, samples - start), articles))
        for row in weights:
            row[:] = np.bincount(random.integers(articles, size=articles), minlength=articles)
        totals[start : start + len(weights), used] = weights @ flat[:, used]
    return totals.reshape(samples, *counts.shape[1:])


def swap_totals(first: Floats, second: Floats, *, samples: int, seed: int) -> tuple[Floats, Floats]:
    """Totals of two systems whose counts are exchanged in each article by the toss of a coin, `samples` times.

    Args:
        first: the counts of a system's articles, shape (articles, ...), at least one.
        second: the other system's, of the same articles.
        samples: how many times.
        seed: the tosses depend on it and on the number of articles alone.

    Returns:
        the totals that would be each system's, shape (samples, ...) both.
    """
    random = np.random.default_rng(seed)
    articles = len(first)
    gained = (second - first).reshape(articles, -1)
    moved = np.empty((samples, gained.shape[1]))
    step = max(_DRAWS // articles, 1)
    for start in range(0, samples, step):
        size = min(step, samples - start)
        moved[start : start + size] = random.integers(2, size=(size, articles)).astype(np.float64) @ gained
    moved = moved.reshape(samples, *first.shape[1:])
    return first.sum(axis=0) + moved, second.sum(axis=0) - moved
