"""Normalised names, and how well the names in an article are found.

At this level, the names of an article and label are a set. Their positions and frequencies do not count.
"""

import re
import unicodedata
from functools import lru_cache

from afteraction.data import DEATH_TOLL, Article
from afteraction.data.text import render
from afteraction.evaluation.counting.tally import Cells

NAMES = "names"
"""The level's name."""

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_POSSESSIVE = re.compile(r"['’]s?\s*$")


# Names repeat within articles, between articles and between levels, so the cache answers nearly every call.
@lru_cache(maxsize=1 << 16)
def normalise(string: str) -> str:
    """Lowercases a string and removes punctuation, symbols and the words a, an, the. White space becomes one space.

    The MUC-4 literature does the same to its ASCII texts (Du, Rush and Cardie 2021). Here, punctuation and symbols
    are the Unicode categories P and S. Invisible characters are removed too.
    """
    letters = "".join(letter for letter in render(string).text.lower() if unicodedata.category(letter)[0] not in "PS")
    return " ".join(_ARTICLES.sub(" ", letters).split())


@lru_cache(maxsize=1 << 16)
def normalise_name(name: str) -> str:
    """Normalises a name and also removes accents and a possessive ending.

    A name that would become empty is returned unchanged.
    """
    plain = _POSSESSIVE.sub("", name)
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return normalise(plain) or name


def count_names(gold: Article, predicted: Article) -> Cells:
    """Counts an article's different names, by label. Phrases for the death toll are not names."""
    gold_names, predicted_names = _names(gold), _names(predicted)
    cells = {}
    for label in gold_names.keys() | predicted_names.keys():
        of_gold, of_predicted = gold_names.get(label, set()), predicted_names.get(label, set())
        cells[label] = (len(of_gold & of_predicted), len(of_predicted), len(of_gold))
    return {NAMES: cells}


def _names(article: Article) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    mentions = (
        [(entity.label, mention) for entity in article.entities for mention in entity.mentions or (entity.name,)]
        if article.entities
        else [(span.label, article.surface(span)) for span in article.spans]
    )
    for label, mention in mentions:
        if label != DEATH_TOLL:
            names.setdefault(label, set()).add(normalise_name(mention))
    return names
