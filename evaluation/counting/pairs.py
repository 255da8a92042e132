"""Pairs of a gold article and the same article as a system predicted it."""

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
    """Joins two streams by article id. Yields each pair as soon as both sides have been read.

    Streams in the same order need no memory. An article is held until its other side is read. Errors are raised as
    soon as they are detected, at the latest when both streams have ended.

    Args:
        gold: the gold articles.
        predicted: the same articles as a system predicted them.
        gold_name: the name of the gold articles in error messages, such as their file.
        system: the name of the predicted articles in error messages.

    Raises:
        DataError: an article is on one side only, or twice on a side, or its two texts differ.
    """
    gold_side, predicted_side = _Side(gold_name), _Side(system)
    for gold_article, predicted_article in zip_longest(gold, predicted):
        for article, side, other in (
            (gold_article, gold_side, predicted_side),
            (predicted_article, predicted_side, gold_side),
        ):
            if article is not None:
                side.take(article)
                if article.id in other.waiting:
                    partner = other.waiting.pop(article.id)
                    del side.waiting[article.id]
                    pair = (article, partner) if side is gold_side else (partner, article)
                    _check_texts(*pair, gold_name=gold_name, system=system)
                    yield pair
    if predicted_side.waiting:
        raise DataError(f"article {next(iter(predicted_side.waiting))!r} of {system} is not in {gold_name}")
    if gold_side.waiting:
        first = next(iter(gold_side.waiting))
        raise DataError(f"article {first!r} of {gold_name} is not in {system}; one without spans must be there too")


def without_unknown(gold: Article, predicted: Article) -> tuple[Article, Article]:
    """Removes, on both sides, all spans and entities whose label is unknown in the gold article.

    The predicted death toll is removed too if its label is unknown and the gold article has no toll.
    """
    unknown = gold.unknown_labels
    if not unknown:
        return gold, predicted
    toll = None if DEATH_TOLL in unknown and gold.death_toll is None else predicted.death_toll
    return _without(gold, unknown), _without(predicted, unknown).with_fields(death_toll=toll)


@dataclass(slots=True)
class _Side:
    """One of the two streams: the ids read so far, and the articles whose other side has not been read yet."""

    name: str
    seen: set[str] = field(default_factory=set)
    waiting: dict[str, Article] = field(default_factory=dict)

    def take(self, article: Article) -> None:
        if article.id in self.seen:
            raise DataError(f"article {article.id!r} occurs twice in {self.name}")
        self.seen.add(article.id)
        self.waiting[article.id] = article


def _check_texts(gold: Article, predicted: Article, *, gold_name: str, system: str) -> None:
    if gold.text == predicted.text:
        return
    letters = zip_longest(gold.text, predicted.text)
    position = next(index for index, (ours, theirs) in enumerate(letters) if ours != theirs)
    raise DataError(
        f"article {gold.id!r}: its text in {system} differs from that in {gold_name}, from character {position} on"
    )


def _without(article: Article, labels: tuple[str, ...]) -> Article:
    return article.with_fields(
        spans=tuple(span for span in article.spans if span.label not in labels),
        entities=tuple(entity for entity in article.entities if entity.label not in labels),
    )
