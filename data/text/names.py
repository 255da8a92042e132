"""Recognises names by their capitals."""

import re
from collections.abc import Sequence

from afteraction.data.text.lexicon import DETERMINERS, word_list

_DETERMINER = re.compile(rf"(?:{'|'.join(sorted(DETERMINERS))})\s+", re.IGNORECASE)
_ACRONYM = re.compile(r"[^\W\d_]{2,}")
_BREAK = re.compile(r"[\s-]")
_ARABIC_ARTICLE = re.compile(r"^(?:al|wal|ul|el)-")
_SMALL = word_list("small_words_of_names")


def without_determiner(surface: str) -> str:
    """Removes the determiner at the front of a noun phrase: "the Taliban" becomes "Taliban"."""
    match = _DETERMINER.match(surface)
    return surface[match.end() :] if match else surface


def is_capitalized(word: str) -> bool:
    """Returns whether a word begins with a capital letter."""
    return word[:1].isupper()


def are_capitalized(words: Sequence[str]) -> bool:
    """Returns whether all words are capitalized, except small words ("of", "al").

    "al-Islam" counts as capitalized. Small words alone are not enough.
    """
    others = [word for word in words if word.casefold() not in _SMALL]
    return bool(others) and all(is_capitalized(word) or is_capitalized(without_arabic_article(word)) for word in others)


def without_arabic_article(word: str) -> str:
    """Removes the Arabic article that a hyphen joins to a word: "al-Islam" becomes "Islam"."""
    return _ARABIC_ARTICLE.sub("", word)


def name_in(surface: str) -> str | None:
    """Returns a noun phrase without its determiner if it is a name, otherwise None.

    A name is an acronym, or two or more capitalized words joined by spaces or hyphens. Small words inside it ("of",
    "al") need not be capitalized.
    """
    name = without_determiner(surface)
    words = _BREAK.split(name)
    if len(words) == 1:
        return name if name.isupper() and _ACRONYM.fullmatch(name) else None
    fits = all(is_capitalized(word) or word in _SMALL for word in words)
    return name if fits and is_capitalized(words[-1]) else None
