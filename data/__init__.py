"""Articles and everything made from their text: files, English, tokens, checks, importers, incident tables.

This package exports the names that most callers need. The sub-packages export the rest.
"""

from afteraction.data.articles.article import Article, Entity, FaultySpansError, Span, Toll
from afteraction.data.articles.article_files import read_articles, write_articles
from afteraction.data.articles.article_lines import format_article, parse_article
from afteraction.data.articles.bundled import bundled_file, read_named, resolve
from afteraction.data.articles.labels import DEATH_TOLL, LABELS, LOCATION, PERPETRATOR, TARGET
from afteraction.data.checks.checks import check_files
from afteraction.data.checks.split import split_files
from afteraction.data.checks.statistics import corpus_stats
from afteraction.data.errors import DataError, InputError, InputNotice, nearest
from afteraction.data.inputs.fields import InputFields
from afteraction.data.inputs.read import read_inputs
from afteraction.data.text.counts import parse_count
from afteraction.data.tokens.examples import build_examples
from afteraction.data.tokens.label_scheme import LabelScheme
from afteraction.data.tokens.subwords import SubwordTokenizer
from afteraction.data.tokens.windows import WindowConfig

__all__ = [
    "DEATH_TOLL",
    "LABELS",
    "LOCATION",
    "PERPETRATOR",
    "TARGET",
    "Article",
    "DataError",
    "Entity",
    "FaultySpansError",
    "InputError",
    "InputFields",
    "InputNotice",
    "LabelScheme",
    "Span",
    "SubwordTokenizer",
    "Toll",
    "WindowConfig",
    "build_examples",
    "bundled_file",
    "check_files",
    "corpus_stats",
    "format_article",
    "nearest",
    "parse_article",
    "parse_count",
    "read_articles",
    "read_inputs",
    "read_named",
    "resolve",
    "split_files",
    "write_articles",
]
