import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import DataError
from afteraction.data.importers.muc4.keys import Filler, Slot, Template, parse_filler, parse_keys

KEY = r"""
;;; checked by hand

0.  MESSAGE: ID                     DEV-MUC3-0001 (SOMEONE)
1.  MESSAGE: TEMPLATE               1
2.  INCIDENT: DATE                  - 03 JAN 90
3.  INCIDENT: LOCATION              NORTHLAND: HIGH VALLEY (DEPARTMENT): OAK FORD (TOWN)
9.  PERP: INDIVIDUAL ID             "GUNMEN" / "ARMED MEN"
                                    ? "YOUTHS"
;;; a comment within
10. PERP: ORGANIZATION ID           -
12. PHYS TGT: ID                    "\"LA ROSA\" MILL" / "MILL"
18. HUM TGT: NAME                   "ANA RUIZ"
19. HUM TGT: DESCRIPTION            "MAYOR" / "MAYOR OF OAK FORD": "ANA RUIZ"
                                    "FARMERS"
21. HUM TGT: NUMBER                 1: "ANA RUIZ"
                                    3: "FARMERS"
23. HUM TGT: EFFECT OF INCIDENT     DEATH: "ANA RUIZ"
                                    -: "FARMERS"

0.  MESSAGE: ID                     DEV-MUC3-0001 (SOMEONE)
1.  MESSAGE: TEMPLATE               2 (OPTIONAL)
9.  PERP: INDIVIDUAL ID             *
0.  MESSAGE: ID                     DEV-MUC3-0002 (SOMEONE
1.  MESSAGE: TEMPLATE                *
3.  INCIDENT: LOCATION              *
"""


def read(text: str) -> list[Template]:
    return list(parse_keys(text, source="key-dev-0001"))


def only(text: str, slot: Slot) -> tuple[Filler, ...]:
    [template] = read(f"0. MESSAGE: ID DEV-MUC3-0001\n{text}\n")
    return template.fillers(slot)


def test_templates_are_read_with_their_article_and_number() -> None:
    templates = read(KEY)
    assert [(template.article, template.number, template.optional) for template in templates] == [
        ("DEV-MUC3-0001", "1", False),
        ("DEV-MUC3-0001", "2 (OPTIONAL)", True),
        ("DEV-MUC3-0002", "*", False),
    ]


def test_a_slot_has_one_entry_per_line_with_alternatives_references_and_doubt() -> None:
    first, second, _ = read(KEY)
    assert first.fillers(Slot.INDIVIDUAL) == (Filler(("GUNMEN", "ARMED MEN")), Filler(("YOUTHS",), doubtful=True))
    assert first.fillers(Slot.OBJECT) == (Filler(('"LA ROSA" MILL', "MILL")),)
    assert first.fillers(Slot.DESCRIPTION) == (
        Filler(("MAYOR", "MAYOR OF OAK FORD"), ("ANA RUIZ",)),
        Filler(("FARMERS",)),
    )
    assert first.fillers(Slot.EFFECT) == (Filler(("DEATH",), ("ANA RUIZ",)),)
    assert first.fillers(Slot.ORGANIZATION) == second.fillers(Slot.INDIVIDUAL) == second.fillers(Slot.NAME) == ()


@pytest.mark.parametrize(
    ("entry", "filler"),
    [
        ('"A"/"B"', Filler(("A", "B"))),
        ('?"A" /"B"', Filler(("A", "B"), doubtful=True)),
        ('? ("A" / "B"): "C"', Filler(("A", "B"), ("C",), doubtful=True)),
        ('"A":"B"/"C"', Filler(("A",), ("B", "C"))),
        ("ARMED MEN", Filler(("ARMED MEN",))),
        ("FRONT [FLN] / FLN", Filler(("FRONT [FLN]", "FLN"))),
        ('BOMBS"', Filler(("BOMBS",))),
        ('MILL: ""OAK MILL"', Filler(("MILL",), ("OAK MILL",))),
        ('INJURY: "16 OTHERS / "OTHERS"', Filler(("INJURY",), ("16 OTHERS", "OTHERS"))),
        ('"A / B: C?" / "D"', Filler(("A / B: C?", "D"))),
        ('-: "A"', Filler((), ("A",))),
        ("*   ", Filler(())),
        ("", Filler(())),
    ],
)
def test_an_entry_is_read_as_it_is_meant(entry: str, filler: Filler) -> None:
    assert parse_filler(entry) == filler


