"""The words of a text, compared by keys that leave out case, accents and plural."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+(?:['’ʼ‘`](?!s\b)(?:[^\W_]|[\u0300-\u036f])+)*")
_APOSTROPHES = re.compile(r"['’ʼ‘`]")
_IRREGULAR = {"men": "man", "children": "child", "people": "person"}
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: code points `[start, end)`, its surface, and two keys to compare it by.

    `plain` leaves out case, accents and apostrophes, `key` the plural too.
    """

    start: int
    end: int
    surface: str
    plain: str
    key: str

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.surface[0].isupper()


def fold(text: str) -> str:
    """A text without its case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character)).translate(_PLAIN)


def plain_key(surface: str) -> str:
    """A word without case, accents and apostrophes."""
    return _APOSTROPHES.sub("", fold(surface))


def word_key(surface: str) -> str:
    """What a word is compared by: no case, accents or apostrophes, and its singular unless it is all capitals."""
    key = plain_key(surface)
    return key if surface.isupper() else singular(key)


def singular(noun: str) -> str:
    """The singular of a noun in lower case: "men" to "man", "bodies" to "body". Other nouns stay as they are."""
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
    """A text's words; a hyphen parts two words, an apostrophe does not, except a possessive's."""
    return [
        Word(match.start(), match.end(), match[0], plain_key(match[0]), word_key(match[0]))
        for match in _WORD.finditer(text)
    ]


def occurrences(keys: Sequence[str], name: Sequence[str]) -> Iterator[int]:
    """Where a sequence of keys begins within another; occurrences may overlap."""
    wanted = list(name)
    for place in range(len(keys) - len(wanted) + 1 if wanted else 0):
        if list(keys[place : place + len(wanted)]) == wanted:
            yield place
