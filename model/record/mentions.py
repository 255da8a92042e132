"""Reads single mentions: whether one is a name, its head, its number, and the text right before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Literal

from afteraction.data import DEATH_TOLL, Span, Toll, parse_count
from afteraction.data.text import (
    DETERMINERS,
    are_capitalized,
    render,
    singular,
    without_arabic_article,
    word_list,
    word_set,
)

Number = Literal["one", "many", "body"]
"""One person or thing, several, or a body of several, such as "the group"."""

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_INSIDE_A_SENTENCE = re.compile(rf"(?:(?<=\w\s)|(?<=,\s))({_WORD.pattern})")
_BEFORE_A_SENTENCE = re.compile(r"(?:^|[.!?:\n]|[\"'“‘”’(\[])\s*$")
_RIGHT_AFTER_A_TOLL = re.compile(r"\s*(?:of\s+)?")
SENTENCE_END = re.compile(r"[.;\n]")
_APOSTROPHES = str.maketrans("’ʼ‘`´", "'" * 5)
_LONGEST_HEADLINE = 200
"""In characters. A longer first line is a paragraph."""

_POSSESSIVES = word_list("possessives")
_DEFINITE = _POSSESSIVES | word_list("demonstratives") | word_set("the both all")
_DETERMINERS = DETERMINERS | word_set("other several")
_AT_FRONT = _DETERMINERS | word_list("titles")
_SMALL = word_list("small_words_of_names")
_PREPOSITIONS = word_set("of in at from for on near with by to")
_BODIES = word_list("bodies")
DEAD = word_set("dead deceased victim fatality")
"""Head nouns that mean that people died."""

PERSONS = word_list("persons") | word_list("offices") | frozenset(map(singular, word_list("attackers")))
"""Head nouns that mean one person."""

_PLURALS_WITHOUT_S = word_set("dead five four injured personnel police three troops two wounded")


@dataclass(frozen=True)
class Mention:
    """A span, with the text and context needed to interpret it, all from the rendered text."""

    span: Span
    surface: str
    before: str
    """The text between the previous span, whatever its label, and this one."""
    killed: Toll | None
    """The number killed, if a toll comes right before the mention; otherwise None."""
    same_killed_before: bool
    """Whether earlier mentions in the sentence have the same number killed: "six men and six women"."""
    capitals_mark_names: bool
    """False if capital letters do not indicate a name here."""
    headline: bool
    """Whether the mention is in the article's headline."""

    @property
    def label(self) -> str:
        """Returns the span's label."""
        return self.span.label

    @cached_property
    def tokens(self) -> list[str]:
        """Returns its words as they are written, with plain apostrophes and without possessive endings."""
        return [re.sub(r"'s?$", "", token) for token in _WORD.findall(self.surface.translate(_APOSTROPHES))]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Returns its words in lower case, without determiners and titles at the front."""
        words = [token.casefold() for token in self.tokens]
        first = next((index for index, word in enumerate(words) if word not in _AT_FRONT), len(words) - 1)
        return tuple(words[max(first, 0) :])

    @cached_property
    def cased_words(self) -> list[str]:
        """Returns the same words as `words`, as they are written."""
        return self.tokens[len(self.tokens) - len(self.words) :]

    @cached_property
    def determiner(self) -> str:
        """Returns the first word if it is a determiner; otherwise the empty string."""
        first = self.tokens[0].casefold() if self.tokens else ""
        return first if first in _DETERMINERS else ""

    @property
    def definite(self) -> bool:
        """Returns whether its determiner is definite: "the", "these", "its"."""
        return self.determiner in _DEFINITE

    @property
    def possessive(self) -> bool:
        """Returns whether its determiner is possessive: "its", "his"."""
        return self.determiner in _POSSESSIVES

    @cached_property
    def name(self) -> bool:
        """Returns whether it is a proper name: all words are capitalised, except a determiner and small words."""
        return self.capitals_mark_names and are_capitalized(self.cased_words)

    @cached_property
    def described_name(self) -> tuple[str, ...]:
        """Returns the name at the end of a description: "Ada Bora" of "leader Ada Bora".

        Empty if the mention is a name or does not end in one.
        """
        if self.name or not self.capitals_mark_names or _PREPOSITIONS & set(self.words):
            return ()
        size = sum(1 for _ in takewhile(lambda word: are_capitalized([word]), reversed(self.cased_words)))
        return self.words[len(self.words) - size :]

    @cached_property
    def acronym(self) -> str | None:
        """Returns its letters in lower case if it is one word in capitals; otherwise None."""
        letters = re.sub(r"[^\w]", "", "".join(self.cased_words))
        if 2 <= len(letters) <= 10 and len(self.words) == 1 and letters.isupper():
            return letters.casefold()
        return None

    @cached_property
    def initials(self) -> frozenset[str]:
        """Returns the possible acronyms of a name: with and without small words, hyphens separating words or not.

        Empty if the mention is no name: "US" does not abbreviate "unidentified soldiers".
        """
        if self.capitals_mark_names and not self.name:
            return frozenset()
        found = set()
        for pattern in (r"[\s]+", r"[\s-]+"):
            parts = [part for part in re.split(pattern, " ".join(self.words)) if part]
            stripped = [without_arabic_article(part) for part in parts]
            found.add("".join(part[0] for part in parts))
            found.add("".join(part[0] for part in stripped if part not in _SMALL))
        return frozenset(found)

    @cached_property
    def head_word(self) -> str:
        """Returns the last word before the first preposition, in lower case."""
        end = next((i for i, word in enumerate(self.words) if i and word in _PREPOSITIONS), None)
        return (self.words[:end] or ("",))[-1]

    @cached_property
    def head(self) -> str:
        """Returns the head word in the singular."""
        return singular(self.head_word)

    @cached_property
    def plural(self) -> bool:
        """Returns whether the head word is plural in form."""
        return self.head != self.head_word or self.head_word in _PLURALS_WITHOUT_S

    @cached_property
    def number(self) -> Number | None:
        """Returns its number; None for a name that does not show it, such as that of a person."""
        if not self.name:
            return "many" if self.plural else "body" if self.head in _BODIES else "one"
        if self.acronym or self.head in _BODIES or self.determiner == "the":
            return "body"
        return "many" if "and" in self.words else None

    @cached_property
    def count(self) -> str | None:
        """Returns the number that the mention begins with; None if there is none."""
        toll = parse_count(self.words[0]) if len(self.words) > 1 else None
        return str(toll) if toll else None

    @cached_property
    def value(self) -> Toll | None:
        """Returns the number if the whole mention is one; otherwise None."""
        return parse_count(self.surface)

    @property
    def clipped(self) -> bool:
        """Returns whether it is one person or thing without a determiner, as in headlines: "police post"."""
        return not self.name and self.number == "one" and not self.determiner and self.count is None


def read_mentions(text: str, spans: Sequence[Span]) -> list[Mention]:
    """Returns the mentions of an article's spans, which must be given in order."""
    rendered = render(text)
    text, spans = rendered.text, rendered.spans_from_given(spans)
    in_capitals = text.isupper()
    below = headline_end(text)
    inside = frozenset(_INSIDE_A_SENTENCE.findall(text, below))
    mentions: list[Mention] = []
    killed_here: set[Toll] = set()
    for span in spans:
        previous = mentions[-1] if mentions else None
        before = text[previous.span.end if previous else 0 : span.start]
        after_toll = previous and previous.label == DEATH_TOLL and _RIGHT_AFTER_A_TOLL.fullmatch(before)
        killed = previous.value if previous and after_toll else None
        if SENTENCE_END.search(before):
            killed_here.clear()
        surface = text[span.start : span.end]
        headline = span.end <= below
        begins = bool(_BEFORE_A_SENTENCE.search(text[max(span.start - 4, 0) : span.start]))
        mentions.append(
            Mention(
                span=span,
                surface=surface,
                before=before,
                killed=killed,
                same_killed_before=killed in killed_here,
                capitals_mark_names=not (
                    in_capitals
                    or (begins and _is_common_word(surface, inside))
                    or (headline and _is_common_below(surface, inside))
                ),
                headline=headline,
            )
        )
        if killed is not None:
            killed_here.add(killed)
    return mentions


def _is_common_word(surface: str, inside: frozenset[str]) -> bool:
    """Returns whether a word is capitalised only because it begins a sentence, such as "Gunmen".

    `inside` holds the words inside sentences below the headline, as they are written. A word that is capitalised there
    is a name.
    """
    if not _WORD.fullmatch(surface) or surface in inside:
        return False
    return surface.endswith(("s", "men", "people")) or surface.lower() in inside


def _is_common_below(surface: str, inside: frozenset[str]) -> bool:
    """Returns whether the last word of a phrase in a headline is capitalised only there, as in "Rebel Fighters"."""
    last = next(reversed(_WORD.findall(surface)), "")
    return last not in inside and last.casefold() in inside


def headline_end(text: str) -> int:
    """Returns the end of the headline, a first line that is not a sentence; 0 if there is none."""
    line, _, rest = text.partition("\n")
    return len(line) if rest.strip() and len(line) < _LONGEST_HEADLINE and not line.rstrip().endswith(".") else 0
