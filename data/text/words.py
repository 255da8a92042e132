"""The words and sentences of a text, compared by keys that leave out case, accents and plural."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+(?:['’ʼ‘`](?!s\b)(?:[^\W_]|[\u0300-\u036f])+)*")
_APOSTROPHES = re.compile(r"['’ʼ‘`]")
_SENTENCE_END = re.compile(
    r"(?<!\b[A-Z]\.)(?<!\bMr\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bLt\.)(?<!\bNo\.)(?<!\bMrs\.)(?<!\bCol\.)(?<!\bGen\.)"
    r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])|\n+"
)
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
    if len(key) < 4 or surface.isupper():
        return key
    if key.endswith("men"):
        return f"{key[:-3]}man"
    if key.endswith("ies") and len(key) > 4:
        return f"{key[:-3]}y"
    return key[:-1] if key.endswith("s") and not key.endswith(("ss", "us", "is")) else key


def split_words(text: str) -> list[Word]:
    """A text's words; a hyphen parts two words, an apostrophe does not, except a possessive's."""
    return [
        Word(match.start(), match.end(), match[0], plain_key(match[0]), word_key(match[0]))
        for match in _WORD.finditer(text)
    ]


def sentence_starts(text: str) -> list[int]:
    """Where each sentence of a text begins, 0 included."""
    return [0, *(match.end() for match in _SENTENCE_END.finditer(text) if match.end() < len(text))]


def occurrences(keys: Sequence[str], name: Sequence[str]) -> Iterator[int]:
    """Where a sequence of keys begins within another; occurrences may overlap."""
    wanted = list(name)
    for place in range(len(keys) - len(wanted) + 1 if wanted else 0):
        if list(keys[place : place + len(wanted)]) == wanted:
            yield place
