"""What descriptions refer to: "the school", "the attackers", "the dead", and words in a headline."""

from collections.abc import Callable

import pytest

Groups = Callable[[str], str]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[a military police school]T burnt; [the school]T", "1 1"),
        ("[a military police school]T burnt; [a school]T", "1 2"),
        ("[a police school]T, [a village school]T, [the school]T", "1 2 2"),
        ("[two gunmen]P fled. [The attackers]P", "1 1"),
        ("[a gunman]P fled. [The attackers]P", "1 2"),
        ("[a gunman]P fled. [the assailant]P, [the suspect]P", "1 1 1"),
        ("[a gunman]T fled. [the assailant]T", "1 2"),
        ("[Boko Haram]P struck. [The group]P fled.", "1 1"),
        ("[al-Shabaab]P struck. [The group]P fled.", "1 1"),
        ("[Boko Haram]P struck. [A group]P fled.", "1 2"),
        ("[former President Ada Bora]T, [Kela mayor Ben Kibe]T, [the president]T, [The mayor]T", "1 2 1 2"),
        ("[President Bora]T died. [his president]T; [a former president]T", "1 2 3"),
        ("[a convoy of trucks]T, [the convoy]T", "1 1"),
        ("[armed men]P, [the men]P", "1 1"),
        ("[several parties]T, [the parties]T, [the party]T", "1 1 2"),
        ("[a bus]T, [another bus]T, [the bus]T, [another bus]T", "1 2 2 3"),
        ("[a bus]T, [the second bus]T, [the second bus]T", "1 2 2"),
        ("[two bombers]P, [the first bomber]P, [the second bomber]P, [the bombers]P", "1 2 3 1"),
    ],
)
def test_a_definite_phrase_refers_to_what_went_before(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[two gunmen]P, [the three gunmen]P", "1 2"),
        ("[two gunmen]P, [the two gunmen]P, [the gunmen]P", "1 1 1"),
        ("[two masked gunmen]P, [the two gunmen]P", "1 1"),
        ("[two gunmen]P, [the gunman]P", "1 2"),
        ("[12 hostages]T, [The twelve hostages]T, [the 13 hostages]T", "1 1 2"),
    ],
)
def test_counts_that_differ_stay_apart(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[six]D [people]T died; [six]D [traders]T, [two]D [guards]T", "1 2 1 2 3 4"),
        ("[six]D [men]T and [six]D [women]T died. [six]D [people]T", "1 2 1 3 1 2"),
        ("[one]D [man]T died in [Gao]L. [one]D [woman]T", "1 2 3 1 4"),
        ("[six]D [people]T died; [a bus]T burnt; [the dead]T, [victims]T", "1 2 3 2 2"),
        ("[people]T fled. [the dead]T", "1 2"),
        ("[six]D [people]T died, [two]D [children]T among them. [the victims]T, [the dead]T", "1 2 3 4 2 2"),
        ("[one]D [man]T died. [the victim]T, [the victims]T", "1 2 2 3"),
    ],
)
def test_the_dead_are_those_who_are_said_to_have_been_killed(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[Police post]T hit\n\n[A police post]T burnt. [A police post]T too.", "1 1 1"),
        ("[Fish market]T hit\n\n[a crowded market]T burnt.", "1 1"),
        ("[Gunmen]P kill two\n\n[Armed men]P struck. [Masked men]P too.", "1 1 2"),
        ("[Gunmen]P kill two.\n\n[Armed men]P struck.", "1 2"),
        ("[Gunmen]P kill two\n\n[A man]P struck.", "1 2"),
        ("[Two gunmen]P kill two\n\n[Three men]P struck.", "1 2"),
        ("[Fish Market]T Hit\n\n[a crowded market]T burnt.", "1 1"),
        ("[Boko Haram]P Kills Two\n\n[Boko Haram]P struck. [The group]P fled.", "1 1 1"),
    ],
)
def test_a_headline_tells_what_stands_below_it(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[Gunmen]P fled. [The kidnappers]P, [these criminals]P, [a group]P", "1 1 1 2"),
        ("[A militia]P fled. [The gunmen]P, [the man]P, [its fighters]P", "1 1 2 1"),
        ("[A man]P struck. [The suspect]P, [the leader]P, [its leader]P, [his brother]P", "1 1 2 2 3"),
        ("[A man]P struck. [The 27-year-old]P, [the 27-year-old Malian]P, [his 9-year-old]P", "1 1 2 3"),
        ("[Rebels]P struck. [The army]P bombed them. [The rebels]P fled. [The warplanes]P", "1 2 1 3"),
        ("[A man]P struck. Police held [Darren Coutts]P. [Coutts]P, [the attacker]P", "1 1 1 1"),
        ("[Anton Coutts]P and [Darren Ames]P", "1 2"),
        ("[A suicide bomber]P struck. [Boko Haram]P claimed it.", "1 2"),
        ("[The Israeli military]P struck. [Hamas]P fired rockets.", "1 2"),
        ("[Gunmen]P struck. Police held [Darren Coutts]P.", "1 2"),
        ("[Two gunmen]P struck. [The other]P fled. [The others]P", "1 2 3"),
        ("[Mr Coutts]P struck. [Darren Coutts]P, [Ms Coutts]P", "1 1 1"),
        ("[Gunmen]T fled. [The robbers]T", "1 2"),
    ],
)
def test_a_definite_phrase_for_perpetrators_is_the_latest_of_its_number(
    marked: str, expected: str, groups: Groups
) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[a Peruvian photographer]T was abducted. [Jaime Razuri]T and [Razuri]T", "1 1 1"),
        ("[a Peruvian photographer]T was abducted. [Razuri]T", "1 2"),
        ("[his helicopter]T crashed. [Shujaat Dar]T", "1 2"),
        ("[two photographers]T were abducted. [Jaime Razuri]T", "1 2"),
        ("[Ada Bora]T fled. [Jaime Razuri]T", "1 2"),
        ("[a photographer]T and a friend called [Jaime Razuri]T", "1 2"),
    ],
)
def test_a_full_name_of_a_target_is_the_latest_single_person_without_a_name(
    marked: str, expected: str, groups: Groups
) -> None:
    assert groups(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[people]T fled, [people]T", "1 2"),
        ("[a man]T fled, [a man]T", "1 2"),
        ("[a man]T fled, [the man]T", "1 1"),
        ("[a bus]T burnt, [a bus]T", "1 1"),
    ],
)
def test_the_same_words_that_could_mean_anyone_are_not_one(marked: str, expected: str, groups: Groups) -> None:
    assert groups(marked) == expected
