"""CEAF-REE: how well an article's entities are found, whichever mention names them.

This follows how the MUC-4 literature scores role fillers (Du, Rush and Cardie 2021, "GRIT"), after CEAF (Luo 2005).
The gold and predicted entities of each article and label are aligned one to one, so that their summed similarity is
as large as possible. That sum over all articles, divided by the number of predicted entities, is the precision.
Divided by the number of gold entities, it is the recall. Mentions are compared as normalised strings.
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
"""The similarity of a gold and a predicted entity, between 0 and 1."""

EntityForm = Literal["name", "mentions"]
"""Which strings of a predicted entity are scored.

`name` scores its name alone, since published systems give one mention per entity. `mentions` scores all its mentions.
"""


def strict(gold: Mentions, predicted: Mentions) -> float:
    """Returns 1 if all mentions of the predicted entity are among those of the gold entity, else 0."""
    return float(predicted <= gold)


def proportional(gold: Mentions, predicted: Mentions) -> float:
    """Returns the share of the predicted entity's mentions that are among those of the gold entity."""
    return len(predicted & gold) / len(predicted)


SIMILARITIES: dict[str, Similarity] = {"strict": strict, "proportional": proportional}
ENTITY_LEVELS = {name: f"entities_{name}" for name in SIMILARITIES}
"""The names of the levels in a tally, by similarity."""


def count_named(gold: Article, predicted: Article) -> Cells:
    """Counts an article's entities, by similarity and label. Only the name of a predicted entity is compared."""
    return _count(mention_sets(gold), _names_alone(predicted))


def count_whole(gold: Article, predicted: Article) -> Cells:
    """Counts an article's entities, by similarity and label. All mentions of a predicted entity are compared."""
    return _count(mention_sets(gold), mention_sets(predicted))


ENTITY_COUNTERS: dict[EntityForm, CountArticle] = {"name": count_named, "mentions": count_whole}


def mention_sets(article: Article) -> Entities:
    """Returns an article's entities as sets of normalised mentions.

    If the article lists no entities, the spans that share an `entity` form one, and each other span is its own.
    """
    sets: Entities = {}
    for label, mentions in _mentions(article):
        sets.setdefault(label, []).append(frozenset(normalise(mention) for mention in mentions))
    return sets


def aligned(gold: Sequence[Mentions], predicted: Sequence[Mentions], similarity: Similarity) -> float:
    """Returns the largest sum of similarities over all one-to-one alignments of two lists of entities."""
    similarities = np.array(
        [[similarity(gold_entity, predicted_entity) for predicted_entity in predicted] for gold_entity in gold]
    )
    if not similarities.any():
        return 0.0
    return float(similarities[linear_sum_assignment(similarities, maximize=True)].sum())


def _count(gold: Entities, predicted: Entities) -> Cells:
    cells: dict[str, dict[str, Cell]] = {level: {} for level in ENTITY_LEVELS.values()}
    for label in gold.keys() | predicted.keys():
        of_gold, of_predicted = gold.get(label, []), predicted.get(label, [])
        for name, similarity in SIMILARITIES.items():
            credit = aligned(of_gold, of_predicted, similarity)
            cells[ENTITY_LEVELS[name]][label] = (credit, len(of_predicted), len(of_gold))
    return cells


def _names_alone(article: Article) -> Entities:
    """Returns each entity as the set of its one normalised name. Grouped spans are named by the first one's text."""
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
    """Returns the label and the mentions of each entity, in the order of the text."""
    if article.entities:
        return [(entity.label, entity.mentions or (entity.name,)) for entity in article.entities]
    groups: dict[tuple[str, str | int], list[str]] = {}
    for index, span in enumerate(article.spans):
        # A span without an entity has a key of its own: its index, which no entity id equals.
        key = index if span.entity is None else span.entity
        groups.setdefault((span.label, key), []).append(article.surface(span))
    return [(label, mentions) for (label, _), mentions in groups.items()]
