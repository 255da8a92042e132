"""CEAF-REE: how well an article's entities are found, whichever mention names them.

This follows how the MUC-4 literature scores role fillers (Du, Rush and Cardie 2021, "GRIT"), after CEAF (Luo 2005).
The gold and predicted entities of each article and label are aligned one to one, so that their summed similarity is
as large as possible. That sum over all articles, divided by the number of predicted entities, is the precision.
Divided by the number of gold entities, it is the recall. Mentions are compared as normalised strings.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, maximum_flow

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
    """Returns 1 if all mentions of the predicted entity are among those of the gold entity, and 0 otherwise."""
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

    If the article lists no entities, the spans that share an `entity` form one entity, and each other span forms one by
    itself.
    """
    sets: Entities = {}
    for label, mentions in _mentions(article):
        sets.setdefault(label, []).append(frozenset(normalise(mention) for mention in mentions))
    return sets


def aligned(gold: Sequence[Mentions], predicted: Sequence[Mentions], similarity: Similarity) -> float:
    """Returns the largest sum of similarities over all one-to-one alignments of two lists of entities."""
    counts, others = Counter(gold), Counter(predicted)
    # An entity with a single mention that is on both sides is best aligned with itself. Few entities then remain.
    same = {entity: min(count, others[entity]) for entity, count in counts.items() if len(entity) == 1}
    counts, others = counts - Counter(same), others - Counter(same)
    credit = float(sum(same.values()))
    for pairs in _components(_similar(counts, others, similarity)):
        if {value for *_, value in pairs} == {1.0}:
            credit += _most_pairs(pairs, counts, others)
        else:
            credit += _best_sum(pairs, counts, others)
    return credit


_Pair = tuple[Mentions, Mentions, float]
"""A gold and a predicted entity, and their similarity, which is not 0."""


def _similar(gold: Iterable[Mentions], predicted: Iterable[Mentions], similarity: Similarity) -> Iterator[_Pair]:
    """Yields the distinct pairs of entities whose similarity is not 0. Such entities share a mention."""
    by_mention: dict[str, list[Mentions]] = {}
    for entity in gold:
        for mention in entity:
            by_mention.setdefault(mention, []).append(entity)
    for entity in predicted:
        for other in dict.fromkeys(other for mention in entity for other in by_mention.get(mention, ())):
            if value := similarity(other, entity):
                yield other, entity, value


def _components(pairs: Iterable[_Pair]) -> list[list[_Pair]]:
    """Groups the pairs that share an entity, directly or through other pairs. Groups can be aligned separately."""
    pairs = list(pairs)
    rows, columns = _numbered(gold for gold, _, _ in pairs), _numbered(predicted for _, predicted, _ in pairs)
    edges = [(rows[gold], len(rows) + columns[predicted]) for gold, predicted, _ in pairs]
    size = len(rows) + len(columns)
    _, groups = connected_components(csr_array((np.ones(len(edges)), np.array(edges).reshape(-1, 2).T), (size, size)))
    components: dict[int, list[_Pair]] = {}
    for pair in pairs:
        components.setdefault(int(groups[rows[pair[0]]]), []).append(pair)
    return [*components.values()]


def _numbered(entities: Iterable[Mentions]) -> dict[Mentions, int]:
    return {entity: index for index, entity in enumerate(dict.fromkeys(entities))}


def _most_pairs(pairs: Sequence[_Pair], gold: Counter[Mentions], predicted: Counter[Mentions]) -> int:
    """Returns the most pairs that can be aligned at once, as the maximum flow from gold to predicted entities."""
    rows, columns = _numbered(pair[0] for pair in pairs), _numbered(pair[1] for pair in pairs)
    sink = len(rows) + len(columns) + 1
    edges = [(0, 1 + row, gold[entity]) for entity, row in rows.items()]
    edges += [(1 + rows[one], 1 + len(rows) + columns[other], gold[one]) for one, other, _ in pairs]
    edges += [(1 + len(rows) + column, sink, predicted[entity]) for entity, column in columns.items()]
    starts, ends, capacities = np.array(edges, dtype=np.int32).T
    return int(maximum_flow(csr_array((capacities, (starts, ends)), (sink + 1, sink + 1)), 0, sink).flow_value)


def _best_sum(pairs: Sequence[_Pair], gold: Counter[Mentions], predicted: Counter[Mentions]) -> float:
    """Returns the largest sum of similarities, by the Hungarian method. Entities repeat as often as they occur."""
    rows, columns = _numbered(pair[0] for pair in pairs), _numbered(pair[1] for pair in pairs)
    similarities = np.zeros((len(rows), len(columns)))
    for one, other, value in pairs:
        similarities[rows[one], columns[other]] = value
    of_gold, of_predicted = [gold[entity] for entity in rows], [predicted[entity] for entity in columns]
    # An entity cannot be aligned more often than there are entities on the other side.
    similarities = similarities.repeat(np.minimum(of_gold, sum(of_predicted)), axis=0)
    similarities = similarities.repeat(np.minimum(of_predicted, sum(of_gold)), axis=1)
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
    """Returns each entity as the set of its normalised name only. Grouped spans are named by the first span's text."""
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
        # A span without an entity has a unique key: its index, which is an integer, while entity ids are strings.
        key = index if span.entity is None else span.entity
        groups.setdefault((span.label, key), []).append(article.surface(span))
    return [(label, mentions) for (label, _), mentions in groups.items()]
