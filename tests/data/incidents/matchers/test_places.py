import pytest

from afteraction.data.incidents import find_places, place_levels
from afteraction.data.text import load_aliases

ALIASES = load_aliases()


def found(text: str, name: str) -> list[str]:
    return [text[start:end] for start, end in find_places(text, name, ALIASES)]


@pytest.mark.parametrize(
    ("text", "name", "places"),
    [
        ("A blast in Kabul, Afghanistan.", "Kabul", ["Kabul"]),
        ("A blast in Kabul, Afghanistan.", "Afghanistan", ["Afghanistan"]),
        ("near the city of SIRNAK", "Şırnak Province", ["SIRNAK"]),
        ("in southern Şırnak province.", "Sirnak", ["Şırnak"]),
        ("in Kyiv when", "Kiev", ["Kyiv"]),
        ("A bomb exploded in Jos. Another followed in Jos.", "Jos", ["Jos", "Jos"]),
        ("in Turkey's south-eastern provinces", "Turkey", ["Turkey"]),
        ("(Gao)", "Gao", ["Gao"]),
        ("in the rural area of the municipality of Jos", "Jos city", ["Jos"]),
        ("in the Gaza Strip, and in the West Bank's north", "Gaza Strip", ["the Gaza Strip"]),
        ("in the Gaza Strip, and in the West Bank's north", "West Bank", ["the West Bank"]),
        ("in the Kunduz province, and in the northern Sahel", "Kunduz", ["Kunduz"]),
        ("in the Kunduz province, and in the northern Sahel", "Sahel", ["Sahel"]),
        ("in The Hague", "The Hague", ["The Hague"]),
    ],
)
def test_a_place_is_found_where_it_is_used_as_one(text: str, name: str, places: list[str]) -> None:
    assert found(text, name) == places


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("at Kabul University", "Kabul"),
        ("A Kabul hotel was hit", "Kabul"),
        ("the Bank of Lebanon", "Lebanon"),
        ("the Islamic State of Iraq", "Iraq"),
        ("an Iraqi village", "Iraq"),
        ("near the Kabul-Kandahar highway", "Kabul"),
        ("near Israel said a minister", "Israel"),
        ("in Puntland's government", "Puntland"),
        ("in New Delhi", "Delhi"),
        ("in the Republic of Ireland", "Ireland"),
        ("in mali", "Mali"),
        ("in the Philippine province", "Philippines"),
        ("the headquarters of the municipality of Jos", "Jos"),
        ("2004 bombings in Iraq: a blast", "Iraq"),
    ],
)
def test_a_name_that_is_no_place_there_is_left_out(text: str, name: str) -> None:
    assert found(text, name) == []


def test_the_levels_of_a_field() -> None:
    assert place_levels("Kabul, Afghanistan", "") == ["Kabul", "Afghanistan"]
    assert place_levels("Afrin and Jarabulus, Syria", "in Afrin") == ["Afrin", "Jarabulus", "Syria"]
    assert place_levels("Jammu and Kashmir, India", "in JAMMU and Kashmir") == ["Jammu and Kashmir", "India"]
    assert place_levels("Kano/Jos (Nigeria)", "") == ["Kano", "Jos", "Nigeria"]
    assert place_levels(" ", "") == []
