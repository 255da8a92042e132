"""Import and export: the formats of annotation tools, and published corpora, to articles and back."""

from afteraction.data.importers.fakes import FakesLog, import_fakes
from afteraction.data.importers.import_log import ImportLog
from afteraction.data.importers.label_map import LabelMap, parse_label_map
from afteraction.data.importers.muc4.articles import Muc4Log, import_muc4
from afteraction.data.importers.muc4.gold import View
from afteraction.data.importers.raw import RawArticle, RawSpan, Units
from afteraction.data.importers.standoff import import_standoff, write_standoff
from afteraction.data.importers.to_articles import import_articles, to_article
from afteraction.data.importers.tools.argilla import read_argilla
from afteraction.data.importers.tools.brat import Discontinuous, LabelBy, read_brat
from afteraction.data.importers.tools.conll import read_conll
from afteraction.data.importers.tools.conll_layout import ConllLayout, detect_layout
from afteraction.data.importers.tools.conll_lines import ConllColumns, parse_columns
from afteraction.data.importers.tools.conll_tags import TagScheme
from afteraction.data.importers.tools.doccano import read_doccano
from afteraction.data.importers.tools.events import read_events
from afteraction.data.importers.tools.exporters import EXPORTERS, export_articles
from afteraction.data.importers.tools.label_studio import read_label_studio
from afteraction.data.importers.tools.prodigy import read_prodigy
from afteraction.data.importers.tools.tagged_tokens import read_tag_names, read_tokens
from afteraction.data.importers.tools.webanno import read_webanno
from afteraction.data.importers.wikievents.articles import import_wikievents

__all__ = [
    "EXPORTERS",
    "ConllColumns",
    "ConllLayout",
    "Discontinuous",
    "FakesLog",
    "ImportLog",
    "LabelBy",
    "LabelMap",
    "Muc4Log",
    "RawArticle",
    "RawSpan",
    "TagScheme",
    "Units",
    "View",
    "detect_layout",
    "export_articles",
    "import_articles",
    "import_fakes",
    "import_muc4",
    "import_standoff",
    "import_wikievents",
    "parse_columns",
    "parse_label_map",
    "read_argilla",
    "read_brat",
    "read_conll",
    "read_doccano",
    "read_events",
    "read_label_studio",
    "read_prodigy",
    "read_tag_names",
    "read_tokens",
    "read_webanno",
    "to_article",
    "write_standoff",
]
