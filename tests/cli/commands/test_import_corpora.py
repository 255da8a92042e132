import json
from pathlib import Path

import pytest

from afteraction.__main__ import run
from afteraction.data import read_articles

KEY = """0.  MESSAGE: ID                     TST3-MUC4-0001
1.  MESSAGE: TEMPLATE               1
10. PERP: ORGANIZATION ID           "NORTHERN TIGERS" / "NT"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that a part of the archive was unpacked to."""
    part = tmp_path / "muc34" / "tst3"
    part.mkdir(parents=True)
    (part / "tst3-muc4").write_text("TST3-MUC4-0001\n\n   GAO, 3 JAN 90 -- [TEXT] THE NORTHERN TIGERS FLED.\n")
    (part / "key-tst3.v2").write_text(KEY)
    return tmp_path / "muc34"


@pytest.mark.parametrize(("view", "label"), [("labels", "PERPETRATOR"), ("roles", "PerpOrg")])
def test_muc4_writes_the_parts_that_are_there_and_says_what_it_found(
    folder: Path, view: str, label: str, capfd: pytest.CaptureFixture[str]
) -> None:
    output = folder.parent / "out"
    assert run(["data", "import", "muc4", str(folder), "--output", str(output), "--view", view]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert "strings of the keys found in the text: 1 of 2 (50.0%)" in err
    assert "TST1: 0 of 100 articles are in the archive; NIST publishes it" in err
    assert [path.name for path in output.iterdir()] == ["test.jsonl"]
    [article] = read_articles(output / "test.jsonl")
    assert [(span.label, article.surface(span)) for span in article.spans] == [(label, "NORTHERN TIGERS")]


def test_a_missing_archive_is_one_line_and_the_exit_status_two(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["data", "import", "muc4", str(tmp_path / "muc34.tar.gz")]) == 2
    [line] = capfd.readouterr().err.splitlines()
    assert "muc34.tar.gz: no such file; NIST publishes it" in line


def test_wikievents_leaves_out_a_faulty_line_and_exits_with_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    event = {
        "event_type": "Life.Die",
        "trigger": {"text": "killed"},
        "arguments": [{"role": "Killer", "text": "gunmen"}],
    }
    good = {
        "docid": "a1",
        "tokens": ["Two", "gunmen", "killed", "him", "."],
        "sentences": [],
        "event_mentions": [event],
    }
    source, output = tmp_path / "source.jsonl", tmp_path / "out.jsonl"
    source.write_text(f"{json.dumps(good)}\n{json.dumps(good | {'tokens': 3})}\n")
    assert run(["data", "import", "wikievents", str(source), "--output", str(output)]) == 1
    assert "line 2: tokens: " in capfd.readouterr().err
    [article] = read_articles(output)
    assert [article.surface(span) for span in article.spans] == ["Two gunmen"]
