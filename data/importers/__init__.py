"""Annotation made elsewhere, turned into articles: formats of annotation tools and published corpora."""

from afteraction.data.importers.common import ImportLog, LabelMap, import_articles, parse_label_map, to_article
from afteraction.data.importers.muc import Muc4Log, View, import_muc4
from afteraction.data.importers.raw import RawArticle, RawSpan, Units

__all__ = [
    "ImportLog",
    "LabelMap",
    "Muc4Log",
    "RawArticle",
    "RawSpan",
    "Units",
    "View",
    "import_articles",
    "import_muc4",
    "parse_label_map",
    "to_article",
]
