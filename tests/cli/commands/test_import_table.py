import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from afteraction.__main__ import run
from afteraction.data import Toll, read_articles

TABLE = """id,notes,actor,admin1,country,killed
e1,The Black Banner killed 12 people near Jos in Nigeria.[1],Islamic State (suspected),Jos,Nigeria,12 (+1)
e2,A market burnt down.,Unknown,Gao,Mali,3
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_a_table_becomes_articles(table: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    output, aliases = tmp_path / "out.jsonl", tmp_path / "mine.yaml"
    aliases.write_text("names:\n  - [Islamic State, Black Banner]\n", encoding="utf-8")
    command = ["data", "import", "table", str(table), "--text", "notes", "--perpetrator", "actor", "--deaths", "killed"]
    command += ["--location", "admin1", "--location", "country", "--id", "id", "--output", str(output)]
    assert run([*command, "--aliases", str(aliases)]) == 0
    assert capfd.readouterr().out.splitlines() == [
        f"rows: 2; without text: 0; with the text of an earlier row: 0; kept in {output}: 1",
        "perpetrator: found in the text of 1 of the 1 rows that have it",
        "location: found in the text of 1 of the 2 rows that have it",
        "deaths: found in the text of 1 of the 2 rows that have it",
    ]
    [article] = read_articles(output)
    assert article.id == "e1"
    assert [article.surface(span) for span in article.spans] == ["The Black Banner", "12", "Jos", "Nigeria"]
    assert article.death_toll == Toll(12, 12)
    assert run([*command, "--threshold", "1", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["kept"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--text", "notes"], "name at least one column"),
        (["--text", "note", "--deaths", "killed"], "no column 'note'; did you mean 'notes'?"),
        (["--text", "notes", "--deaths", "killed", "--threshold", "2"], "threshold"),
        (["--text", "notes", "--deaths", "killed", "--aliases", "none.yaml"], "none.yaml: cannot be read"),
    ],
)
def test_wrong_arguments_are_one_line_and_status_2(
    arguments: list[str], message: str, table: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.jsonl"
    assert run(["data", "import", "table", str(table), "--output", str(output), *arguments]) == 2
    error = capfd.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not output.exists()


def test_a_preset_names_the_columns(command: Callable[..., Any], tmp_path: Path) -> None:
    table, output = tmp_path / "acled.csv", tmp_path / "out.jsonl"
    table.write_text("event_id_cnty,notes,actor1,fatalities\nML1,JNIM: rebels killed 3 near Gao.,JNIM: The Front,3\n")
    outcome = command("data", "import", "table", table, "--preset", "acled", "--output", output)
    assert outcome.status == 0
    assert [article.id for article in read_articles(output)] == ["ML1"]
    outcome = command("data", "import", "table", table, "--output", output)
    assert (outcome.status, "--text" in outcome.err) == (2, True)
