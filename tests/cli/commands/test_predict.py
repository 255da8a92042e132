"""What `predict` reads; tests/data/inputs has the readers themselves."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


def test_other_keys_come_out_again_and_a_notice_is_no_failure(command: Command, tmp_path: Path) -> None:
    lines = [{"url": f"u{n}", "title": "Attack", "id": 7, "body": "Gunmen killed ten people in Kano."} for n in (1, 2)]
    file = tmp_path / "archive.ndjson"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    status, out, err = command("predict", "rules", file, "--json", "--title-key", "title")
    articles = [json.loads(line) for line in out.splitlines()]
    assert [(article["id"], article["meta"]["url"]) for article in articles] == [("7", "u1"), ("7", "u2")]
    assert articles[0]["text"] == "Attack\n\nGunmen killed ten people in Kano."
    assert status == 0
    assert err == f"afteraction: {file}: line 2: an earlier article has the id '7' too; both keep it\n"


@pytest.mark.parametrize(("name", "content"), [("a.rtf", r"{\rtf1 Gao}"), ("a.txt", '{"text": "Gao"}')])
def test_input_of_another_form_is_not_labelled(command: Command, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    status, out, err = command("predict", "rules", tmp_path / name, "--json")
    assert (status, out) == (1, "")
    assert err.startswith(f"afteraction: {tmp_path / name}: ")
