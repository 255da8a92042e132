"""Linking by keys gives the same result as comparing each mention with every earlier entity.

The sieves are implemented here again, as conditions on a mention and an entity, directly from the description in
model/record/sieves.py.
"""

import re
from collections.abc import Callable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.data import DEATH_TOLL, LABELS, LOCATION, PERPETRATOR, Span, Toll
from afteraction.data.text import split_words, without_arabic_article
from afteraction.model import link_entities
from afteraction.model.record import linking, names, sieves
from afteraction.model.record.mentions import DEAD, PERSONS, Mention, read_mentions

Chain = Sequence[Mention]
Form = tuple[str, tuple[str, ...]]
Sieve = Callable[[Mention, Chain], bool]

WORDS = """
    a another the first second two 12 thirteen man men woman gunman gunmen soldiers soldier guard police post group
    its other Boko Haram JNIM ISGS Ali Enrique Lopez Albujar Front Liberation Army members of fighters leader
    attackers dead victims victim al-Islam Jama Nusrat al and Mr General general
    Province Valley Gaza Strip Burma Myanmar 27-year-old army people
""".split()
GAPS = (" ", ", ", ". ", " (", " and ", " known as ", "\n", " killed ")


def same_words(mention: Mention, chain: Chain) -> bool:
    anyone = mention.head in sieves._ANYONE and not mention.definite and not mention.name
    return not anyone and any(mention.words == other.words for other in chain)


def abbreviates(mention: Mention, chain: Chain) -> bool:
    return any(
        short.acronym is not None and short.acronym in long.initials and len(long.words) > 1
        for other in chain
        for short, long in ((mention, other), (other, mention))
    )


def bare_name(mention: Mention) -> tuple[str, ...]:
    words = mention.words if mention.name else mention.described_name
    while len(words) > 1 and words[0] in names._OFFICES:
        words = words[1:]
    return tuple(without_arabic_article(word) for word in words)


def forms(mention: Mention) -> set[Form]:
    name = bare_name(mention)
    fronts = {("front", name[:size]) for size in range(1, len(name) + 1) if mention.name}
    return fronts | {("end", name[-size:]) for size in range(1, len(name) + 1)}


def short_forms(mention: Mention) -> set[Form]:
    return {form for form in forms(mention) if form[1] != bare_name(mention)}


def whole(mention: Mention) -> set[Form]:
    name = bare_name(mention)
    return {("front", name), ("end", name)} if mention.name and len("".join(name)) >= 3 else set()


def shortens(mention: Mention, chain: Chain) -> bool:
    return any(whole(mention) & (short_forms(other) if other.name else forms(other)) for other in chain)


def spells_name_out(mention: Mention, chain: Chain) -> bool:
    return any(is_alike(mention, chain, form) for other in chain for form in whole(other) & forms(mention))


def is_alike(mention: Mention, chain: Chain, form: Form) -> bool:
    """Returns whether the last one who is also called by a short form has a similar name."""
    longer = [other for other in chain if form in short_forms(other)]
    word = -1 if form[0] == "front" else 0
    same_word = longer and bare_name(longer[-1])[word] == bare_name(mention)[word]
    return not longer or bool(same_word and form in short_forms(mention))


def same_place(mention: Mention, chain: Chain) -> bool:
    places = names._aliases().alternatives(" ".join(mention.words))
    return any(bare_place(place) == bare_place(" ".join(other.words)) for place in places for other in chain)


def bare_place(name: str) -> str:
    words = " ".join(word.key for word in split_words(name))
    without_articles = re.sub(r"\b(?:al|el)\b ?", "", words).strip() or words
    return re.sub(rf"(?: (?:{'|'.join(names._REGIONS)}))+$", "", without_articles)


def is_its_members(members: Mention, group: Mention) -> bool:
    if not group.name or members.name or members.number != "many" or members.count:
        return False
    if members.head not in names._MEMBERS:
        return False
    phrase, name = " ".join(members.words), re.escape(" ".join(group.words))
    return bool(re.fullmatch(rf"{name} \S+|\S+ of (?:the )?{name}", phrase))


def either_way(condition: Callable[[Mention, Mention], bool]) -> Sieve:
    return lambda mention, chain: any(condition(mention, other) or condition(other, mention) for other in chain)


def same_kind(mention: Mention, other: Mention) -> bool:
    if mention.head != other.head or (other.name and len(mention.words) != 1):
        return False
    fits = None in (mention.count, other.count) or mention.count == other.count
    return other.name or (mention.plural == other.plural and fits)


def agree(mention: Mention, chain: Chain) -> bool:
    numbers = {other.number for other in chain}
    return not numbers & {"many", "body"} if mention.number == "one" else "one" not in numbers


def refers(mention: Mention) -> bool:
    is_new = mention.head in ("other", "one") or mention.words[:1] in (("first",), ("second",))
    return mention.definite and not mention.name and not is_new


def number_killed(mention: Mention) -> Toll | None:
    return None if mention.killed == Toll(1, 1) or mention.same_killed_before else mention.killed


def killed_alike(mention: Mention, chain: Chain) -> bool:
    number = number_killed(mention)
    return number is not None and any(number == number_killed(other) for other in chain)


