"""Assembles the record of an article from its spans, the same way for every system.

A system, such as the Tagger or the rules, only has to find spans. `wrap_texts` comes before that, `assemble_record`
after it.
"""

from collections.abc import Iterable, Iterator, Sequence

from afteraction.data import Article, Span
from afteraction.model.record.linking import link_entities
from afteraction.model.record.tolls import choose_toll


def wrap_texts(articles: Iterable[Article | str]) -> Iterator[Article]:
    """Turns each plain string into an article whose id is its number in the stream, from 1; passes articles on."""
    for number, article in enumerate(articles, start=1):
        yield article if isinstance(article, Article) else Article(id=str(number), text=article)


def assemble_record(article: Article, spans: Sequence[Span]) -> Article:
    """Returns an article with these spans, given in order, and the entities and the death toll that follow from them.

    Its id, text and `meta` stay. Annotation that it had is dropped.
    """
    linked, entities = link_entities(article.text, spans)
    return Article(
        id=article.id,
        text=article.text,
        spans=linked,
        death_toll=choose_toll(article.text, linked),
        entities=entities,
        meta=article.meta,
    )
