"""What a mention tells by itself: whether it is a name, its head, its number, and what stands right before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from afteraction.data import DEATH_TOLL, Span, Toll, parse_count
from afteraction.data.text import DETERMINERS, are_capitalized, singular, without_arabic_article, word_list, word_set

Number = Literal["one", "many", "body"]
"""One person or thing; several; or several as one, as "the group" is."""

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_INSIDE_A_SENTENCE = re.compile(rf"(?:(?<=\w\s)|(?<=,\s))({_WORD.pattern})")
_BEFORE_A_SENTENCE = re.compile(r"(?:^|[.!?:\n]|[\"'“‘”’(\[])\s*$")
_RIGHT_AFTER_A_TOLL = re.compile(r"\s*(?:of\s+)?")
_LONGEST_HEADLINE = 200

_POSSESSIVES = word_list("possessives")
_DEFINITE = _POSSESSIVES | word_list("demonstratives") | word_set("the both all")
_DETERMINERS = DETERMINERS | word_set("other several")
_TITLES = word_list("titles")
_SMALL = word_list("small_words_of_names")
_PREPOSITIONS = word_set("of in at from for on near with by to")
_BODIES = word_list("bodies")
_PLURALS_WITHOUT_S = word_set("dead five four injured personnel police three troops two wounded")


@dataclass(frozen=True)
class Mention:
    """A span with what it takes to read it.

    `before` is the text since the span before it, of whatever label. `killed` is how many, where a toll stands right
    before the mention. `capitals_tell` is False where capitals are no sign of a name, `headline` True where the
    mention stands in the article's headline.
    """

    span: Span
    surface: str
    before: str
    killed: Toll | None
    capitals_tell: bool
    headline: bool

    @property
    def label(self) -> str:
        """The span's label."""
        return self.span.label

    @cached_property
    def tokens(self) -> list[str]:
        """Its words as they stand, without possessive endings."""
        return [re.sub(r"['’]s?$", "", token) for token in _WORD.findall(self.surface)]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words that tell, in one case: without determiners and titles at the front."""
        words = [token.casefold() for token in self.tokens]
        while len(words) > 1 and words[0] in _DETERMINERS | _TITLES:
            words = words[1:]
        return tuple(words)

    @cached_property
    def telling(self) -> list[str]:
        """The same as `words`, as they stand."""
        return self.tokens[len(self.tokens) - len(self.words) :]

    @cached_property
    def determiner(self) -> str:
        """The first word if it is a determiner, else nothing."""
        first = self.tokens[0].casefold() if self.tokens else ""
        return first if first in _DETERMINERS else ""

    @property
    def definite(self) -> bool:
        """Whether it speaks of what the reader knows: "the", "these", "its"."""
        return self.determiner in _DEFINITE

    @property
    def possessive(self) -> bool:
        """Whether it belongs to someone: "its", "his"."""
        return self.determiner in _POSSESSIVES

    @cached_property
    def name(self) -> bool:
        """Whether it is a proper name: all its words but small ones are capitalised, the first determiner aside."""
        return self.capitals_tell and are_capitalized(self.telling)

    @cached_property
    def acronym(self) -> str | None:
        """Its letters in one case, if it is one word in capitals."""
        letters = re.sub(r"[^\w]", "", "".join(self.telling))
        if 2 <= len(letters) <= 10 and len(self.words) == 1 and letters.isupper():
            return letters.casefold()
        return None

    @cached_property
    def initials(self) -> frozenset[str]:
        """What its words could be abbreviated to: with and without the small ones, hyphens joining or not."""
        found = set()
        for pattern in (r"[\s]+", r"[\s-]+"):
            parts = [part for part in re.split(pattern, " ".join(self.words)) if part]
            stripped = [without_arabic_article(part) for part in parts]
            found.add("".join(part[0] for part in parts))
            found.add("".join(part[0] for part in stripped if part not in _SMALL))
        return frozenset(found)

    @cached_property
    def head_word(self) -> str:
        """The last word before any preposition, as it stands."""
        end = next((place for place, word in enumerate(self.words) if place and word in _PREPOSITIONS), None)
        return (self.words[:end] or ("",))[-1]

    @cached_property
    def head(self) -> str:
        """The head word in the singular."""
        return singular(self.head_word)

    @cached_property
    def plural(self) -> bool:
        """Whether the head word is a plural, by its form."""
        return self.head != self.head_word or self.head_word in _PLURALS_WITHOUT_S

    @cached_property
    def number(self) -> Number | None:
        """None for a name that does not tell, as that of a person."""
        if not self.name:
            return "many" if self.plural else "body" if self.head in _BODIES else "one"
        if self.acronym or self.head in _BODIES or self.determiner == "the":
            return "body"
        return "many" if "and" in self.words else None

    @cached_property
    def count(self) -> str | None:
        """The number it begins with, if any."""
        toll = parse_count(self.words[0]) if len(self.words) > 1 else None
        return str(toll) if toll else None

    @cached_property
    def value(self) -> Toll | None:
        """The number that it is, if it is one."""
        return parse_count(self.surface)

    @property
    def clipped(self) -> bool:
        """Whether it is one person or thing without any determiner, as headlines have it: "police post"."""
        return not self.name and self.number == "one" and not self.determiner and self.count is None


def read_mentions(text: str, spans: Sequence[Span]) -> list[Mention]:
    """The mentions of an article's spans, which are given in order."""
    in_capitals = text.isupper()
    inside = frozenset(_INSIDE_A_SENTENCE.findall(text))
    headline_end = _headline_end(text)
    mentions: list[Mention] = []
    for span in spans:
        previous = mentions[-1] if mentions else None
        before = text[previous.span.end if previous else 0 : span.start]
        after_toll = previous and previous.label == DEATH_TOLL and _RIGHT_AFTER_A_TOLL.fullmatch(before)
        surface = text[span.start : span.end]
        begins = bool(_BEFORE_A_SENTENCE.search(text[max(span.start - 4, 0) : span.start]))
        mentions.append(
            Mention(
                span=span,
                surface=surface,
                before=before,
                killed=previous.value if previous and after_toll else None,
                capitals_tell=not in_capitals and not (begins and _is_common_word(surface, inside)),
                headline=span.end <= headline_end,
            )
        )
    return mentions


def _is_common_word(surface: str, inside: frozenset[str]) -> bool:
    """Whether a single word, capitalised since it begins its sentence, is no name: "Gunmen".

    `inside` are the words that stand inside sentences, where a capital is a name's.
    """
    if not _WORD.fullmatch(surface) or surface in inside:
        return False
    return surface.endswith(("s", "men", "people")) or surface.lower() in inside


def _headline_end(text: str) -> int:
    """Where the headline ends, a first line that is no sentence; 0 without one."""
    line, _, rest = text.partition("\n")
    return len(line) if rest.strip() and len(line) < _LONGEST_HEADLINE and not line.rstrip().endswith(".") else 0
