"""spaCy's `.spacy` files, read and written."""

from pathlib import Path

import pytest

from afteraction.data import Article, DataError, Span
from afteraction.data.importers import ImportLog, LabelMap, import_articles, read_prodigy
from afteraction.data.importers.tools.docbin import write_docbin

spacy = pytest.importorskip("spacy")


def imported(path: Path) -> list[Article]:
    def refuse(error: Exception) -> None:
        raise error

    raw = read_prodigy(path, log=ImportLog(), on_error=refuse)
    return list(import_articles(raw, labels=LabelMap(), log=ImportLog(), on_error=refuse))


def test_a_docbin_is_read_as_its_documents(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    doc = nlp("👍 Rebels hit  Gao.")
    doc.ents = [doc.char_span(2, 8, "P"), doc.char_span(14, 17, "L")]
    doc.spans["sc"] = [doc.char_span(9, 12, "X")]
    path = tmp_path / "train.spacy"
    spacy.tokens.DocBin(docs=[doc, nlp("Quiet.")]).to_disk(path)
    first, second = imported(path)
    surfaces = [(span.label, first.surface(span)) for span in first.spans]
    assert (first.text, surfaces) == (doc.text, [("P", "Rebels"), ("X", "hit"), ("L", "Gao")])
    assert (second.text, second.spans) == ("Quiet.", ())
    path.write_bytes(b"x")
    with pytest.raises(DataError, match=r"train\.spacy: cannot be read as spaCy's DocBin"):
        imported(path)


def test_a_long_word_is_not_cut_into_tokens_but_at_spans(tmp_path: Path) -> None:
    text = f"Rebels hit {'[' * 500}Gao{'[' * 300} on Friday."
    write_docbin([Article("a", text, (Span(511, 514, "LOCATION"),))], tmp_path / "a.spacy")
    [doc] = spacy.tokens.DocBin().from_disk(tmp_path / "a.spacy").get_docs(spacy.blank("en").vocab)
    assert doc.text == text
    assert [len(token) for token in doc] == [6, 3, 500, 3, 300, 1, 2, 6, 1]
    assert [entity.text for entity in doc.ents] == ["Gao"]
