"""What is a name, by its capitals."""

import re
from collections.abc import Sequence

from afteraction.data.text.lexicon import DETERMINERS, word_list

_DETERMINER = re.compile(rf"(?:{'|'.join(sorted(DETERMINERS))})\s+", re.IGNORECASE)
_ACRONYM = re.compile(r"[^\W\d_]{2,}")
_BREAK = re.compile(r"[\s-]")
_ARABIC_ARTICLE = re.compile(r"^(?:al|wal|ul|el)-")
_SMALL = word_list("small_words_of_names")


def without_determiner(surface: str) -> str:
    """A noun phrase without the determiner at its front: "the Taliban" to "Taliban"."""
    match = _DETERMINER.match(surface)
    return surface[match.end() :] if match else surface


def is_capitalized(word: str) -> bool:
    """Whether a word begins with a capital letter."""
    return word[:1].isupper()


def are_capitalized(words: Sequence[str]) -> bool:
    """Whether all words but small ones ("of", "al") are capitalized, and there is such a word; "al-Islam" is one."""
    telling = [word for word in words if word.casefold() not in _SMALL]
    return bool(telling) and all(
        is_capitalized(word) or is_capitalized(without_arabic_article(word)) for word in telling
    )


def without_arabic_article(word: str) -> str:
    """A word without the Arabic article that a hyphen joins to it: "al-Islam" to "Islam"."""
    return _ARABIC_ARTICLE.sub("", word)


def name_in(surface: str) -> str | None:
    """The name that a noun phrase is, without its determiner; None if it is surely none.

    A name is an acronym, or two and more words, blanks or hyphens between them, that begin with capitals; small words
    ("of", "al") may not.
    """
    name = without_determiner(surface)
    words = _BREAK.split(name)
    if len(words) == 1:
        return name if name.isupper() and _ACRONYM.fullmatch(name) else None
    fits = all(is_capitalized(word) or word in _SMALL for word in words)
    return name if fits and is_capitalized(words[-1]) else None
