"""The report as JSON, Markdown and HTML pages, and an article's record as lines of text.

A name is imported when it is first used, so that printing a record does not import the template engine or scipy.
"""

from typing import TYPE_CHECKING

from afteraction.data.lazy import lazy_names

if TYPE_CHECKING:
    from afteraction.evaluation.report.agreement import write_agreement
    from afteraction.evaluation.report.articles import view_articles
    from afteraction.evaluation.report.browser import WorstArticles
    from afteraction.evaluation.report.record import NamedEntity, RecordLine, record_lines
    from afteraction.evaluation.report.write import make_report_folder, write_report

__all__ = [
    "NamedEntity",
    "RecordLine",
    "WorstArticles",
    "make_report_folder",
    "record_lines",
    "view_articles",
    "write_agreement",
    "write_report",
]

_MODULES = {
    "agreement": ("write_agreement",),
    "articles": ("view_articles",),
    "browser": ("WorstArticles",),
    "record": ("NamedEntity", "RecordLine", "record_lines"),
    "write": ("make_report_folder", "write_report"),
}
__getattr__ = lazy_names(
    __name__, {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}
)
