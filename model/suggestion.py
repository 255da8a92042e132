"""Suggests which articles of a pool to annotate next: a varied choice of those that the model is least certain of."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from afteraction.data import Article, InputError, LabelScheme, Span
from afteraction.data.checks.duplicates import DuplicateIndex
from afteraction.data.errors import nearest
from afteraction.model.decoding.spans import Emissions, find_spans, spans_by_temperature
from afteraction.model.record.assemble import assemble_record
from afteraction.model.saving import ModelSettings
from afteraction.model.tagger import Tagger

Key = TypeVar("Key", str, int)

_BANDS = 4
"""The number of length bands: quarters of the candidates, from the shortest to the longest."""

_DIGITS = 6
"""The number of decimals of an uncertainty. Further decimals depend on which articles share a batch."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article to annotate, with the labels that the model gives it.

    `uncertainty` is the weighted number of spans that the model is expected to get wrong; see `uncertainty_of`.
    """

    article: Article
    uncertainty: float


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The articles to annotate, the least certain first, and how many articles of the pool were not candidates.

    `mean_uncertainty` is the mean of all candidates. `near_duplicates` counts the articles that nearly repeat a
    candidate, `annotated` those that nearly repeat an article that is already annotated.
    """

    chosen: tuple[Suggestion, ...]
    pool: int
    mean_uncertainty: float
    near_duplicates: int
    annotated: int


def suggest(
    tagger: Tagger,
    pool: Iterable[Article],
    *,
    number: int,
    weights: Mapping[str, float] | None = None,
    annotated: Iterable[Article] = (),
    seed: int = 0,
) -> Suggestions:
    """Chooses the articles of a pool from whose annotation a model should learn most.

    Of near-duplicates, only the least certain is a candidate. Each source (`meta.source`) has the same share of the
    chosen articles as of the candidates, rounded up or down. Each quarter of the candidates by length gets a quarter of
    the chosen articles where the shares of the sources permit it. Within these shares, the least certain articles are
    chosen. The choice and its order do not depend on the order of the pool.

    Args:
        tagger: the model.
        pool: articles to choose from, with different ids. Their annotation is ignored.
        number: how many articles to choose. If there are fewer candidates, all are chosen.
        weights: how much the uncertainty of a label's spans counts; 1 for a label that is not given.
        annotated: articles that are already annotated. An article that nearly repeats one is not a candidate.
        seed: decides between articles of the same uncertainty.

    Raises:
        InputError: a weight is invalid, or two articles of the pool have the same id.
        ModuleNotFoundError: datasketch, of the extra `corpus`, is not installed.
    """
    by_label = _checked_weights(weights or {}, labels=tagger.labels)
    index = DuplicateIndex()
    for article in annotated:
        index.add(article.text)
    first = len(index)
    articles = list(pool)
    for name, count in Counter(article.id for article in articles).items():
        if count > 1:
            raise InputError(f"article {name!r}: {count} articles of the pool have this id; ids must differ")
    suggestions: list[Suggestion] = []
    for article, emissions in zip(articles, tagger.emissions(articles), strict=True):
        index.add(article.text)
        [spans] = find_spans([emissions], tagger.settings)
        uncertainty = uncertainty_of(emissions, tagger.settings, weights=by_label)
        suggestions.append(Suggestion(Article(article.id, article.text, tuple(spans), meta=article.meta), uncertainty))
    groups = [index.first_of_group(first + position) for position in range(len(suggestions))]
    done = {index.first_of_group(position) for position in range(first)}
    order = sorted(range(len(suggestions)), key=lambda position: _order(suggestions[position], seed=seed))
    representatives: dict[int, Suggestion] = {}
    for position in order:
        if groups[position] not in done:
            representatives.setdefault(groups[position], suggestions[position])
    candidates = list(representatives.values())
    repeated = sum(group in done for group in groups)
    return Suggestions(
        # Entities and death tolls take time, so they are computed only for the chosen articles.
        chosen=tuple(
            replace(one, article=assemble_record(one.article, one.article.spans))
            for one in _varied(candidates, number=number)
        ),
        pool=len(suggestions),
        mean_uncertainty=float(np.mean([one.uncertainty for one in candidates])) if candidates else 0.0,
        near_duplicates=len(suggestions) - repeated - len(candidates),
        annotated=repeated,
    )


