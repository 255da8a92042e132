"""Assembles the record of an article from its spans, the same way for every system.

A system, such as the Tagger or the rules, only has to find spans. `wrap_texts` prepares its inputs, and
`assemble_record` completes its outputs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from afteraction.data import Article, DataError, Span
from afteraction.data.inputs import article_of
from afteraction.model.record.linking import link_entities
from afteraction.model.record.tolls import choose_toll

SKIPPED = "skipped_by_gate"
"""The key in an article's `meta` that is True if a gate rejected the article, so that it was not read."""

ArticleLike = Article | str | Mapping[str, Any]
"""What can be labelled: an article, a plain text, or a dict in the form that `article_of` accepts."""


def wrap_texts(articles: Iterable[ArticleLike]) -> Iterator[Article]:
    """Makes an article from each plain string and dict, and passes articles on unchanged.

    The id of a string, or of a dict without an id, is its number in the stream, from 1.

    Raises:
        DataError: a dict has no text, an input is none of the three, or a single text or dict stands for all inputs.
    """
    if isinstance(articles, str | Mapping):  # its characters or its keys would be labelled as texts
        raise DataError(f"a single {'text' if isinstance(articles, str) else 'dict'}: put it into a list: [...]")
    for number, article in enumerate(articles, start=1):
        if isinstance(article, Mapping):
            yield article_of(article, number=number)
        else:
            yield article if isinstance(article, Article) else Article(id=str(number), text=article)


def assemble_record(article: Article, spans: Sequence[Span]) -> Article:
    """Returns an article with these spans, given in order, and the entities and death toll derived from them.

    The id, text and `meta` are kept. Earlier annotation is dropped, and so is the `SKIPPED` key of an earlier gate.
    """
    linked, entities = link_entities(article.text, spans)
    chosen = choose_toll(article.text, linked)
    return Article(
        id=article.id,
        text=article.text,
        spans=linked,
        death_toll=chosen.toll,
        death_toll_score=chosen.score,
        entities=entities,
        meta={key: value for key, value in article.meta.items() if key != SKIPPED},
    )
