import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2, Entities

from afteraction.data import LABELS, DataError, LabelScheme
from afteraction.data.tokens import IGNORED

SCHEME = LabelScheme()

Runs = list[tuple[int, int, str]]


@st.composite
def runs_and_length(draw: st.DrawFn) -> tuple[Runs, int]:
    pieces = draw(st.lists(st.tuples(st.integers(1, 4), st.sampled_from([None, *LABELS])), max_size=12))
    runs, length = [], 0
    for size, label in pieces:
        if label is not None:
            runs.append((length, length + size, label))
        length += size
    return runs, length


def as_runs(entities: list[tuple[str, int, int]], *, closed: bool) -> Runs:
    return sorted((start, end + closed, label) for label, start, end in entities)


@given(runs_and_length())
def test_encoded_spans_are_those_that_seqeval_finds_and_decode_gives_back(case: tuple[Runs, int]) -> None:
    runs, length = case
    tags = SCHEME.encode(runs, length=length)
    assert tags.shape == (length,)
    assert as_runs(get_entities([SCHEME.tags[tag] for tag in tags]), closed=True) == runs
    assert SCHEME.decode(tags) == runs


@given(st.lists(st.integers(0, 8), max_size=12))
def test_any_tags_decode_as_seqeval_decodes_strict_iob2(tags: list[int]) -> None:
    entities = Entities([[SCHEME.tags[tag] for tag in tags]], IOB2).entities[0]
    expected = as_runs([(entity.tag, entity.start, entity.end) for entity in entities], closed=False)
    assert SCHEME.decode(np.array(tags, dtype=np.int64)) == expected


def test_ignored_tokens_have_no_span() -> None:
    assert SCHEME.decode(np.array([IGNORED, 1, IGNORED, 2, 7, 8, IGNORED])) == [
        (1, 2, "PERPETRATOR"),
        (4, 6, "DEATH_TOLL"),
    ]


def test_a_mask_is_true_for_the_given_labels() -> None:
    assert SCHEME.mask([]).tolist() == [False] * 4
    assert SCHEME.mask(["DEATH_TOLL", "PERPETRATOR", "DEATH_TOLL"]).tolist() == [True, False, False, True]
    with pytest.raises(DataError, match=r"^unknown label 'X'"):
        SCHEME.mask(["X"])


def test_tags_are_in_the_order_of_their_numbers() -> None:
    scheme = LabelScheme(("WHO", "Where-at"))
    assert scheme.tags == ("O", "B-WHO", "I-WHO", "B-Where-at", "I-Where-at")
    assert scheme.encode([(1, 3, "Where-at")], length=4).tolist() == [0, 3, 4, 0]
    assert [scheme.index(label) for label in scheme.labels] == [0, 1]


@pytest.mark.parametrize("name", ["TARGETS", "target"])
def test_an_unknown_label_is_refused_with_a_hint(name: str) -> None:
    with pytest.raises(DataError, match=f"unknown label '{name}'; (did you mean 'TARGET'|known: DEATH_TOLL, LOCATION)"):
        SCHEME.encode([(0, 1, name)], length=1)


@pytest.mark.parametrize("labels", [(), ("A", "A"), ("",), ("O",), ("A B",), ("A", "B\n"), ("A\u00a0",)])
def test_labels_that_cannot_be_part_of_a_tag_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match=r"^labels: "):
        LabelScheme(labels)
