"""Mentions to entities: which spans of an article mean the same person, group, thing or place.

Rules over surfaces, applied label by label in the order of the text. A mention joins the latest entity that
it may mean, else begins one:

- the same words, whatever the case, determiner, possessive or punctuation, unless they could mean anyone;
- an acronym and the name it abbreviates, or what stands in brackets right after a name;
- a name and its first or last words ("Enrique Lopez Albujar", "Lopez Albujar"), places excepted;
- a definite phrase and an earlier one with the same head ("a military police school", "the school"), or
  with a head that says no more than who acted ("two gunmen", "the attackers"), unless their counts differ.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from afteraction.data import Entity, Span, parse_count

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_ARTICLES = frozenset(("a", "an", "the"))
_DEFINITE = frozenset(("the", "this", "that", "these", "those", "his", "her", "its", "their", "both", "all"))
_DETERMINERS = _ARTICLES | _DEFINITE | {"some", "other", "another", "several"}
_SMALL = frozenset(
    (
        "of",
        "the",
        "for",
        "and",
        "in",
        "on",
        "de",
        "del",
        "la",
        "el",
        "los",
        "las",
        "du",
        "des",
        "y",
        "e",
        "da",
        "do",
        "al",
        "wal",
        "ul",
        "a",
    )
)
_PREPOSITIONS = frozenset(("of", "in", "at", "from", "for", "on", "near", "with", "by", "to"))
_ACTORS = frozenset(
    (
        "attacker",
        "assailant",
        "gunman",
        "perpetrator",
        "raider",
        "assassin",
        "killer",
        "shooter",
        "bomber",
        "suspect",
    )
)
_ANYONE = frozenset(("person", "man", "woman", "child", "boy", "girl", "civilian", "guard", "member"))
_BODIES = frozenset(("group", "organisation", "organization", "movement", "faction", "militia", "cell", "gang"))
_IRREGULAR = {
    "men": "man",
    "women": "woman",
    "children": "child",
    "people": "person",
    "policemen": "policeman",
}
_NO_SHORT_FORMS = frozenset(("LOCATION", "DEATH_TOLL"))
_ARABIC_ARTICLE = re.compile(r"^(?:al|wal|ul|el)-")
_BRACKETED = re.compile(r"\s*[(\[]\s*[\"'“‘]?")


@dataclass(frozen=True)
class _Mention:
    span: Span
    surface: str
    upper: bool
    """Whether the article is all in capitals, so that they tell nothing."""

    @cached_property
    def tokens(self) -> list[str]:
        return [re.sub(r"['’]s?$", "", token) for token in _WORD.findall(self.surface)]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words that tell, in one case: without determiners at the front."""
        words = [token.casefold() for token in self.tokens]
        while len(words) > 1 and words[0] in _DETERMINERS:
            words = words[1:]
        return tuple(words)

    @cached_property
    def definite(self) -> bool:
        return bool(self.tokens) and self.tokens[0].casefold() in _DEFINITE

    @cached_property
    def name(self) -> bool:
        """Whether it is a proper name: all its words but small ones are capitalised, the first determiner aside."""
        return not self.upper and _capitalised(self.tokens[len(self.tokens) - len(self.words) :])

    @cached_property
    def acronym(self) -> str | None:
        letters = re.sub(r"[^\w]", "", "".join(self.tokens[len(self.tokens) - len(self.words) :]))
        if 2 <= len(letters) <= 10 and len(self.words) == 1 and letters.isupper():
            return letters.casefold()
        return None

    @cached_property
    def initials(self) -> frozenset[str]:
        """What its words could be abbreviated to: with and without the small ones, hyphens joining or not."""
        found = set()
        for pattern in (r"[\s]+", r"[\s-]+"):
            parts = [part for part in re.split(pattern, " ".join(self.words)) if part]
            stripped = [_ARABIC_ARTICLE.sub("", part) for part in parts]
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
        word = self.head_word
        if word in _IRREGULAR:
            return _IRREGULAR[word]
        if word.endswith("men"):
            return word[:-3] + "man"
        if word.endswith("ies") and len(word) > 4:
            return word[:-3] + "y"
        return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word

    @cached_property
    def plural(self) -> bool:
        return self.head != self.head_word

    @cached_property
    def count(self) -> str | None:
        """The number it begins with, if any."""
        toll = parse_count(self.words[0]) if len(self.words) > 1 else None
        return str(toll) if toll else None


