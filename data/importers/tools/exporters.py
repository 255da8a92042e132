"""Writes articles in the formats of annotation tools."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from afteraction.data.articles.article import Article
from afteraction.data.articles.article_files import write_articles
from afteraction.data.errors import InputError, nearest
from afteraction.data.importers.tools.argilla import write_argilla
from afteraction.data.importers.tools.brat import write_brat
from afteraction.data.importers.tools.conll import write_conll
from afteraction.data.importers.tools.docbin import write_docbin
from afteraction.data.importers.tools.doccano import write_doccano
from afteraction.data.importers.tools.events import write_events
from afteraction.data.importers.tools.label_studio import write_label_studio
from afteraction.data.importers.tools.prodigy import write_prodigy

EXPORTERS: Mapping[str, Callable[[Iterable[Article], Path], int]] = {
    "argilla": write_argilla,
    "articles": write_articles,
    "brat": write_brat,
    "conll": write_conll,
    "doccano": write_doccano,
    "events": write_events,
    "label-studio": write_label_studio,
    "prodigy": write_prodigy,
    "spacy": write_docbin,
}
"""The writer of each format, by name. `articles` is the format of article files."""

DRAFT_EXPORTERS: Mapping[str, Callable[[Iterable[Article], Path], int]] = {
    "argilla": partial(write_argilla, drafts=True),
    "doccano": partial(write_doccano, drafts=True),
    "label-studio": partial(write_label_studio, drafts=True),
    "prodigy": partial(write_prodigy, drafts=True),
}
"""The writers of formats in which spans can be drafts: suggestions with scores, for a person to correct."""


def export_articles(articles: Iterable[Article], path: Path, *, to: str, drafts: bool = False) -> int:
    """Writes articles in the format named `to`; returns the number of articles.

    With `drafts`, their spans are written as suggestions, and their entities and death tolls are left out.

    Raises:
        InputError: there is no such format, it has no drafts, or the file cannot be written.
    """
    if to not in EXPORTERS:
        raise InputError(f"no format {to!r} to write; {nearest(to, EXPORTERS)}")
    if drafts and to not in DRAFT_EXPORTERS:
        raise InputError(f"--to {to}: the format knows no drafts; {', '.join(DRAFT_EXPORTERS)} do")
    return (DRAFT_EXPORTERS if drafts else EXPORTERS)[to](articles, path)
