"""The spaCy component: what it sets on documents, and that its pipelines can be saved and moved."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from afteraction.model import Tagger
from afteraction.model.errors import ModelError

Tree = Callable[[Path], dict[str, bytes]]

spacy = pytest.importorskip("spacy")

TEXTS = (
    "Two gunmen attacked a bus in the city of Gao, killing at least 50 soldiers, police said.",
    "",
    "The army said the rebels'convoy&rsquo;s bus was attacked in Kano-Gao.",
)


def pipeline(**config: Any) -> Any:
    nlp = spacy.blank("en")
    nlp.add_pipe("afteraction", config=config)
    return nlp


@pytest.fixture
def nlp(model_folder: Path) -> Any:
    return pipeline(model=str(model_folder))


def spans_of(nlp: Any, text: str) -> list[tuple[int, int, str, str]]:
    doc = nlp(text)
    return [(span.start_char, span.end_char, span.label_, span.id_) for span in doc.spans["afteraction"]]


def surroundings(doc: Any, start: int, end: int) -> tuple[int, int]:
    """Extends characters to whole tokens."""
    tokens = [token for token in doc if token.idx < end and token.idx + len(token) > start]
    return tokens[0].idx, tokens[-1].idx + len(tokens[-1])


def test_documents_get_what_the_tagger_finds(nlp: Any, tagger: Tagger) -> None:
    found = 0
    for text, article in zip(TEXTS, tagger.predict(TEXTS), strict=True):
        doc = nlp(text)
        group = doc.spans["afteraction"]
        assert [(span.start_char, span.end_char, span.label_, span.id_) for span in group] == [
            (*surroundings(doc, span.start, span.end), span.label, span.entity) for span in article.spans
        ]
        assert group.attrs["scores"] == pytest.approx([span.score for span in article.spans], abs=1e-5)
        record = doc._.afteraction
        assert [(span["start"], span["end"]) for span in record["spans"]] == [(s.start, s.end) for s in article.spans]
        assert [entity["name"] for entity in record.get("entities", [])] == [entity.name for entity in article.entities]
        toll = article.death_toll
        assert record["death_toll"] == (None if toll is None else {"low": toll.low, "high": toll.high})
        found += len(article.spans)
    assert found


def test_a_span_inside_a_token_is_extended_and_the_record_is_exact() -> None:
    nlp = pipeline(model="rules")
    doc = nlp(spacy.tokens.Doc(nlp.vocab, words=TEXTS[0].split()))  # "soldiers," is a token
    assert doc.text == TEXTS[0] + " "
    assert "soldiers," in [each.text for each in doc.spans["afteraction"]]
    assert "soldiers" in [doc.text[span["start"] : span["end"]] for span in doc._.afteraction["spans"]]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_stream_of_documents_comes_out_in_its_order(nlp: Any, size: int) -> None:
    docs = list(nlp.pipe(TEXTS * 3, batch_size=size))
    assert [doc.text for doc in docs] == [*TEXTS] * 3
    alone = [nlp(text) for text in TEXTS] * 3
    assert [str(doc.spans["afteraction"]) for doc in docs] == [str(doc.spans["afteraction"]) for doc in alone]


def test_documents_with_their_records_survive_spacys_bytes(nlp: Any) -> None:
    doc = nlp(TEXTS[0])
    again = spacy.tokens.Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert again.spans["afteraction"].attrs == doc.spans["afteraction"].attrs
    assert json.dumps(again._.afteraction) == json.dumps(doc._.afteraction)


def test_a_saved_pipeline_has_its_model_with_it(model_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(model_folder, folder)
    nlp = pipeline(model=str(folder))
    expected = spans_of(nlp, TEXTS[0])
    nlp.to_disk(tmp_path / "saved")
    shutil.rmtree(folder)
    shutil.move(tmp_path / "saved", tmp_path / "moved")
    again = spacy.load(tmp_path / "moved")
    assert spans_of(again, TEXTS[0]) == expected
    again.to_disk(tmp_path / "second")
    assert spans_of(spacy.load(tmp_path / "second"), TEXTS[0]) == expected


def test_a_pipeline_is_saved_where_it_was_loaded_from(model_folder: Path, tmp_path: Path, tree: Tree) -> None:
    pipeline(model=str(model_folder)).to_disk(tmp_path)
    before = tree(tmp_path)
    spacy.load(tmp_path).to_disk(tmp_path)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("kind", ["rules", "whole"])
def test_nothing_is_left_of_the_model_of_an_older_pipeline(
    kind: str, model_folder: Path, exported: Path, tmp_path: Path, tree: Tree
) -> None:
    pipeline(model=str(exported)).to_disk(tmp_path / "saved")
    nlp = pipeline(model="rules" if kind == "rules" else str(model_folder))
    nlp.to_disk(tmp_path / "saved")
    nlp.to_disk(tmp_path / "new")
    assert tree(tmp_path / "saved").keys() == tree(tmp_path / "new").keys()
    assert spans_of(spacy.load(tmp_path / "saved"), TEXTS[0]) == spans_of(nlp, TEXTS[0])


def test_the_rules_need_no_folder_and_have_no_scores(tmp_path: Path) -> None:
    pipeline(model="rules").to_disk(tmp_path / "saved")
    doc = spacy.load(tmp_path / "saved")(TEXTS[0])
    assert set(doc.spans["afteraction"].attrs["scores"]) == {None}


def test_under_another_name_it_writes_there() -> None:
    nlp = pipeline(model="rules")
    nlp.add_pipe("afteraction", name="second", config={"model": "rules"})
    doc = nlp(TEXTS[0])
    assert len(doc.spans["second"]) == len(doc.spans["afteraction"]) > 0
    assert doc._.second == doc._.afteraction


def test_a_model_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nowhere: no such model folder"):
        pipeline(model=str(tmp_path / "nowhere"))(TEXTS[0])


def test_errors_go_to_the_handler_of_the_pipeline(tmp_path: Path) -> None:
    nlp = pipeline(model=str(tmp_path / "nowhere"))
    seen: list[int] = []

    def handle(name: str, component: Any, docs: list[Any], error: Exception) -> None:
        seen.append(len(docs))

    nlp.set_error_handler(handle)
    assert len(list(nlp.pipe(TEXTS))) == len(TEXTS)
    assert seen == [3]


@pytest.mark.slow
def test_spacy_finds_it_without_an_import() -> None:
    code = "import spacy; nlp = spacy.blank('en'); nlp.add_pipe('afteraction', config={'model': 'rules'})"
    code += "; print(len(nlp('Rebels attacked a bus, killing two soldiers.').spans['afteraction']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 0