def are_all_the_dead(mention: Mention, chain: Chain) -> bool:
    says_so = any(other.killed is not None and other.head in sieves._PEOPLE for other in chain)
    return mention.head in DEAD and mention.number == "many" and says_so


def is_the_dead(mention: Mention, chain: Chain) -> bool:
    says_so = any(other.killed is not None or other.head in DEAD for other in chain)
    return mention.head in DEAD and not mention.name and says_so and agree(mention, chain)


def spells_out(mention: Mention, chain: Chain) -> bool:
    return not mention.name and any(other.clipped and same_kind(mention, other) for other in chain)


def has_title(mention: Mention, chain: Chain) -> bool:
    titles = {before[-1] for other in chain if (before := words_before_name(other))}
    return refers(mention) and not mention.possessive and mention.head_word in titles


def words_before_name(mention: Mention) -> tuple[str, ...]:
    name = bare_name(mention)
    return mention.words[: -len(name)] if name else ()


def same_head(mention: Mention, chain: Chain) -> bool:
    return refers(mention) and any(same_kind(mention, other) for other in chain)


def acts_in_headline(mention: Mention, chain: Chain) -> bool:
    return (
        not (mention.headline or mention.name)
        and all(other.headline for other in chain)
        and any(other.number == mention.number for other in chain)
        and not (mention.count and any(other.count for other in chain))
    )


def is_named(mention: Mention, chain: Chain) -> bool:
    is_listed = re.match(r"\s+(?:and|or)\b", mention.before)
    is_new = names.is_full_name(mention) and not is_listed
    return is_new and all(other.number == "one" and not other.name for other in chain)


def is_named_person(mention: Mention, chain: Chain) -> bool:
    return is_named(mention, chain) and any(other.head in PERSONS for other in chain)


def acts(mention: Mention, chain: Chain) -> bool:
    if not refers(mention) or mention.head in sieves._FORCES:
        return False
    is_actor = mention.head in sieves._ACTORS or mention.head.endswith("-year-old")
    if mention.number == "one" and (mention.possessive or not is_actor):
        return False
    fits = all(None in (mention.count, other.count) or mention.count == other.count for other in chain)
    return agree(mention, chain) and fits


NAMES = (same_words, abbreviates)
SHORT_NAMES = (
    *NAMES,
    lambda mention, chain: shortens(mention, chain) or spells_name_out(mention, chain),
    either_way(is_its_members),
)
DESCRIPTIONS = (is_the_dead, spells_out)
OTHER_DESCRIPTIONS = (killed_alike, are_all_the_dead, *DESCRIPTIONS, is_named_person, has_title, same_head)
SIEVES: dict[str, tuple[tuple[Sieve, ...], tuple[Sieve, ...]]] = {
    DEATH_TOLL: ((lambda mention, chain: mention.value is not None and mention.value == chain[0].value,), ()),
    LOCATION: ((*NAMES, same_place), ()),
    PERPETRATOR: (SHORT_NAMES, (killed_alike, *DESCRIPTIONS, acts_in_headline, is_named, has_title, same_head, acts)),
}


def linked_by_pairs(text: str, spans: Sequence[Span]) -> list[str]:
    """Returns the entity of each span: the last mentioned of those that the first sieve allows."""
    mentions = read_mentions(text, spans)
    chains: list[list[Mention]] = []
    latest_first: list[int] = []
    ids: list[str] = []
    for index, mention in enumerate(mentions):
        previous, following = ([*mentions, None][at] if at >= 0 else None for at in (index - 1, index + 1))
        equated = previous is not None and linking._are_equated(previous, mention, following)
        before, after = SIEVES.get(mention.label, (SHORT_NAMES, OTHER_DESCRIPTIONS))
        equal: Sieve = lambda _, chain: equated and chain[-1] is previous  # noqa: B023, E731
        candidates = [number for number in latest_first if chains[number][0].label == mention.label]
        found = next(
            (number for sieve in (*before, equal, *after) for number in candidates if sieve(mention, chains[number])),
            None,
        )
        if found is None or mention.determiner == "another":
            found = len(chains)
            chains.append([])
        else:
            latest_first.remove(found)
        latest_first.insert(0, found)
        chains[found].append(mention)
        ids.append(f"e{found + 1}")
    return ids


@st.composite
def annotated(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    # Few words and labels, so that mentions repeat.
    words = draw(st.lists(st.sampled_from(WORDS), min_size=2, max_size=8, unique=True))
    labels = draw(st.lists(st.sampled_from(LABELS), min_size=1, max_size=2))
    text, spans = "", []
    for _ in range(draw(st.integers(1, 14))):
        surface = " ".join(draw(st.lists(st.sampled_from(words), min_size=1, max_size=4)))
        text += draw(st.sampled_from(GAPS))
        spans.append(Span(len(text), len(text) + len(surface), draw(st.sampled_from(labels))))
        text += surface
    return text, tuple(spans)


@given(annotated())
@settings(max_examples=300, deadline=None)
def test_linking_by_keys_is_linking_by_pairs(given_text: tuple[str, tuple[Span, ...]]) -> None:
    linked, _ = link_entities(*given_text)
    assert [span.entity for span in linked] == linked_by_pairs(*given_text)
