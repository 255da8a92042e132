"""The report as JSON, Markdown and HTML pages."""

from afteraction.evaluation.report.articles import view_articles
from afteraction.evaluation.report.browser import WorstArticles
from afteraction.evaluation.report.write import write_report

__all__ = ["WorstArticles", "view_articles", "write_report"]
