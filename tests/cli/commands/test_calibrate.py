import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from afteraction.data import LABELS, Article, Span, write_articles
from afteraction.data.files import sha256
from afteraction.evaluation.tuning import calibrate_model
from afteraction.model import SETTINGS_FILE, ModelSettings, Tagger
from afteraction.model.card import TrainingRecord, write_training_record

Command = Callable[..., Any]


@pytest.fixture
def folder(model_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_folder, tmp_path / "model"))


@pytest.fixture
def half_right(folder: Path, articles: list[Article], tmp_path: Path) -> Path:
    """Returns a file of articles whose annotation is every other span that the model finds."""
    path = tmp_path / "dev.jsonl"
    predicted = Tagger.load(folder).predict(article for article in articles if article.id != "none")
    write_articles(
        (
            Article(article.id, article.text, tuple(Span(s.start, s.end, s.label) for s in article.spans[::2]))
            for article in predicted
        ),
        path,
    )
    return path


def test_temperature_and_thresholds_are_saved_and_prediction_honours_them(
    command: Command, folder: Path, half_right: Path
) -> None:
    status, out, err = command("calibrate", folder, half_right, "--json")
    assert (status, err) == (0, "")
    record = json.loads(out)
    assert record == json.loads((folder / "calibration.json").read_text())
    assert (record["sha256"], record["goal"], record["articles"]) == (sha256(half_right), "the best F1", 3)
    settings = ModelSettings.model_validate_json((folder / SETTINGS_FILE).read_bytes())
    assert (settings.temperature, settings.thresholds) == (record["temperature"], record["thresholds"])
    status, out, _ = command("evaluate", half_right, "--model", folder, "--json")
    strict = json.loads(out)["mentions"]["strict"]["micro"]
    assert strict["f1"] == pytest.approx(record["scores_fitted"]["micro"]["f1"])


def test_the_card_tells_of_the_last_calibration(
    command: Command, folder: Path, half_right: Path, training_record: TrainingRecord
) -> None:
    write_training_record(folder, training_record)
    card = folder / "README.md"
    before = card.read_text(encoding="utf-8")
    for option, goal in (((), "the best F1"), (("--min-recall", "0.5"), "a recall of at least 0.5")):
        assert command("calibrate", folder, half_right, *option)[0] == 0
        text = card.read_text(encoding="utf-8")
        added = text[text.index("## Calibration") : text.index("## Data")]
        assert text.replace(added, "") == before
        record = json.loads((folder / "calibration.json").read_text())
        assert f"fitted for {goal}." in added
        assert record["sha256"] in added
        assert f"Temperature {record['temperature']:.3f}" in added
        assert f"on these articles {record['scores_after']['micro']['f1']:.3f} (" in added
    told = command("evaluate", half_right, "--model", folder).out
    assert "used in the model's calibration" in told


def test_a_card_that_somebody_has_edited_stays(
    command: Command, folder: Path, half_right: Path, training_record: TrainingRecord
) -> None:
    write_training_record(folder, training_record)
    (folder / "README.md").write_text("My model.\n", encoding="utf-8")
    assert command("calibrate", folder, half_right).status == 0
    assert (folder / "README.md").read_text(encoding="utf-8") == "My model.\n"
    assert "used in the model's calibration" in command("evaluate", half_right, "--model", folder).out


def test_calibrating_from_python_leaves_what_the_command_leaves(
    command: Command, folder: Path, half_right: Path, training_record: TrainingRecord, tmp_path: Path
) -> None:
    write_training_record(folder, training_record)
    other = shutil.copytree(folder, tmp_path / "other")
    command("calibrate", folder, half_right)
    calibrate_model(other, str(half_right))
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert files == {path.name: path.read_bytes() for path in other.iterdir()}


def test_a_table_says_what_changed(command: Command, folder: Path, half_right: Path) -> None:
    status, out, _ = command("calibrate", folder, half_right, "--min-recall", "0.5")
    assert status == 0
    assert out.startswith(f"{folder} on {half_right}, for a recall of at least 0.5\n")
    assert all(label in out for label in LABELS)
    assert "Temperature 1.000, new " in out
    assert "3 articles. New figures are cross-validated" in out
    assert "(–; " in out  # too few articles for an interval
    assert not re.search(r"\d to \d", out)
    command("calibrate", folder, half_right, "--min-precision", "0.6")
    assert json.loads((folder / "calibration.json").read_text())["goal"] == "a precision of at least 0.6"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "{gold} --min-precision 0.8 --min-recall 0.8",
            "give only one of --min-precision, --min-recall and --same-spans",
        ),
        ("{gold} --min-precision 80", "Invalid value for '--min-precision'"),
        ("nowhere.jsonl", "nowhere.jsonl: no such file"),
    ],
)
def test_wrong_input_leaves_the_model_as_it_is(
    command: Command, folder: Path, half_right: Path, arguments: str, message: str
) -> None:
    before = (folder / SETTINGS_FILE).read_bytes()
    status, out, err = command("calibrate", folder, *arguments.format(gold=half_right).split())
    assert (status, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert (folder / SETTINGS_FILE).read_bytes() == before
    assert not (folder / "calibration.json").exists()


def test_rules_are_named_where_a_model_is(command: Command, half_right: Path, tmp_path: Path) -> None:
    story = tmp_path / "story.txt"
    story.write_text("Gunmen killed at least 12 people in a bomb attack near Kano.", encoding="utf-8")
    status, out, err = command("predict", "rules", story, "--json")
    assert (status, err) == (0, "")
    assert {"Gunmen", "at least 12", "Kano"} <= {
        mention for entity in json.loads(out)["entities"] for mention in entity["mentions"]
    }
    assert "0.00" not in command("predict", "rules", story)[1]
    status, out, _ = command("evaluate", half_right, "--model", "rules", "--json")
    assert status == 0
    assert json.loads(out)["system"] == "rules"