@given(st.lists(st.text(st.sampled_from('AB ?/:()[]\\"-*;'), min_size=1).filter(lambda s: s == s.strip()), min_size=1))
def test_what_is_quoted_comes_back_whatever_it_holds(strings: list[str]) -> None:
    quoted = ['"' + string.replace("\\", "\\\\").replace('"', '\\"') + '"' for string in strings]
    expected = tuple(string for string in strings if string not in ("*", "-"))
    assert parse_filler(" / ".join(quoted)).alternatives == expected


@pytest.mark.parametrize(
    "lines",
    [
        '9.PERP: INDIVIDUAL ID "GUNMEN"',
        'PERP: INDIVIDUAL ID             "GUNMEN"',
        '9.  PERP:  INDIVIDUAL  ID"GUNMEN"',
        '9.  PERP: INDIVIDUAL ID\n          "GUNMEN"',
        '9.  PERP: INDIVIDUAL ID   "GUNMEN"  \t\r',
        '   ; a comment\n9.  PERP: INDIVIDUAL ID   "GUNMEN"\n ; another',
    ],
)
def test_missing_and_other_blanks_change_nothing(lines: str) -> None:
    assert only(lines, Slot.INDIVIDUAL) == (Filler(("GUNMEN",)),)


@pytest.mark.parametrize(
    "lines",
    ['"ARMED MEN" /\n   "GUNMEN"', '"ARMED MEN"\n   / "GUNMEN"', '"ARMED\n   MEN" / "GUNMEN"'],
)
def test_an_entry_may_go_on_in_the_next_line(lines: str) -> None:
    assert only(f"9.  PERP: INDIVIDUAL ID   {lines}", Slot.INDIVIDUAL) == (Filler(("ARMED MEN", "GUNMEN")),)


def test_a_slip_in_one_line_leaves_the_next_alone() -> None:
    lines = '6.  INCIDENT: INSTRUMENT ID   "ROCKETS"\n   RIFLES"\n   "BOMBS"'
    assert [filler.alternatives for filler in only(lines, Slot.WEAPON)] == [("ROCKETS",), ("RIFLES",), ("BOMBS",)]


@pytest.mark.parametrize(
    ("location", "names"),
    [
        ("NORTHLAND", ["NORTHLAND"]),
        ("? NORTHLAND", ["NORTHLAND"]),
        ("NORTHLAND: HIGH VALLEY (DEPARTMENT): OAK FORD (TOWN)", ["NORTHLAND", "HIGH VALLEY", "OAK FORD"]),
        ("NORTHLAND: OAK FORD (CITY / DEPARTMENT)", ["NORTHLAND", "OAK FORD"]),
        ("(NORTHLAND: OAK FORD (CITY)) / (NORTHLAND)", ["NORTHLAND", "OAK FORD"]),
        ("NORTHLAND: OAK FORD (CITY) - ASH HILL (TOWN)", ["NORTHLAND", "OAK FORD", "ASH HILL"]),
        ("NORTHLAND/SOUTHLAND", ["NORTHLAND", "SOUTHLAND"]),
        ("NORTHLAND: ST. ANN-ON-SEA (TOWN)", ["NORTHLAND", "ST. ANN-ON-SEA"]),
        ("-", []),
        ("*", []),
    ],
)
def test_places_are_the_names_without_their_kinds(location: str, names: list[str]) -> None:
    [template] = read(f"0. MESSAGE: ID DEV-MUC3-0001\n3.  INCIDENT: LOCATION   {location}\n")
    assert list(template.places()) == names


def test_a_template_without_an_articles_id_is_refused_with_file_and_line() -> None:
    with pytest.raises(DataError, match=r"^key-dev-0001: line 2: .* not an article id"):
        read("\n0.  MESSAGE: ID    NOBODY\n")
