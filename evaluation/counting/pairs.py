"""Annotated articles beside the same articles as a system labelled them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from afteraction.data import DEATH_TOLL, Article, DataError


def pair_articles(
    gold: Iterable[Article],
    predicted: Iterable[Article],
    *,
    gold_name: str = "the annotated articles",
    system: str = "the predicted articles",
) -> Iterator[tuple[Article, Article]]:
    """Joins two streams by article id, and yields each pair as soon as both sides are there.

    In the same order the two cost no memory; an article whose other side comes later waits. The errors are raised
    where they show, at the latest when both streams have ended.

    Args:
        gold: the annotated articles.
        predicted: the same articles as a system labelled them.
        gold_name: what errors call the annotated articles, such as their file.
        system: what errors call the predicted ones.

    Raises:
        DataError: an article is on one side alone, twice on a side, or its text differs between the two.
    """
    annotated, labelled = _Side(gold_name), _Side(system)
    for known, found in zip_longest(gold, predicted):
        for article, side, other in ((known, annotated, labelled), (found, labelled, annotated)):
            if article is not None:
                side.take(article)
                if article.id in other.waiting:
                    partner = other.waiting.pop(article.id)
                    del side.waiting[article.id]
                    pair = (article, partner) if side is annotated else (partner, article)
                    if pair[0].text != pair[1].text:
                        letters = zip_longest(*(one.text for one in pair))
                        place = next(place for place, (ours, theirs) in enumerate(letters) if ours != theirs)
                        raise DataError(
                            f"article {article.id!r}: its text in {system} differs from that in {gold_name}, "
                            f"from character {place} on"
                        )
                    yield pair
    if labelled.waiting:
        raise DataError(f"article {next(iter(labelled.waiting))!r} of {system} is not in {gold_name}")
    if annotated.waiting:
        first = next(iter(annotated.waiting))
        raise DataError(f"article {first!r} of {gold_name} is not in {system}; one without spans must be there too")


def without_unknown(gold: Article, predicted: Article) -> tuple[Article, Article]:
    """Leaves out, on both sides, what bears a label that nobody looked for in the annotated article.

    The predicted death toll is left out too where its label is unknown and the annotation gives no toll.
    """
    unknown = gold.unknown_labels
    if not unknown:
        return gold, predicted
    toll = None if DEATH_TOLL in unknown and gold.death_toll is None else predicted.death_toll
    return _without(gold, unknown), _without(predicted, unknown).with_fields(death_toll=toll)


@dataclass(slots=True)
class _Side:
    name: str
    seen: set[str] = field(default_factory=set)
    waiting: dict[str, Article] = field(default_factory=dict)

    def take(self, article: Article) -> None:
        if article.id in self.seen:
            raise DataError(f"article {article.id!r} is twice in {self.name}")
        self.seen.add(article.id)
        self.waiting[article.id] = article


def _without(article: Article, labels: tuple[str, ...]) -> Article:
    return article.with_fields(
        spans=tuple(span for span in article.spans if span.label not in labels),
        entities=tuple(entity for entity in article.entities if entity.label not in labels),
    )
