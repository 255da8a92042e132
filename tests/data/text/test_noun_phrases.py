import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data.text.noun_phrases import widen


def phrase(marked: str, *, counts: bool = True) -> str:
    """Returns the phrase around the head, which is marked by the tokens `[` and `]`."""
    words = marked.split()
    first, stop = words.index("["), words.index("]") - 1
    tokens = [word for word in words if word not in ("[", "]")]
    left, right = widen(tokens, first, stop, counts=counts)
    return " ".join(tokens[left:right])


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("Then the heavily armed [ men ] fled", "the heavily armed men"),
        ("Then armed [ men ] fled", "armed men"),
        ("He attacked opposition [ supporters ] there", "supporters"),
        ("It fell on opposition [ supporters ] there", "opposition supporters"),
        ("killing six service [ members ] .", "six service members"),
        ("killing 12 young [ hostages ]", "12 young hostages"),
        ("In 1992 [ rebels ] attacked", "rebels"),
        ("On Friday [ gunmen ] fled", "gunmen"),
        ("The blast killed [ soldiers ]", "soldiers"),
        ("the country ’ s [ president ]", "the country ’ s president"),
        ("Escobar ' s drug [ cartel ]", "Escobar ' s drug cartel"),
        ("A 17 - year - old [ refugee ] ran", "A 17 - year - old refugee"),
        ("said President [ Bush ] on", "President Bush"),
        ("and Lt . Gen . [ Sol ] fled", "Lt . Gen . Sol"),
        ("It was May 4 . Men fled . [ Sol ] fled", "Sol"),
        ("since July 4 [ rebels ] fled", "rebels"),
        ("of armed [ Taliban ] fighters in", "armed Taliban fighters"),
        ("by the [ Maduro ] government .", "the Maduro government"),
        ("in [ Jorge ] Eliécer Gaitán square", "Jorge Eliécer Gaitán"),
        ("in [ Port ] - au - Prince , where", "Port - au - Prince"),
        ("the [ U . S ] . said", "the U . S ."),
        ("two [ members ] of the armed forces died", "two members of the armed forces"),
        ("a [ group ] of hired assassins", "a group of hired assassins"),
        ("the [ driver ] of them", "the driver"),
        ("it said that [ civilians ] died", "civilians"),
        ("[ bombers ]", "bombers"),
    ],
)
def test_a_head_is_widened_to_its_phrase(marked: str, expected: str) -> None:
    assert phrase(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("killed at least 12 [ people ]", "people"),
        ("killed six NATO service [ members ]", "NATO service members"),
        ("killed the 12 young [ soldiers ]", "young soldiers"),
        ("killed a 60 - year - old [ woman ]", "a 60 - year - old woman"),
    ],
)
def test_a_count_of_the_dead_is_left_outside(marked: str, expected: str) -> None:
    assert phrase(marked, counts=False) == expected


WORDS = st.sampled_from("the of ’ s - . 12 two armed men Bush killed year old U in and".split())


@given(st.lists(WORDS, min_size=1, max_size=12), st.data(), st.booleans())
def test_the_phrase_contains_the_head_and_lies_inside_the_sentence(
    tokens: list[str], data: st.DataObject, counts: bool
) -> None:
    first = data.draw(st.integers(0, len(tokens) - 1))
    stop = data.draw(st.integers(first + 1, len(tokens)))
    left, right = widen(tokens, first, stop, counts=counts)
    assert 0 <= left <= first < stop <= right <= len(tokens)
