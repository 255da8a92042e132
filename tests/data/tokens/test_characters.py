"""Kinds of characters."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from afteraction.data.tokens import CharacterKind, code_points

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(TEXTS))
def test_each_character_of_the_texts_is_classified_and_asked_about_once(texts: list[str]) -> None:
    asked = Counter[str]()

    def is_upper(character: str) -> bool:
        asked[character] += 1
        return character.isupper()

    kind = CharacterKind(is_upper)
    for text in texts:
        assert kind.among(code_points(text)).tolist() == [character.isupper() for character in text]
    assert asked == Counter(set("".join(texts)))


def test_the_first_and_the_last_code_point_are_classified() -> None:
    kind = CharacterKind(lambda character: character == "\U0010ffff")
    assert kind.among(code_points("\0a\U0010ffff")).tolist() == [False, False, True]
