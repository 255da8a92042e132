import pytest

from afteraction.data.incidents import find_groups
from afteraction.data.text import load_aliases

ALIASES = load_aliases()


def found(text: str, name: str) -> list[str]:
    return [text[start:end] for start, end in find_groups(text, name, ALIASES)]


@pytest.mark.parametrize(
    ("text", "name", "phrases"),
    [
        ("The Taliban attacked a post.", "Taliban", ["The Taliban"]),
        ("Three TALIBAN fighters opened fire.", "Taliban", ["Three TALIBAN fighters"]),
        ("An attack claimed by ISIL.", "Islamic State", ["ISIL"]),
        ("The Islamic State of Iraq and the Levant claims it.", "ISIL", ["The Islamic State of Iraq and the Levant"]),
        ("Suspected Tamíl Tigers shot a mayor.", "LTTE", ["Suspected Tamíl Tigers"]),
        ("by the NPA", "New People's Army", ["the NPA"]),
        ("by the Saharan Front for Deliverance (SFD)", "SFD", ["the Saharan Front for Deliverance", "SFD"]),
        (
            "by two suspected members of the Zanate Brigades.",
            "Zanate Brigade",
            ["two suspected members of the Zanate Brigades"],
        ),
        ("a group of Sahel Guard militants fled", "Sahel Guard", ["a group of Sahel Guard militants"]),
        ("blamed on Palestinian militants.", "Palestine militant", ["Palestinian militants"]),
        ("Militants fired at a bus.", "Militants", ["Militants"]),
    ],
)
def test_a_group_is_found_under_its_other_names_as_a_noun_phrase(text: str, name: str, phrases: list[str]) -> None:
    assert found(text, name) == phrases


@pytest.mark.parametrize(
    "text",
    [
        "A Taliban commander was killed.",
        "Police killed three Taliban.",
        "Taliban fighters were killed by the army.",
        "an anti-Taliban militia attacked",
        "Taliban-linked gunmen attacked.",
        "an attack on Taliban positions",
        "soldiers fighting against the Taliban",
        "a stronghold of the Taliban",
        "A Taliban attack followed.",
        "hurt by a Taliban bombing",
        "men described as Taliban fighters",
        "The Taliban's shadow governor fled.",
    ],
)
def test_a_group_that_does_not_act_or_only_describes_is_left_out(text: str) -> None:
    assert found(text, "Taliban") == []


def test_names_of_capitals_are_found_in_capitals_alone() -> None:
    assert found("by ETA", "ETA") == ["ETA"]
    assert found("by eta", "ETA") == []
