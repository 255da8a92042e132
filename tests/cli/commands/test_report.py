import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from afteraction.__main__ import run
from afteraction.data import Article, Span, write_articles
from afteraction.model.card import DataFile, TrainingRecord, write_training_record


@pytest.fixture
def predictions(tmp_path: Path, articles: list[Article]) -> Path:
    """Returns a file of predictions: the gold spans, except in the first article, which has none."""
    path = tmp_path / "predictions.jsonl"
    scored = [
        a.with_fields(spans=tuple(Span(s.start, s.end, s.label, score=0.75) for s in a.spans)) for a in articles[1:]
    ]
    write_articles([Article(articles[0].id, articles[0].text), *scored], path)
    return path


def test_evaluate_writes_a_report(
    articles_file: Path, predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "report"
    command = ["evaluate", str(articles_file), "--predictions", str(predictions), "--report", str(folder)]
    assert run(command) == 0
    assert capsys.readouterr().err == f"afteraction: the report is {folder / 'report.html'}\n"
    record = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert record["articles"] == 4
    assert record["baseline"]["system"] == "rules"
    assert record["provenance"]["annotated articles, SHA-256"] == sha256(articles_file.read_bytes()).hexdigest()
    assert record["provenance"]["predicted articles, SHA-256"] == sha256(predictions.read_bytes()).hexdigest()
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.count("<article ") == 4
    assert sha256(predictions.read_bytes()).hexdigest() in page
    assert (folder / "report.md").read_text(encoding="utf-8").startswith("# ")


def test_a_report_of_a_model_names_its_files(articles_file: Path, model_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    assert run(["evaluate", str(articles_file), "--model", str(model_folder), "--report", str(folder)]) == 0
    sources = json.loads((folder / "report.json").read_text(encoding="utf-8"))["provenance"]
    weights = sha256((model_folder / "model.safetensors").read_bytes()).hexdigest()
    assert sources["model, model.safetensors, SHA-256"] == weights
    assert {"model, afteraction.json, SHA-256", "model, tokenizer.json, SHA-256", "afteraction"} <= set(sources)


@pytest.mark.parametrize("card", [None, "Reworded by hand.", ""])
def test_a_report_says_that_the_model_knows_the_articles_whatever_its_card_says(
    articles_file: Path, model_folder: Path, tmp_path: Path, training_record: TrainingRecord, card: str | None
) -> None:
    model = shutil.copytree(model_folder, tmp_path / "model")
    checksum = sha256(articles_file.read_bytes()).hexdigest()
    known = DataFile(name="bundled:dev", roles=("development",), sha256=checksum)
    write_training_record(model, training_record.model_copy(update={"data": (known,)}))
    if card is not None:
        (model / "README.md").write_text(card, encoding="utf-8")
    folder = tmp_path / "report"
    assert run(["evaluate", str(articles_file), "--model", str(model), "--report", str(folder)]) == 0
    sources = json.loads((folder / "report.json").read_text(encoding="utf-8"))["provenance"]
    assert sources["model, trained at commit"] == "4a1b"
    assert sources["model, trained with"] == "torch 2.9"
    assert sources["the model knows the annotated articles"] == "used in its development; expect less on others"
    assert "4a1b" in (folder / "report.html").read_text(encoding="utf-8")


def test_a_damaged_training_record_is_named(
    articles_file: Path, model_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = shutil.copytree(model_folder, tmp_path / "model")
    (model / "training.json").write_text("{", encoding="utf-8")
    assert run(["evaluate", str(articles_file), "--model", str(model)]) == 2
    assert str(model / "training.json") in capsys.readouterr().err


def test_slices_by_what_is_asked_for(
    articles: list[Article], predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold, training = tmp_path / "gold.jsonl", tmp_path / "training.jsonl"
    write_articles([a.with_fields(meta={"desk": str(n % 2)}) for n, a in enumerate(articles)], gold)
    write_articles(articles[:1], training)
    command = ["evaluate", str(gold), "--predictions", str(predictions), "--json"]
    assert run([*command, "--slice-by", "desk", "--training", str(training)]) == 0
    slices = json.loads(capsys.readouterr().out)["slices"]
    assert [one["value"] for one in slices if one["dimension"] == "meta desk"] == ["0", "1"]
    names = {one["value"]: one["row"]["support"] for one in slices if one["dimension"] == "name"}
    assert names == {"seen in training": 3, "not seen in training": 4, "no name": 9}


@pytest.mark.parametrize(("known", "hint"), [("desk", "did you mean 'desk'?"), (None, "their meta is empty")])
def test_a_field_that_no_article_has_is_refused(
    articles: list[Article],
    predictions: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    known: str | None,
    hint: str,
) -> None:
    gold = tmp_path / "gold.jsonl"
    write_articles([a.with_fields(meta={known: "1"} if known else {}) for a in articles], gold)
    assert run(["evaluate", str(gold), "--predictions", str(predictions), "--slice-by", "dask"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert all(part in error for part in ("--slice-by dask", str(gold), hint))


def test_a_folder_that_cannot_be_made_is_said(
    articles_file: Path, predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "report"
    assert run(["evaluate", str(articles_file), "--predictions", str(predictions), "--report", str(folder)]) == 2
    out, error = capsys.readouterr()
    assert (out, error.count("\n")) == ("", 1)
    assert error.startswith(f"afteraction: {folder}: ")


def test_a_table_tells_what_is_no_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, predicted = tmp_path / "gold.jsonl", tmp_path / "predicted.jsonl"
    write_articles([Article("a", "Gao", (Span(0, 3, "LOCATION"),))], gold)
    write_articles([Article("a", "Gao")], predicted)
    assert run(["evaluate", str(gold), "--predictions", str(predicted)]) == 0
    out = capsys.readouterr().out
    lines = [line.split() for line in out.splitlines()]
    assert ["LOCATION", "–", "0.000", "0.000", "–", "1", "0"] in lines
    assert "1 article. " in out
    assert "no intervals for fewer than 5 articles." in out
