import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


def test_two_systems_are_compared_at_every_level(command: Command, articles_file: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.jsonl"
    assert command("predict", "rules", articles_file, "--output", rules)[0] == 0
    status, out, err = command("compare", articles_file, rules, articles_file, "--json")
    assert (status, err) == (0, "")
    record = json.loads(out)
    assert (record["first"], record["second"], record["articles"]) == (str(rules), str(articles_file), 4)
    strict = record["differences"][0]
    assert (strict["level"], strict["average"], strict["second"]) == ("strict", "micro", 1)
    assert strict["difference"] == pytest.approx(1 - strict["first"])
    assert 0 < strict["p"] <= 1
    status, out, err = command("compare", articles_file, rules, articles_file)
    assert (status, err) == (0, "")
    rows = [
        line.split() for line in out.splitlines() if line.strip().startswith(("spans", "entities", "names", "death"))
    ]
    assert len(rows) == len(record["differences"])
    assert all(row[-2] == "–" for row in rows)  # four articles are too few for an interval
    status, out, _ = command("compare", "bundled:dev", "bundled:dev", "bundled:dev")
    assert (status, out.count("+0.000 to +0.000")) == (0, len(rows))
    assert rows[0][:3] == ["spans,", "strict,", "micro"]


def test_runs_have_a_mean_and_a_deviation(command: Command, articles_file: Path) -> None:
    status, out, err = command("spread", articles_file, articles_file, articles_file, "--json")
    assert (status, err) == (0, "")
    strict = json.loads(out)["scores"][0]
    assert (strict["mean"], strict["deviation"], strict["runs"]) == (1, 0, [1, 1])
    status, out, err = command("spread", articles_file, articles_file, articles_file)
    assert (status, err) == (0, "")
    assert "entities, CEAF-REE strict, macro" in out


def test_one_run_is_no_spread(command: Command, articles_file: Path) -> None:
    status, out, err = command("spread", articles_file, articles_file)
    assert (status, out) == (2, "")
    assert err.startswith("afteraction: ")
    assert err.count("\n") == 1
    assert "two runs" in err


def test_predictions_of_other_articles_are_refused(command: Command, articles_file: Path) -> None:
    status, out, err = command("compare", "bundled:dev", articles_file, articles_file)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert f"'first' of {articles_file} is not in bundled:dev" in err


def test_all_mentions_of_entities_are_scored_if_asked_for(command: Command, articles_file: Path) -> None:
    arguments = ("evaluate", articles_file, "--predictions", articles_file, "--json")
    forms = [json.loads(command(*arguments, *option)[1])["entity_form"] for option in ((), ("--entities", "mentions"))]
    assert forms == ["name", "mentions"]
