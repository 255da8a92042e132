"""Tag schemes, and the spans that tags stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from afteraction.data import DataError
from afteraction.data.importers import TagScheme
from afteraction.data.importers.tools.conll_tags import TokenRow, detect_scheme, spans_of


def rows(tags: list[str]) -> list[TokenRow]:
    parts = [tag.partition("-") for tag in tags]
    return [TokenRow(number, "x", prefix, label) for number, (prefix, _, label) in enumerate(parts, start=1)]


def encoded(lengths: list[tuple[int, str]], scheme: str) -> tuple[list[str], list[tuple[int, int, str]]]:
    """Returns the tags and spans of consecutive stretches, each of a label or O."""
    tags: list[str] = []
    spans = []
    for length, label in lengths:
        start, previous = len(tags), tags[-1] if tags else "O"
        if label == "O":
            tags += ["O"] * length
            continue
        spans.append((start, start + length, label))
        inner = [f"I-{label}"] * length
        if scheme == "iob2" or (scheme == "iob1" and previous[2:] == label):
            inner[0] = f"B-{label}"
        elif scheme == "bioes":
            inner[0], inner[-1] = f"B-{label}", f"E-{label}"
            if length == 1:
                inner = [f"S-{label}"]
        tags += inner
    return tags, spans


stretches = st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["O", "PER", "LOC-X"])), min_size=1, max_size=8)


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "bioes"])
@given(lengths=stretches)
def test_tags_stand_for_the_spans_they_were_made_of(scheme: str, lengths: list[tuple[int, str]]) -> None:
    tags, spans = encoded(lengths, scheme)
    sentence = rows(tags)
    assert spans_of(sentence, TagScheme(scheme)) == spans
    assert spans_of(sentence, detect_scheme([sentence], name="x")) == spans


@given(st.lists(st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]), min_size=1, max_size=12))
def test_iob1_reads_any_sequence_as_the_conll_scorer(tags: list[str]) -> None:
    expected = [(first, last + 1, label) for label, first, last in get_entities(tags)]
    assert spans_of(rows(tags), TagScheme.IOB1) == expected


def test_bilou_is_bioes_by_other_letters() -> None:
    sentence = rows(["U-PER", "B-LOC", "I-LOC", "L-LOC"])
    assert detect_scheme([sentence], name="x") == TagScheme.BIOES
    assert spans_of(sentence, TagScheme.BIOES) == [(0, 1, "PER"), (1, 4, "LOC")]


@pytest.mark.parametrize(
    ("tags", "scheme", "message"),
    [
        (["O", "I-PER"], TagScheme.IOB2, "I-PER in line 2 continues nothing, which iob2"),
        (["B-LOC", "I-PER"], TagScheme.IOB2, "I-PER in line 2 continues nothing"),
        (["E-PER"], TagScheme.BIOES, "E-PER in line 1 continues nothing"),
        (["B-PER", "O"], TagScheme.BIOES, "the span up to line 2 has no last token"),
        (["B-PER", "I-PER"], TagScheme.BIOES, "the span up to line 2 has no last token"),
        (["B-PER", "S-PER"], TagScheme.BIOES, "the span up to line 2 has no last token"),
    ],
)
def test_a_sequence_that_a_scheme_cannot_have_is_refused(tags: list[str], scheme: TagScheme, message: str) -> None:
    with pytest.raises(DataError, match=message):
        spans_of(rows(tags), scheme)


def test_tags_of_two_schemes_are_refused_with_both_lines() -> None:
    with pytest.raises(
        DataError, match=r"^x\.conll: line 2: I-PER continues nothing.*B-LOC in line 4 follows none.*--scheme iob1"
    ):
        detect_scheme([rows(["O", "I-PER", "O", "B-LOC"])], name="x.conll")
