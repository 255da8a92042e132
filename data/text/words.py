"""The words of a text, with keys for comparing them regardless of case, accents and plural."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+(?:['’ʼ‘`](?!s\b)(?:[^\W_]|[\u0300-\u036f])+)*")
_APOSTROPHES = re.compile(r"['’ʼ‘`]")
_IRREGULAR = {"men": "man", "children": "child", "people": "person"}
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_LOWER = {ord(letter): letter.lower() for letter in ascii_uppercase}
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: code points `[start, end)`, its surface, and two keys for comparing it.

    `plain` is without case, accents and apostrophes. `key` is also in the singular; see `word_key`.
    """

    start: int
    end: int
    surface: str
    plain: str
    key: str

    @property
    def capital(self) -> bool:
        """Returns whether the word begins with a capital letter."""
        return self.surface[0].isupper()


def fold(text: str) -> str:
    """Removes case and accents from a text."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character)).translate(_PLAIN)


def fold_in_place(text: str) -> str:
    """Removes case and accents from a text where that keeps its length, so that offsets stay valid."""
    return _NOT_ASCII.sub(lambda match: folded if len(folded := fold(match[0])) == 1 else match[0], text).translate(
        _LOWER
    )


def plain_key(surface: str) -> str:
    """Removes case, accents and apostrophes from a word."""
    return _APOSTROPHES.sub("", fold(surface))


def word_key(surface: str) -> str:
    """Returns a word's key for comparing: no case, accents or apostrophes, and the singular.

    A word in capitals may be an acronym, so it is not made singular.
    """
    key = plain_key(surface)
    return key if surface.isupper() else singular(key)


def singular(noun: str) -> str:
    """Returns the singular of a noun in lower case: "men" becomes "man", "bodies" "body". Other nouns are unchanged."""
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if len(noun) < 4:
        return noun
    if noun.endswith("men"):
        return f"{noun[:-3]}man"
    if noun.endswith("ies") and len(noun) > 4:
        return f"{noun[:-3]}y"
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else noun


def split_words(text: str) -> list[Word]:
    """Splits a text into words. A hyphen separates words. An apostrophe does not, except in a possessive."""
    return [
        Word(match.start(), match.end(), match[0], plain_key(match[0]), word_key(match[0]))
        for match in _WORD.finditer(text)
    ]


class KeyIndex:
    """The keys of a text's words, with the positions of each, so that names are found without a scan of the text."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = tuple(keys)
        self._places: dict[str, list[int]] = {}
        for index, key in enumerate(self._keys):
            self._places.setdefault(key, []).append(index)

    def occurrences(self, name: Sequence[str]) -> Iterator[int]:
        """Streams the indices at which the keys of a name occur, in order. Occurrences may overlap."""
        wanted = tuple(name)
        rarest = min(range(len(wanted)), key=lambda index: len(self._places.get(wanted[index], ())), default=0)
        for place in self._places.get(wanted[rarest], ()) if wanted else ():
            start = place - rarest
            if start >= 0 and self._keys[start : start + len(wanted)] == wanted:
                yield start
