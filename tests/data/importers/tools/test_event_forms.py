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


def test_entities_of_two_events_are_one_only_if_they_share_a_mention(tmp_path: Path) -> None:
    first = {"incident_type": "attack", "PerpOrg": [[["ants", 0], ["they", 5]], [["bees", 10]]]}
    second = {"incident_type": "bombing", "PerpOrg": [[["cats", 15]], [["ants", 0], ["it", 20]]]}
    item = {"docid": "a", "doctext": "ants they bees cats it", "templates": [first, second]}
    [article] = imported(tmp_path / "x.json", item)
    assert [span.entity for span in article.spans] == [f"PerpOrg-{number}" for number in (1, 1, 2, 3, 1)]


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


def event_line() -> dict[str, Any]:
    return {
        "doc_id": "d1",
        "wnd_id": "d1-0",
        "text": "Rebels  hit the Cafe\u0301 👍\r\nin 𝔸den",
        "tokens": ["Rebels", "hit", "the", "Cafe\u0301", "👍", "in", "𝔸den"],
        "entity_mentions": [{"id": "m1", "text": "𝔸den", "entity_type": "GPE", "start": 6, "end": 7}],
        "event_mentions": [
            {
                "event_type": "Conflict:Attack",
                "trigger": {"text": "hit", "start": 1, "end": 2},
                "arguments": [
                    {"entity_id": "m0", "role": "Attacker", "text": "Rebels", "start": 0, "end": 1},
                    {"entity_id": "m2", "role": "Target", "text": "the Cafe\u0301", "start": 2, "end": 4},
                    {"entity_id": "m1", "role": "Place"},
                ],
            },
            {"event_type": "Movement:Transport", "arguments": [{"entity_id": "gone", "role": "Artifact"}]},
        ],
    }


def test_the_roles_of_an_events_arguments_become_labels(tmp_path: Path) -> None:
    log = ImportLog()
    [article] = imported(tmp_path / "x.json", event_line(), log, event_types=["Conflict:*"])
    assert (article.id, article.meta) == ("d1-0", {"doc_id": "d1"})
    assert surfaces(article) == [("Attacker", "Rebels"), ("Target", "the Cafe\u0301"), ("Place", "𝔸den")]
    assert log.count("events left out by their type") == 1
    with pytest.raises(DataError, match="Artifact is the entity mention 'gone', which is not there"):
        imported(tmp_path / "x.json", event_line(), log)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tokens": ["Rebels", "it"]}, "token 2, 'it', is not in the text at 6, which continues with '  hit"),
        (
            {"entity_mentions": [{"id": "m1", "text": "x", "start": 6, "end": 8}]},
            r"Place \[6, 8\) is outside the 7 tokens",
        ),
        (
            {"entity_mentions": [{"id": "m1", "text": "x", "start": 5, "end": 6}]},
            "Place .* is 'x' in the file, but .* 'in'",
        ),
        ({"tokens": 3}, "tokens: input should be a valid list"),
    ],
)
def test_a_faulty_event_line_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(event_line() | change) + "\n", encoding="utf-8")
    raw = read_events(path, log=ImportLog(), on_error=refuse, event_types=["Conflict:*"])
    with pytest.raises(DataError, match=f"x.json: line 1: .*{message}"):
        list(import_articles(raw, labels=LabelMap(), log=ImportLog(), on_error=refuse))
