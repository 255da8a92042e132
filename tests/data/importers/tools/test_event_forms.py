import json
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import Article, DataError
from afteraction.data.importers import ImportLog, LabelMap, import_articles, read_events

TEXT = "guerrillas of the red lance hit the depot . two guards died ."


def refuse(error: Exception) -> None:
    raise error


def imported(path: Path, item: Any, log: ImportLog | None = None, **options: Any) -> list[Article]:
    path.write_text(json.dumps([item]))
    log = log or ImportLog()
    raw = read_events(path, log=log, on_error=refuse, **options)
    return list(import_articles(raw, labels=LabelMap(), log=log, on_error=refuse))


def surfaces(article: Article) -> list[tuple[str, str]]:
    return [(span.label, article.surface(span)) for span in article.spans]


EXPECTED = [("Attacker", "guerrillas of the red lance"), ("Target", "the depot"), ("Victim", "two guards")]
TOKENS = TEXT.split()
RAMS = {
    "doc_key": "nw_1",
    "sentences": [TOKENS[:9], TOKENS[9:]],
    "evt_triggers": [[5, 5, [["conflict.attack.n/a", 1.0]]], [11, 11, [["life.die.n/a", 1.0]]]],
    "ent_spans": [[0, 4, [["evt1arg01attacker", 1.0]]], [6, 7, [["evt1arg02target", 1.0]]]],
    "gold_evt_links": [
        [[5, 5], [0, 4], "evt001arg01Attacker"],
        [[5, 5], [6, 7], "evt001arg02Target"],
        [[11, 11], [9, 10], "evt002arg01Victim"],
    ],
}


def offsets(surface: str) -> list[int]:
    return [TEXT.index(surface), TEXT.index(surface) + len(surface)]


MAVEN = {
    "id": "m1",
    "title": "Raid",
    "document": TEXT,
    "entities": [{"id": "e1", "mention": [{"mention": "two guards", "offset": offsets("two guards")}]}],
    "events": [
        {
            "type": "Attack",
            "mention": [{"trigger_word": "hit", "offset": offsets("hit")}],
            "argument": {
                "Attacker": [{"content": EXPECTED[0][1], "offset": offsets(EXPECTED[0][1])}],
                "Target": [{"content": "the depot", "offset": offsets("the depot")}],
            },
        },
        {"type": "Death", "argument": {"Victim": [{"entity_id": "e1"}]}},
    ],
}
ARGUMENTS = [
    {"start": offsets(surface)[0], "end": offsets(surface)[1], "type": role, "text": surface}
    for role, surface in EXPECTED
]
DOCEE = ["Raid", TEXT, "Attack", json.dumps(ARGUMENTS)]
GRIT = {
    "docid": "TST-1",
    "doctext": TEXT,
    "extracts": {
        "Attacker": [[["guerrillas of the red lance", 0]]],
        "Target": [[["the depot", offsets("the depot")[0]]]],
        "Victim": [[["two guards", offsets("two guards")[0]]]],
        "Weapon": [],
    },
}
GTT = {
    "docid": "TST-1",
    "doctext": TEXT,
    "templates": [{"incident_type": "attack", **{role: [[[surface, -1]]] for role, surface in EXPECTED}}],
}


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (RAMS, "nw_1"),
        (MAVEN, "m1"),
        (DOCEE, "x-1"),
        ({"text": TEXT, "event_type": "Attack", "arguments": ARGUMENTS}, "x-1"),
        (GRIT, "TST-1"),
        (GTT, "TST-1"),
    ],
)
def test_the_roles_of_arguments_are_labels_in_every_form(tmp_path: Path, item: Any, name: str) -> None:
    [article] = imported(tmp_path / "x.json", item)
    assert article.id == name
    assert article.text.replace("\n", " ") == TEXT
    assert surfaces(article) == EXPECTED


@pytest.mark.parametrize(("item", "kept"), [(RAMS, "conflict.*"), (MAVEN, "Attack")])
def test_events_of_other_types_are_left_out_and_counted(tmp_path: Path, item: Any, kept: str) -> None:
    log = ImportLog()
    [article] = imported(tmp_path / "x.json", item, log, event_types=[kept])
    assert surfaces(article) == EXPECTED[:2]
    assert log.count("events left out by their type") == 1


def test_the_mentions_of_an_entity_are_one_and_strings_are_looked_for(tmp_path: Path) -> None:
    extracts = {"Attacker": [[["red lance", 3], ["guerrillas", 0]], [["nobody", 5]]]}
    log = ImportLog()
    [article] = imported(tmp_path / "x.json", GRIT | {"extracts": extracts}, log)
    assert surfaces(article) == [("Attacker", "guerrillas"), ("Attacker", "red lance")]
    assert article.spans[0].entity == article.spans[1].entity
    assert log.count("arguments found elsewhere than at their offset") == 1
    assert log.count("arguments left out that are not in the text") == 1


def test_blanks_in_roles_become_low_lines(tmp_path: Path) -> None:
    item = {"text": "Ten died", "arguments": [{"start": 0, "end": 3, "type": "Casualties and Losses"}]}
    [article] = imported(tmp_path / "x.json", item)
    assert surfaces(article) == [("Casualties_and_Losses", "Ten")]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (RAMS | {"gold_evt_links": [[[5, 5], [0, 99], "evt1arg1X"]]}, r"\[0, 99\] is outside the 13 tokens"),
        (RAMS | {"gold_evt_links": [[[5, 5], [0], "evt1arg1X"]]}, "not a valid object of events"),
        (MAVEN | {"entities": []}, "Victim is the entity 'e1', which is not there"),
        ({"text": "x", "arguments": "{"}, "not a valid object of events"),
        (["Raid", TEXT, "Attack", '[{"start": 0, "end": 99, "type": "A"}]'], "is outside the text"),
    ],
)
def test_a_faulty_object_is_named(tmp_path: Path, item: Any, message: str) -> None:
    with pytest.raises(DataError, match=f"x.json: item 1: .*{message}"):
        imported(tmp_path / "x.json", item)
