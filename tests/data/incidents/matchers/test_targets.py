import pytest

from afteraction.data.incidents import find_targets
from afteraction.data.text import load_aliases

ALIASES = load_aliases()


def found(text: str, name: str) -> list[str]:
    return [text[start:end] for start, end in find_targets(text, name, ALIASES)]


@pytest.mark.parametrize(
    ("text", "name", "targets"),
    [
        ("Gunmen killed at least two policemen.", "Policeman", ["policemen"]),
        ("an attack on a school in Jos", "Schools", ["a school"]),
        ("The Malian army was ambushed; rebels attacked the army.", "Army", ["The Malian army", "the army"]),
        ("Three soldiers were killed.", "soldiers", ["soldiers"]),
        ("a bomb targeting the NPA", "New People's Army", ["the NPA"]),
    ],
)
def test_a_target_is_found_where_something_is_done_to_it(text: str, name: str, targets: list[str]) -> None:
    assert found(text, name) == targets


@pytest.mark.parametrize(
    "text",
    ["Police said so.", "A bomb hit a police station.", "The police attacked a camp.", "killing a police-backed guard"],
)
def test_a_name_that_acts_or_only_describes_is_no_target(text: str) -> None:
    assert found(text, "Police") == []
