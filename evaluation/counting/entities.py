"""CEAF-REE: how well an article's entities are found, whatever mention names them.

As the MUC-4 literature scores role fillers (Du, Rush and Cardie 2021, "GRIT"), after CEAF (Luo 2005): annotated and
predicted entities of an article and label are aligned one to one so that their summed similarity is greatest. That
sum, over all articles, divided by the number of predicted entities is the precision, by that of annotated ones the
recall. Mentions are compared as normalised strings.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment

from afteraction.data import Article
from afteraction.evaluation.counting.names import normalise
from afteraction.evaluation.counting.tally import Cell, Cells, CountArticle

Mentions = frozenset[str]
Entities = dict[str, list[Mentions]]
"""The entities of an article by label, each as the set of its normalised mentions."""

Similarity = Callable[[Mentions, Mentions], float]
"""Of an annotated and a predicted entity, between 0 and 1."""

EntityForm = Literal["name", "mentions"]
"""What of a predicted entity is scored: its name alone, as published systems give one mention an entity, or all its
mentions."""


def strict(gold: Mentions, predicted: Mentions) -> float:
    """1 if all mentions of the predicted entity are among those of the annotated one, else 0."""
    return float(predicted <= gold)


def proportional(gold: Mentions, predicted: Mentions) -> float:
    """The share of the predicted entity's mentions that are among those of the annotated one."""
    return len(predicted & gold) / len(predicted)


SIMILARITIES: dict[str, Similarity] = {"strict": strict, "proportional": proportional}
ENTITY_LEVELS = {name: f"entities_{name}" for name in SIMILARITIES}
"""The names of the levels in a tally, by similarity."""


def count_named(gold: Article, predicted: Article) -> Cells:
    """Counts an article's entities, by similarity and label; a predicted entity is its name alone."""
    return _count(mention_sets(gold), _names_alone(predicted))


def count_whole(gold: Article, predicted: Article) -> Cells:
    """Counts an article's entities, by similarity and label; a predicted entity is all its mentions."""
    return _count(mention_sets(gold), mention_sets(predicted))


ENTITY_COUNTERS: dict[EntityForm, CountArticle] = {"name": count_named, "mentions": count_whole}


def mention_sets(article: Article) -> Entities:
    """An article's entities as sets of mentions: as given, else spans of one `entity`, a span without one alone."""
    sets: Entities = {}
    for label, mentions in _mentions(article):
        sets.setdefault(label, []).append(frozenset(normalise(mention) for mention in mentions))
    return sets


def aligned(gold: Sequence[Mentions], predicted: Sequence[Mentions], similarity: Similarity) -> float:
    """The greatest sum of similarities that a one-to-one alignment of two lists of entities has."""
    similarities = np.array([[similarity(known, found) for found in predicted] for known in gold])
    if not similarities.any():
        return 0.0
    return float(similarities[linear_sum_assignment(similarities, maximize=True)].sum())


def _count(gold: Entities, predicted: Entities) -> Cells:
    cells: dict[str, dict[str, Cell]] = {level: {} for level in ENTITY_LEVELS.values()}
    for label in gold.keys() | predicted.keys():
        known, found = gold.get(label, []), predicted.get(label, [])
        for name, similarity in SIMILARITIES.items():
            cells[ENTITY_LEVELS[name]][label] = (aligned(known, found, similarity), len(found), len(known))
    return cells


def _names_alone(article: Article) -> Entities:
    """Each entity as the set of its normalised name: of grouped spans, the first one's text."""
    names = (
        [(entity.label, entity.name) for entity in article.entities]
        if article.entities
        else [(label, mentions[0]) for label, mentions in _mentions(article)]
    )
    sets: Entities = {}
    for label, name in names:
        sets.setdefault(label, []).append(frozenset([normalise(name)]))
    return sets


def _mentions(article: Article) -> list[tuple[str, Sequence[str]]]:
    """The label and the mentions of each entity, in the order of the text."""
    if article.entities:
        return [(entity.label, entity.mentions or (entity.name,)) for entity in article.entities]
    groups: dict[tuple[str, str | int], list[str]] = {}
    for place, span in enumerate(article.spans):
        key = place if span.entity is None else span.entity
        groups.setdefault((span.label, key), []).append(article.surface(span))
    return [(label, mentions) for (label, _), mentions in groups.items()]
