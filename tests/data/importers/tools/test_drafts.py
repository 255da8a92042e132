import json
from pathlib import Path

import pytest

from afteraction.data import Article, Entity, InputError, Span, Toll
from afteraction.data.importers import (
    ImportLog,
    LabelMap,
    export_articles,
    import_articles,
    read_argilla,
    read_doccano,
    read_label_studio,
    read_prodigy,
)

TEXT = "Rebels hit Gao."
DRAFT = Article(
    "a",
    TEXT,
    (Span(0, 6, "P", "e1", 0.75), Span(11, 14, "L", "e2", 0.5)),
    Toll(2, 2),
    (Entity("e1", "P", "Rebels", ("Rebels",), 0.75),),
    {"source": "Post"},
)


def refuse(error: Exception) -> None:
    raise error


def written(path: Path, to: str) -> str:
    assert export_articles([DRAFT], path, to=to, drafts=True) == 1
    content = path.read_text(encoding="utf-8")
    assert "death_toll" not in content
    assert "e1" not in content
    return content


def test_label_studio_gets_predictions_with_scores(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    [task] = json.loads(written(path, "label-studio"))
    [prediction] = task["predictions"]
    assert "annotations" not in task
    assert prediction["score"] == 0.5
    assert [region["score"] for region in prediction["result"]] == [0.75, 0.5]
    log = ImportLog()
    assert list(read_label_studio(path, log=log, on_error=refuse)) == []


def test_argilla_gets_suggestions_with_scores_which_are_no_answers(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    [record] = json.loads(written(path, "argilla"))
    assert record["suggestions"]["spans"]["score"] == [0.75, 0.5]
    assert list(read_argilla(path, log=ImportLog(), on_error=refuse, suggestions=False)) == []
    assert len(list(read_argilla(path, log=ImportLog(), on_error=refuse))) == 1


@pytest.mark.parametrize(("to", "read"), [("doccano", read_doccano), ("prodigy", read_prodigy)])
def test_tools_without_suggestions_get_spans_and_show_the_scores(tmp_path: Path, to: str, read: object) -> None:
    path = tmp_path / "x.jsonl"
    line = json.loads(written(path, to))
    shown = line["meta"] if to == "prodigy" else line
    assert shown["scores"] == "Rebels 0.75; Gao 0.50"
    assert "answer" not in line
    raw = read(path, log=ImportLog(), on_error=refuse)
    [article] = import_articles(raw, labels=LabelMap(), log=ImportLog(), on_error=refuse)
    assert article == Article("a", TEXT, (Span(0, 6, "P"), Span(11, 14, "L")), meta={"source": "Post"})


def test_formats_without_drafts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--to brat: the format knows no drafts; argilla, doccano"):
        export_articles([DRAFT], tmp_path / "x", to="brat", drafts=True)
