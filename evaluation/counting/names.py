"""Strings that mean the same: normalised names, and how well an article's list of them is found.

At this level, an article's names under a label are a set: neither where a name stands nor how often counts.
"""

import re
import unicodedata
from functools import lru_cache

from afteraction.data import DEATH_TOLL, Article
from afteraction.evaluation.counting.tally import Cells

NAMES = "names"
"""The level's name."""

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_POSSESSIVE = re.compile(r"['’]s?\s*$")


class _Letters(dict[int, int | None]):
    """For `str.translate`: takes out punctuation and symbols, and learns each character when it first comes."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.category(chr(code))[0] in "PS" else code
        return self[code]


_LETTERS = _Letters()


@lru_cache(maxsize=1 << 16)
def normalise(string: str) -> str:
    """Lower case, without punctuation, symbols and the words a, an, the; runs of white space become one blank.

    The MUC-4 literature does the same to its ASCII texts (Du, Rush and Cardie 2021); punctuation here is Unicode's.
    """
    return " ".join(_ARTICLES.sub(" ", string.lower().translate(_LETTERS)).split())


@lru_cache(maxsize=1 << 16)
def normalise_name(name: str) -> str:
    """As `normalise`, and without accents and a possessive ending; a name of which nothing is left stays as it is."""
    plain = _POSSESSIVE.sub("", name)
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return normalise(plain) or name


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
        if label != DEATH_TOLL:
            names.setdefault(label, set()).add(normalise_name(mention))
    return names