def uncertainty_of(emissions: Emissions, settings: ModelSettings, *, weights: Mapping[str, float]) -> float:
    """Returns the number of spans that the model is expected to get wrong in a text, each weighted by its label.

    A span of probability p counts min(p, 1 - p), whatever the thresholds. Spans that were not found also count: for
    each subword outside the found spans and each label, p is the probability that a span begins there.
    """
    everything = settings.model_copy(update={"article_threshold": 0.0})
    [[spans]] = spans_by_temperature([emissions], everything, temperatures=[settings.temperature])
    total = sum(weights[span.label] * _doubt(span.score or 0.0) for span in spans)
    outside = ~_inside(emissions, spans)
    begins = softmax(emissions.log_probabilities[outside].astype(np.float64) / settings.temperature, axis=1)[:, 1::2]
    by_label = [weights[label] for label in LabelScheme(settings.labels).labels]
    total += float((np.minimum(begins, 1 - begins) @ by_label).sum())
    return round(total, _DIGITS)


def parse_weights(items: Iterable[str]) -> dict[str, float]:
    """Parses weights of labels, such as `TARGET=2`.

    Raises:
        InputError: an item does not have this form.
    """
    weights = {}
    for item in items:
        label, equals, value = item.rpartition("=")
        try:
            weights[label] = float(value)
        except ValueError:
            equals = ""
        if not (label and equals):
            raise InputError(f"weight {item!r}: needs a label and a number, as in TARGET=2")
    return weights


def _checked_weights(weights: Mapping[str, float], *, labels: Sequence[str]) -> dict[str, float]:
    for label, weight in weights.items():
        if label not in labels:
            raise InputError(f"weight of {label!r}: the model has no such label; {nearest(label, labels)}")
        if not (math.isfinite(weight) and weight >= 0):
            raise InputError(f"weight of {label!r}: {weight} must be 0 or more")
    return {label: weights.get(label, 1.0) for label in labels}


def _doubt(probability: float) -> float:
    return min(probability, 1 - probability)


def _inside(emissions: Emissions, spans: Sequence[Span]) -> NDArray[np.bool_]:
    """Returns which subwords begin in one of the spans, shape (subwords,)."""
    starts = emissions.bounds[:, 0]
    edges = np.array([(span.start, span.end) for span in spans]).ravel()
    # Spans do not overlap, so a subword is inside one if an odd number of edges lies at or before its start.
    at_or_before: NDArray[np.intp] = np.searchsorted(edges, starts, side="right")
    return (at_or_before % 2).astype(np.bool_)


def _order(suggestion: Suggestion, *, seed: int) -> tuple[float, bytes]:
    """Returns the sort key that puts the least certain first, and orders equally certain articles by the seed."""
    tie = hashlib.blake2b(f"{seed}:{suggestion.article.id}".encode(), digest_size=16).digest()
    return -suggestion.uncertainty, tie


def _varied(candidates: Sequence[Suggestion], *, number: int) -> list[Suggestion]:
    """Returns the first `number` of the ordered candidates, within the quotas of sources and length bands."""
    number = min(number, len(candidates))
    if not number:
        return []
    lengths = [len(candidate.article.text) for candidate in candidates]
    cuts = np.quantile(lengths, np.arange(1, _BANDS) / _BANDS)
    bands = np.searchsorted(cuts, lengths).tolist()
    sources = [str(candidate.article.meta.get("source", "")) for candidate in candidates]
    of_source, of_band = _quotas(sources, number), _quotas(bands, number)
    chosen: set[int] = set()
    # If a source has articles left only in full bands, the quota of the source takes precedence.
    for within_bands in (True, False):
        for position, (source, band) in enumerate(zip(sources, bands, strict=True)):
            if position not in chosen and of_source[source] and (of_band[band] or not within_bands):
                chosen.add(position)
                of_source[source] -= 1
                of_band[band] = max(of_band[band] - 1, 0)
    return [candidates[position] for position in sorted(chosen)]


def _quotas(keys: Sequence[Key], number: int) -> dict[Key, int]:
    """Divides a number among keys in proportion to how often they occur, by the largest remainders.

    Among keys with the same remainder, the first one takes precedence. If `number` is at most the number of keys, no
    quota is larger than the number of times that its key occurs.
    """
    counts = Counter(keys)
    quotas = {key: number * count // len(keys) for key, count in counts.items()}
    by_remainder = sorted(counts, key=lambda key: -(number * counts[key] % len(keys)))
    for key in by_remainder[: number - sum(quotas.values())]:
        quotas[key] += 1
    return quotas
