import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data.articles.article import PARAGRAPH_BREAK
from afteraction.data.importers.muc4.search import occurrences, occurrences_ignoring_marks, plurals


def surfaces(text: str, ranges: list[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in ranges]


@pytest.mark.parametrize(
    ("text", "string", "found"),
    [
        ("ARMED MEN, ARMED\nMEN", "ARMED MEN", ["ARMED MEN", "ARMED\nMEN"]),
        ("ARMED  \n   MEN", "ARMED MEN", ["ARMED  \n   MEN"]),
        ("ARMED\n\n   MEN", "ARMED MEN", []),
        ("ARMED \n \n MEN", "ARMED MEN", []),
        ("WOMEN MEN MENU", "MEN", ["MEN"]),
        ("U.S. EMBASSY", "U.S. EMBASSY", ["U.S. EMBASSY"]),
        ("THE FRONT [FLN]", "FRONT [FLN]", ["FRONT [FLN]"]),
        ("(FLN)", "FLN", ["FLN"]),
        ("ANYTHING", "  ", []),
    ],
)
def test_a_string_is_found_as_whole_words_through_white_space(text: str, string: str, found: list[str]) -> None:
    assert surfaces(text, occurrences(text, string)) == found


@pytest.mark.parametrize(
    ("text", "string", "found"),
    [
        ('THE "TIGERS" FLED', "THE TIGERS", ['THE "TIGERS']),
        ("THE TIGERS FLED", '"THE TIGERS"', ["THE TIGERS"]),
        ("UNION [UP] HALL", "UNION (UP) HALL", ["UNION [UP] HALL"]),
        ("UNION HALL", "UNION, HALL", []),
        ("UNION", '""', []),
    ],
)
def test_quotes_and_brackets_may_differ(text: str, string: str, found: list[str]) -> None:
    assert surfaces(text, occurrences_ignoring_marks(text, string)) == found


def test_a_plural_is_taken_whole() -> None:
    assert surfaces(
        "TWO OLD PRIESTS. BUSES. PRIESTESS.", plurals("TWO OLD PRIESTS. BUSES. PRIESTESS.", "OLD PRIEST")
    ) == ["OLD PRIESTS"]
    assert surfaces("BUSES", plurals("BUSES", "BUS")) == ["BUSES"]
    assert plurals("PRIESTESS", "PRIEST") == []


@given(st.text(st.sampled_from("AB .[\n\t\u00a0"), max_size=30), st.text(st.sampled_from("AB .["), max_size=6))
def test_what_is_found_is_the_string_but_for_white_space(text: str, string: str) -> None:
    for start, end in occurrences(text, string):
        assert text[start:end].split() == string.split()
        assert not PARAGRAPH_BREAK.search(text[start:end])
