"""A page of articles with their spans, annotated or predicted."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from afteraction.data import Article
from afteraction.evaluation.figures.scores import labels_of
from afteraction.evaluation.report.drawing import Fact, Legend, Paragraph, meta_items, paragraphs, record
from afteraction.evaluation.report.render import render_page


@dataclass(frozen=True, slots=True)
class _Drawn:
    id: str
    meta: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    paragraphs: tuple[Paragraph, ...]


def view_articles(articles: Iterable[Article], *, title: str, limit: int) -> str:
    """Draws articles as an HTML page, each with its record at its head.

    Args:
        articles: annotated or predicted ones; all are read, so that the page can say how many it leaves out.
        title: of the page, such as the file's name.
        limit: how many articles to draw at most.
    """
    remaining = iter(articles)
    shown = list(islice(remaining, limit))
    left_out = sum(1 for _ in remaining)
    legend = Legend(labels_of(shown))
    return render_page(
        "view.html.j2",
        title=title,
        keys=tuple(legend.keys.values()),
        drawn=[_draw(article, legend) for article in shown],
        left_out=left_out,
        scored=any(span.score is not None for article in shown for span in article.spans),
    )


def _draw(article: Article, legend: Legend) -> _Drawn:
    return _Drawn(
        article.id,
        meta_items(article.meta),
        record(article, legend=legend),
        paragraphs(article.text, above=article.spans, below=(), differing=(), legend=legend),
    )
