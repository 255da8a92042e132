"""The Article and its parts, article files, inputs, the bundled corpus by name."""

from afteraction.data.articles.article import (
    LABELS,
    PARAGRAPH_BREAK,
    Article,
    DataError,
    Entity,
    FaultySpansError,
    Span,
    SpanFault,
    Toll,
)
from afteraction.data.articles.article_files import (
    first_line,
    format_article,
    is_article_file,
    parse_article,
    read_articles,
    replacing,
    write_articles,
)
from afteraction.data.articles.bundled import bundled_file, read_named, resolve
from afteraction.data.articles.inputs import read_inputs

__all__ = [
    "LABELS",
    "PARAGRAPH_BREAK",
    "Article",
    "DataError",
    "Entity",
    "FaultySpansError",
    "Span",
    "SpanFault",
    "Toll",
    "bundled_file",
    "first_line",
    "format_article",
    "is_article_file",
    "parse_article",
    "read_articles",
    "read_inputs",
    "read_named",
    "replacing",
    "resolve",
    "write_articles",
]
