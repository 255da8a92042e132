"""Articles, article files, and the bundled corpus."""

from afteraction.data.articles.article import PARAGRAPH_BREAK, Article, Entity, FaultySpansError, Span, SpanFault, Toll
from afteraction.data.articles.article_files import (
    is_article_file,
    read_articles,
    write_articles,
)
from afteraction.data.articles.article_lines import format_article, parse_article
from afteraction.data.articles.bundled import bundled_file, read_named, resolve
from afteraction.data.articles.labels import DEATH_TOLL, LABELS, LOCATION, PERPETRATOR, TARGET

__all__ = [
    "DEATH_TOLL",
    "LABELS",
    "LOCATION",
    "PARAGRAPH_BREAK",
    "PERPETRATOR",
    "TARGET",
    "Article",
    "Entity",
    "FaultySpansError",
    "Span",
    "SpanFault",
    "Toll",
    "bundled_file",
    "format_article",
    "is_article_file",
    "parse_article",
    "read_articles",
    "read_named",
    "resolve",
    "write_articles",
]
