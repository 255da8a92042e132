import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import parse_count
from afteraction.data.incidents import count_people


def counted(text: str, kind: str) -> list[str]:
    return [text[count.start : count.end] for count in count_people(text) if count.kind == kind]


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("At least 4 killed and 10 injured.", ["At least 4"]),
        ("A bomb killed 3 workers and injured 10 more.", ["3"]),
        ("Two people were killed and seven others kidnapped.", ["Two"]),
        ("The crash killed 38 passengers and all nine crew members.", ["38", "nine"]),
        ("Four soldiers and two civilians were killed.", ["Four", "two"]),
        ("killing 12, including 8 children, and wounding another 25", ["12"]),
        ("The blast left five dead and 20 wounded.", ["five"]),
        ("The death toll rose to 31 on Monday.", ["31"]),
        ("More than two dozen people died.", ["More than two dozen"]),
        ("Between 30 and 40 villagers lost their lives.", ["Between 30 and 40"]),
        ("A bomber killed himself and six others.", ["six"]),
        ("4 were killed and wounded 3 others.", ["4"]),
        ("The attack claimed the lives of 1,200 people.", ["1,200"]),
        ("Five people were shot dead.", ["Five"]),
        ("Dozens of people were massacred.", ["Dozens of"]),
        ("Many were killed, and numerous others injured.", ["Many"]),
        ("Three civilians and as many soldiers were killed.", ["Three"]),
        ("An unknown number of people died.", ["An unknown number of"]),
        ("20 were killed or wounded.", []),
        ("The shelling killed or wounded 20.", []),
        ("Three attackers were killed.", []),
        ("Police killed 12 militants.", []),
        ("Two gunmen killed a guard.", []),
        ("Five people were shot.", []),
        ("In 2004 a man was killed.", []),
        ("On 3 May 2021, 4 soldiers were killed.", ["4"]),
        ("On May 3, four soldiers were killed.", ["four"]),
        ("On 3 and 4 May, seven people were killed.", ["seven"]),
        ("In May 12 people were killed, and 12 may have died since.", ["12", "12"]),
        ("Two car bombs killed nine; three hours later, a soldier was killed.", ["nine"]),
        ("10 km from Kano, ten soldiers were killed.", ["ten"]),
        ("Two village guards and 12 United States soldiers were killed.", ["Two", "12"]),
        ("A 12-year-old was killed at 3.15.", []),
        ("Ten hostages were taken. Nobody was killed.", []),
        ("No one was killed, and no\none was hurt. Not one soldier died.", []),
        ("In Fresno one man was killed, and no more than 12 died elsewhere.", ["one", "no more than 12"]),
    ],
)
def test_the_counts_of_the_dead(text: str, dead: list[str]) -> None:
    assert counted(text, "dead") == dead


@pytest.mark.parametrize(
    ("text", "hurt"),
    [
        ("At least 4 killed and 10 injured.", ["10"]),
        ("The bomb wounded 13 and killed 2.", ["13"]),
        ("Nine people were kidnapped.", ["Nine"]),
        ("There were 23 injuries.", ["23"]),
        ("Three attackers were killed.", []),
    ],
)
def test_the_counts_of_the_hurt(text: str, hurt: list[str]) -> None:
    assert counted(text, "hurt") == hurt


PIECES = (
    "12",
    "three",
    "people",
    "were",
    "killed",
    "wounded",
    "and",
    ",",
    ".",
    "in",
    "Kano",
    "leaving",
    "dead",
    "é",
    "ß",
)


@given(st.lists(st.sampled_from(PIECES)).map(" ".join) | st.text())
def test_counts_are_in_order_within_the_text_and_mean_what_they_say(text: str) -> None:
    end = 0
    for count in count_people(text):
        assert end <= count.start < count.end <= len(text)
        assert parse_count(text[count.start : count.end]) == count.toll
        end = count.end
