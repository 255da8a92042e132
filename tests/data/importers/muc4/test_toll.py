import pytest

from afteraction.data import Toll
from afteraction.data.importers.muc4.keys import Template, parse_keys
from afteraction.data.importers.muc4.toll import article_toll, parse_number, template_toll


def template(*, number: str = "", effect: str = "", name: str = "-", template_number: str = "1") -> Template:
    text = f"""0. MESSAGE: ID DEV-MUC3-0001
1. MESSAGE: TEMPLATE {template_number}
18. HUM TGT: NAME {name}
21. HUM TGT: NUMBER {number}
23. HUM TGT: EFFECT OF INCIDENT {effect}
"""
    [parsed] = parse_keys(text, source="key")
    return parsed


@pytest.mark.parametrize(
    ("text", "toll"),
    [
        ("3", Toll(3, 3)),
        ("6-8", Toll(6, 8)),
        ("6-", Toll(6, None)),
        ("6 -", Toll(6, None)),
        ("-80", Toll(0, 80)),
        ("- 80", Toll(0, 80)),
        ("~35", Toll(35, 35)),
        ("PLURAL", Toll(2, None)),
        ("-", None),
        ("", None),
        ("MANY", None),
    ],
)
def test_a_number_is_a_range(text: str, toll: Toll | None) -> None:
    assert parse_number(text) == toll


@pytest.mark.parametrize(
    ("number", "effect", "toll"),
    [
        ('3: "FARMERS"', 'DEATH: "FARMERS"', Toll(3, 3)),
        ('3: "FARMERS" / "MEN"', 'DEATH: "MEN"', Toll(3, 3)),
        ('3: "FARMERS"\n   2-: "MEN"', 'DEATH: "FARMERS"\n   DEATH: "MEN"', Toll(5, None)),
        ('3: "FARMERS"\n   2-4: "MEN"', 'DEATH: "FARMERS"\n   DEATH: "MEN"', Toll(5, 7)),
        ('3: "FARMERS"\n   2: "MEN"', 'DEATH: "FARMERS"\n   INJURY: "MEN"', Toll(3, 3)),
        ('10 / 10- / PLURAL: "MEN"', 'DEATH: "MEN"', Toll(10, 10)),
        ('PLURAL / - 9: "MEN"', 'DEATH: "MEN"', Toll(2, None)),
        ('-: "MEN"', 'DEATH: "MEN"', Toll(1, None)),
        ("-", 'DEATH: "-"', Toll(1, None)),
        ('4: "MEN"', '? DEATH: "MEN"', Toll(0, 4)),
        ('4: "MEN"', 'INJURY / DEATH: "MEN"', Toll(0, 4)),
        ('PLURAL: "MEN"', '? DEATH: "MEN"', None),
        ('4: "MEN"', 'DEATH: "MEN"\n   INJURY: "MEN"', Toll(1, 4)),
        ('2: "-"', 'DEATH: "-"', Toll(2, 2)),
        ('20: "MEN"\n   ~100: "MEN"', 'DEATH: "MEN"\n   INJURY: "MEN"', Toll(20, 20)),
        ('30: "MEN"\n   16-: "MEN"', 'INJURY: "MEN"\n   DEATH: "MEN"', Toll(16, None)),
        ('3: "MEN"\n   5: "MEN"', 'DEATH: "MEN"\n   DEATH: "MEN"', Toll(8, 8)),
        ('30: "MEN" / "HURT"\n   9: "MEN" / "DEAD"', 'DEATH: "MEN" / "DEAD"\n   INJURY: "MEN" / "HURT"', Toll(9, 9)),
        ('70: "MEN"\n   9: "MEN"\n   3: "MEN"', 'DEATH: "MEN"\n   INJURY: "MEN"', Toll(1, 70)),
        ('4: "MEN"', 'INJURY: "MEN"', None),
        ('4: "MEN"', 'NO INJURY OR DEATH: "MEN"', Toll(0, 0)),
        ("-", 'NO DEATH: "-"', Toll(0, 0)),
        ('4: "MEN"', 'NO DEATH: "MEN"\n   INJURY: "MEN"', None),
        ('4: "MEN"', "-", None),
    ],
)
def test_an_incidents_toll_is_the_sum_over_its_dead(number: str, effect: str, toll: Toll | None) -> None:
    assert template_toll(template(number=number, effect=effect)) == toll


def test_a_named_person_without_a_number_is_one() -> None:
    assert template_toll(template(name='"ANA RUIZ"', effect='DEATH: "ANA RUIZ"')) == Toll(1, 1)


def test_an_articles_toll_is_that_of_its_deadliest_incident_that_surely_counts() -> None:
    small = template(number='2: "MEN"', effect='DEATH: "MEN"')
    large = template(number='9: "MEN"', effect='DEATH: "MEN"')
    optional = template(number='50: "MEN"', effect='DEATH: "MEN"', template_number="3 (OPTIONAL)")
    silent = template()
    assert article_toll([small, silent, large, optional]) == Toll(9, 9)
    assert article_toll([silent, optional]) == Toll(50, 50)
    assert article_toll([silent]) is article_toll([]) is None
