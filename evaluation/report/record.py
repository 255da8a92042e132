"""An article's record as lines of text: who, whom, where and how many. Pages and tables show the same lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from afteraction.data import DEATH_TOLL, LABELS, Article

_HEADINGS = dict(zip(LABELS, ("who", "whom", "where", "how many"), strict=True))


@dataclass(frozen=True, slots=True)
class NamedEntity:
    """Someone or something that an article names, with its other names. `score` is None for gold annotation."""

    name: str
    others: tuple[str, ...]
    score: float | None


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One line of an article's record.

    Attributes:
        label: the label whose entities the line lists.
        heading: "who", "whom", "where" or "how many" for the default labels; the label itself for others.
        entities: the entities of this label, in the order of the text. For the death toll, its phrases in the text.
        toll: the article's death toll in words, such as "at least 12 killed" or "no figure". None on other lines.
        score: the probability that `toll` is right. None for gold annotation, and on other lines.
    """

    label: str
    heading: str
    entities: tuple[NamedEntity, ...]
    toll: str | None
    score: float | None


def record_lines(article: Article, *, labels: Iterable[str] | None = None) -> tuple[RecordLine, ...]:
    """Returns the lines of an article's record.

    The record has the article's entities. If the article lists no entities, its spans are grouped into entities: those
    with the same `entity`, and, without an `entity`, those with the same words.

    Args:
        article: a gold or a predicted article.
        labels: the labels in use, in the order of the lines; None for those of the article itself, in default order.

    Returns:
        Four lines if all labels in use are default ones, even for labels that the article lacks. Otherwise one line
        per label that the article has, and one for the death toll if there is a toll.
    """
    named: dict[str, list[NamedEntity]] = {}
    for label, entity in _from_entities(article) if article.entities else _from_spans(article):
        named.setdefault(label, []).append(entity)
    used = in_order(sorted(named) if labels is None else labels)
    if set(used) <= set(LABELS):
        shown = [*LABELS]
    else:
        shown = [label for label in used if label in named]
        if article.death_toll is not None and DEATH_TOLL not in shown:
            shown.append(DEATH_TOLL)
    toll = "no figure" if article.death_toll is None else f"{article.death_toll} killed"
    return tuple(
        RecordLine(
            label,
            _HEADINGS.get(label, label),
            tuple(named.get(label, ())),
            toll if label == DEATH_TOLL else None,
            article.death_toll_score if label == DEATH_TOLL else None,
        )
        for label in shown
    )


def in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Returns the labels without repetitions: the default labels first, in their own order, then the others."""
    distinct = tuple(dict.fromkeys(labels))
    return (*(label for label in LABELS if label in distinct), *(label for label in distinct if label not in LABELS))


def _from_entities(article: Article) -> Iterator[tuple[str, NamedEntity]]:
    """Yields each entity with its label. Mentions that differ from the name only in case are left out."""
    for entity in article.entities:
        others = (mention for mention in entity.mentions if mention.casefold() != entity.name.casefold())
        yield entity.label, NamedEntity(entity.name, tuple(others), entity.score)


def _from_spans(article: Article) -> Iterator[tuple[str, NamedEntity]]:
    """Yields each group of spans with its label, named by its longest surface."""
    groups: dict[tuple[str, str | None, str], dict[str, str]] = {}
    for span in article.spans:
        surface = article.surface(span)
        words = " ".join(surface.casefold().split())
        key = (span.label, span.entity, words if span.entity is None else "")
        groups.setdefault(key, {}).setdefault(words, surface)
    for (label, _, _), surfaces in groups.items():
        name = max(surfaces.values(), key=len)
        yield label, NamedEntity(name, tuple(surface for surface in surfaces.values() if surface != name), None)
