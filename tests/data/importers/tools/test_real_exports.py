"""Real exports from Label Studio 1.23.2 and doccano 1.8.4, made after importing our files, and spaCy documents.

`exports/gold.jsonl` was imported as annotation, `exports/drafts.jsonl` as drafts, which were then corrected: `the Café`
was shortened, `herders` got another label, `𝔸den` was removed, `Radio Ner` added; d-4 was left alone.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import DocBin

from afteraction.data import Article, read_articles
from afteraction.data.importers import (
    ImportLog,
    LabelMap,
    Units,
    detect_layout,
    import_articles,
    read_conll,
    read_doccano,
    read_label_studio,
    read_prodigy,
)
from afteraction.evaluation.drafts import review_drafts

EXPORTS = Path(__file__).with_name("exports")
GOLD = list(read_articles(EXPORTS / "gold.jsonl"))
TABLES = ("JSON.json", "JSON_MIN.json", "CSV.csv", "TSV.csv")
FILES = [(read_label_studio, f"label-studio-{{}}-{name}") for name in TABLES]
FILES += [(partial(read_doccano, units=Units.CODE_POINTS), "doccano-{}.jsonl")]


def refuse(error: Exception) -> None:
    raise error


def imported(read: Any, *arguments: Any) -> list[Article]:
    log = ImportLog()
    return list(
        import_articles(read(*arguments, log=log, on_error=refuse), labels=LabelMap(), log=log, on_error=refuse)
    )


@pytest.mark.parametrize(("read", "name"), FILES, ids=[name for _, name in FILES])
def test_annotation_comes_back_span_for_span(read: Any, name: str) -> None:
    assert imported(read, EXPORTS / name.format("gold")) == GOLD


@pytest.mark.parametrize(("read", "name"), FILES, ids=[name for _, name in FILES])
def test_corrected_drafts_come_back_as_annotation(read: Any, name: str) -> None:
    corrected = imported(read, EXPORTS / name.format("drafts"))
    assert [article.id for article in corrected] == ["a-1", "b-2", "c-3"]
    assert all(span.score is None for article in corrected for span in article.spans)
    assert all(article.death_toll is None for article in corrected)
    review = review_drafts(read_articles(EXPORTS / "drafts.jsonl"), corrected)
    assert (review.articles, review.not_corrected, review.without_draft) == (3, 1, 0)
    counts = {row.label: (row.accepted, row.changed, row.removed, row.added) for row in review.labels}
    assert counts == {
        "DEATH_TOLL": (2, 0, 0, 0),
        "LOCATION": (2, 0, 1, 1),
        "PERPETRATOR": (3, 0, 0, 0),
        "TARGET": (0, 2, 0, 0),
    }
    assert (review.all.drafts, review.all.accepted, review.all.changed) == (10, 7, 2)


def test_conll_keeps_the_spans_but_not_the_text() -> None:
    path = EXPORTS / "label-studio-gold-CONLL2003.conll"
    articles = imported(read_conll, path, detect_layout(path, columns=None, scheme=None, by_sentence=True))
    found = [[(span.label, article.surface(span)) for span in article.spans] for article in articles]
    gold = [[(span.label, article.surface(span)) for span in article.spans] for article in GOLD]
    # Tokens end at blanks, so a full stop belongs to the word before it.
    assert [[(label, surface.rstrip(".")) for label, surface in spans] for spans in found] == gold


@pytest.mark.parametrize("form", ["entities", "groups", "json"])
def test_spacys_documents_come_back_span_for_span(form: str, tmp_path: Path) -> None:
    pipeline = spacy.blank("en")
    documents = []
    for article in GOLD:
        document: Any = pipeline(article.text)
        spans = [document.char_span(span.start, span.end, label=span.label) for span in article.spans]
        if form == "groups":
            document.spans["sc"] = spans
        else:
            document.ents = spans
        documents.append(document)
    path = tmp_path / ("x.json" if form == "json" else "x.spacy")
    if form == "json":
        path.write_text(json.dumps([document.to_json() for document in documents]), encoding="utf-8")
    else:
        DocBin(docs=documents).to_disk(path)
    found = imported(read_prodigy, path)
    assert [(article.text, article.spans) for article in found] == [(article.text, article.spans) for article in GOLD]
