"""Annotation made elsewhere, turned into articles: formats of annotation tools and published corpora."""

from afteraction.data.importers.common import ImportLog, LabelMap, import_articles, parse_label_map, to_article
from afteraction.data.importers.raw import RawArticle, RawSpan, Units

__all__ = [
    "ImportLog",
    "LabelMap",
    "RawArticle",
    "RawSpan",
    "Units",
    "import_articles",
    "parse_label_map",
    "to_article",
]
