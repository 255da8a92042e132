"""What every system that labels articles does around its spans."""

from collections.abc import Iterable, Iterator, Sequence

from afteraction.data import Article, Span
from afteraction.model.record.linking import link_entities
from afteraction.model.record.toll import choose_toll


def as_articles(articles: Iterable[Article | str]) -> Iterator[Article]:
    """Makes an article of each plain string; its id is its number in the stream, from 1."""
    for number, article in enumerate(articles, start=1):
        yield article if isinstance(article, Article) else Article(id=str(number), text=article)


def labelled(article: Article, spans: Sequence[Span]) -> Article:
    """The article with these spans, given in order, their entities, and its toll; its own annotation is dropped."""
    linked, entities = link_entities(article.text, spans)
    return Article(
        id=article.id,
        text=article.text,
        spans=linked,
        death_toll=choose_toll(article.text, linked),
        entities=entities,
        meta=article.meta,
    )
