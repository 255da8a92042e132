"""Strings that mean the same: normalised names, and how well an article's list of them is found.

At this level, an article's names under a label are a set: neither where a name stands nor how often counts.
"""

import re
import unicodedata
from functools import lru_cache

from afteraction.data import Article
from afteraction.evaluation.pairs import TOLL_LABEL
from afteraction.evaluation.tally import Cells

NAMES = "names"
"""The level's name."""

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_POSSESSIVE = re.compile(r"['’]s?\s*$")


@lru_cache(maxsize=1 << 16)
def normalise(string: str) -> str:
    """Lower case, without punctuation, symbols and the words a, an, the; runs of white space become one blank.

    The MUC-4 literature does the same to its ASCII texts (Du, Rush and Cardie 2021); punctuation here is Unicode's.
    """
    kept = "".join(letter for letter in string.lower() if unicodedata.category(letter)[0] not in "PS")
    return " ".join(_ARTICLES.sub(" ", kept).split())


@lru_cache(maxsize=1 << 16)
def normalise_name(name: str) -> str:
    """As `normalise`, and without accents and a possessive ending; a name of which nothing is left stays as it is."""
    plain = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", name))
    return normalise("".join(letter for letter in plain if not unicodedata.combining(letter))) or name


def count_names(gold: Article, predicted: Article) -> Cells:
    """Counts an article's different names, by label; those that word a death toll are no names."""
    annotated, labelled = _names(gold), _names(predicted)
    cells = {}
    for label in annotated.keys() | labelled.keys():
        known, found = annotated.get(label, set()), labelled.get(label, set())
        cells[label] = (len(known & found), len(found), len(known))
    return {NAMES: cells}


def _names(article: Article) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    mentions = (
        [(entity.label, mention) for entity in article.entities for mention in entity.mentions]
        if article.entities
        else [(span.label, article.surface(span)) for span in article.spans]
    )
    for label, mention in mentions:
        if label != TOLL_LABEL:
            names.setdefault(label, set()).add(normalise_name(mention))
    return names