def link_entities(text: str, spans: Sequence[Span]) -> tuple[tuple[Span, ...], tuple[Entity, ...]]:
    """Groups an article's spans, given in order, to entities.

    Returns:
        the spans, each with its entity's id, and the entities in the order of their first mentions.
    """
    upper = text.isupper()
    groups: list[list[_Mention]] = []
    membership: list[int] = []
    for position, span in enumerate(spans):
        mention = _Mention(span, text[span.start : span.end], upper)
        before = text[spans[position - 1].end : span.start] if position else None
        group = _find_group(mention, groups, bracketed_in=membership[-1] if _in_brackets(before) else None)
        if group is None:
            groups.append([])
            group = len(groups) - 1
        groups[group].append(mention)
        membership.append(group)
    linked = tuple(replace(span, entity=f"e{group + 1}") for span, group in zip(spans, membership, strict=True))
    return linked, tuple(_entity(f"e{index + 1}", group) for index, group in enumerate(groups))


def _find_group(mention: _Mention, groups: list[list[_Mention]], *, bracketed_in: int | None) -> int | None:
    same_label = [index for index, group in enumerate(groups) if group[0].span.label == mention.span.label]
    if mention.span.label == "DEATH_TOLL":
        value = parse_count(mention.surface)
        return next((i for i in same_label if value and parse_count(groups[i][0].surface) == value), None)
    for matches in (_same_words, _abbreviates):
        for index in reversed(same_label):
            if any(matches(mention, other) for other in groups[index]):
                return index
    if bracketed_in in same_label and (mention.acronym or mention.name):
        return bracketed_in
    if mention.span.label in _NO_SHORT_FORMS:
        return None
    for index in reversed(same_label):
        if any(_shortens(mention, other) or _shortens(other, mention) for other in groups[index]):
            return index
    if mention.definite and not mention.name:
        for refers in (_same_head, _says_who_acted):
            for index in reversed(same_label):
                if any(refers(mention, other) for other in groups[index]):
                    return index
    return None


def _same_words(mention: _Mention, other: _Mention) -> bool:
    # "a man ... a man" and "people ... people" are as a rule not the same.
    anyone = mention.head in _ANYONE and not mention.definite and not mention.name
    return mention.words == other.words and not anyone


def _abbreviates(mention: _Mention, other: _Mention) -> bool:
    return (mention.acronym is not None and mention.acronym in other.initials and len(other.words) > 1) or (
        other.acronym is not None and other.acronym in mention.initials and len(mention.words) > 1
    )


def _shortens(short: _Mention, long: _Mention) -> bool:
    size = len(short.words)
    if not (short.name and long.name and 0 < size < len(long.words)) or len("".join(short.words)) < 3:
        return False
    told = long.tokens[len(long.tokens) - len(long.words) :]
    for part, surface in ((long.words[:size], told[:size]), (long.words[-size:], told[-size:])):
        if part == short.words and _capitalised(surface):
            return True
    return False


def _capitalised(tokens: Sequence[str]) -> bool:
    """Whether some words are not small, and those are all capitalised: "al-Islam" is."""
    telling = [token for token in tokens if token.casefold() not in _SMALL]
    return bool(telling) and all(token[0].isupper() or _ARABIC_ARTICLE.sub("", token)[0].isupper() for token in telling)


def _same_head(mention: _Mention, other: _Mention) -> bool:
    return (
        not other.name
        and mention.head == other.head
        and mention.plural == other.plural
        and (mention.count is None or other.count is None or mention.count == other.count)
    ) or (other.name and mention.head == other.head and len(mention.words) == 1)


def _says_who_acted(mention: _Mention, other: _Mention) -> bool:
    if mention.span.label != "PERPETRATOR" or len(mention.words) > 1:
        return False
    if mention.head in _ACTORS:
        return other.head in _ACTORS and mention.plural == other.plural
    return mention.head in _BODIES and other.name


def _in_brackets(before: str | None) -> bool:
    return before is not None and bool(_BRACKETED.fullmatch(before))


def _entity(identity: str, group: list[_Mention]) -> Entity:
    best = max(group, key=lambda mention: (mention.name, mention.acronym is None, len(mention.words)))
    mentions = tuple(dict.fromkeys(mention.surface for mention in group))
    score = max(mention.span.score or 0.0 for mention in group)
    return Entity(id=identity, label=best.span.label, name=best.surface, mentions=mentions, score=score)
