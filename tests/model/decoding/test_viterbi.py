from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from afteraction.data import LabelScheme
from afteraction.model import TokenSpan, decode_spans, trim_punctuation
from afteraction.model.decoding import Boundaries, Boundary

Scores = NDArray[np.float32]
Batch = tuple[LabelScheme, list[Scores], list[Boundaries]]


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    scheme = LabelScheme(("X", "Y", "Z")[: draw(st.integers(1, 3))])
    lengths = draw(st.lists(st.integers(0, 6), min_size=1, max_size=4))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from((0.0, 1.0, 3.0, 20.0)))
    emissions = [random.normal(scale=scale, size=(length, len(scheme.tags))).astype(np.float32) for length in lengths]
    boundaries = [
        np.array(
            [
                draw(
                    st.sampled_from(
                        (Boundary.FREE, Boundary.BREAK)
                        if token == 0
                        else (Boundary.FREE, Boundary.INSIDE_WORD, Boundary.BREAK, Boundary.AFTER_FUNCTION_WORD)
                    )
                )
                for token in range(length)
            ],
            dtype=np.int8,
        )
        for length in lengths
    ]
    return scheme, emissions, boundaries


@cache
def all_sequences(*, length: int, tags: int) -> NDArray[np.int64]:
    return np.indices((tags,) * length).reshape(length, -1).T


def valid_sequences(boundaries: Boundaries, *, tags: int) -> NDArray[np.int64]:
    """Applies the definition directly: filters all possible tag sequences."""
    sequences = all_sequences(length=len(boundaries), tags=tags)
    kept = ~is_inside(sequences[:, 0])
    for token in range(1, len(boundaries)):
        before, tag = sequences[:, token - 1], sequences[:, token]
        kept &= ~is_inside(tag) | (before == tag) | (before == tag - 1)
        if boundaries[token] == Boundary.INSIDE_WORD:
            kept &= is_inside(tag) | ((tag == 0) & (before == 0))
        if boundaries[token] == Boundary.AFTER_FUNCTION_WORD:
            kept &= is_inside(tag) | (before == 0)
        if boundaries[token] == Boundary.BREAK:
            kept &= ~is_inside(tag)
    return sequences[kept]


def is_inside(tags: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (tags > 0) & (tags % 2 == 0)


def has_span(sequences: NDArray[np.int64], span: TokenSpan, *, label: int) -> NDArray[np.bool_]:
    begin, inside = 1 + 2 * label, 2 + 2 * label
    found = (sequences[:, span.first] == begin) & (sequences[:, span.first + 1 : span.stop] == inside).all(axis=1)
    return found & (sequences[:, span.stop] != inside) if span.stop < sequences.shape[1] else found


@given(batches(), st.sampled_from((0.25, 2.0, 8.0)))
@settings(deadline=None)
def test_a_temperature_scores_the_same_spans_by_flatter_or_sharper_emissions(batch: Batch, temperature: float) -> None:
    scheme, emissions, boundaries = batch
    scaled = [article / np.float32(temperature) for article in emissions]  # by a power of two, exactly
    decoded = decode_spans(emissions, boundaries, scheme=scheme, temperature=temperature)
    assert decoded == decode_spans(scaled, boundaries, scheme=scheme)
    assert [[(s.first, s.stop, s.label) for s in spans] for spans in decoded] == [
        [(s.first, s.stop, s.label) for s in spans] for spans in decode_spans(emissions, boundaries, scheme=scheme)
    ]


@given(batches())
@settings(deadline=None, max_examples=200)
@example((LabelScheme(("X",)), [], []))
@example((LabelScheme(("X",)), [np.zeros((0, 3), dtype=np.float32)], [np.zeros(0, dtype=np.int8)]))
def test_decoding_agrees_with_brute_force_over_all_tag_sequences(batch: Batch) -> None:
    scheme, emissions, boundaries = batch
    decoded = decode_spans(emissions, boundaries, scheme=scheme)
    assert len(decoded) == len(emissions)
    for article, article_boundaries, spans in zip(emissions, boundaries, decoded, strict=True):
        if not len(article):
            assert spans == []
            continue
        sequences = valid_sequences(article_boundaries, tags=len(scheme.tags))
        log_weights = article.astype(np.float64)[np.arange(len(article)), sequences].sum(axis=1)
        chosen = np.zeros(len(article), dtype=np.int64)
        for span in spans:
            chosen[span.first] = 1 + 2 * scheme.labels.index(span.label)
            chosen[span.first + 1 : span.stop] = 2 + 2 * scheme.labels.index(span.label)
        is_chosen = (sequences == chosen).all(axis=1)
        assert is_chosen.sum() == 1
        assert log_weights[is_chosen][0] == pytest.approx(log_weights.max(), abs=1e-9)
        weights = np.exp(log_weights)
        for span in spans:
            with_span = has_span(sequences, span, label=scheme.labels.index(span.label))
            assert span.score == pytest.approx(weights[with_span].sum() / weights.sum(), abs=1e-9)


@given(batches())
@settings(deadline=None, max_examples=30)
def test_an_article_decodes_alone_as_in_a_batch(batch: Batch) -> None:
    scheme, emissions, boundaries = batch
    together = decode_spans(emissions, boundaries, scheme=scheme)
    for article, article_boundaries, spans in zip(emissions, boundaries, together, strict=True):
        [alone] = decode_spans([article], [article_boundaries], scheme=scheme)
        assert [(s.first, s.stop, s.label) for s in alone] == [(s.first, s.stop, s.label) for s in spans]
        assert [s.score for s in alone] == pytest.approx([s.score for s in spans], abs=1e-9)


@pytest.mark.parametrize(
    ("boundaries", "spans"),
    [
        ((Boundary.FREE, Boundary.FREE, Boundary.FREE), [(1, 2)]),
        ((Boundary.FREE, Boundary.INSIDE_WORD, Boundary.FREE), [(0, 2)]),
        ((Boundary.FREE, Boundary.FREE, Boundary.INSIDE_WORD), [(1, 3)]),
        ((Boundary.FREE, Boundary.INSIDE_WORD, Boundary.INSIDE_WORD), [(0, 3)]),
        ((Boundary.FREE, Boundary.FREE, Boundary.AFTER_FUNCTION_WORD), [(1, 3)]),
        ((Boundary.FREE, Boundary.AFTER_FUNCTION_WORD, Boundary.FREE), [(1, 2)]),
    ],
)
def test_a_span_keeps_to_whole_words(boundaries: tuple[int, ...], spans: list[tuple[int, int]]) -> None:
    emissions = np.array([[-1, -2, -2], [-9, -1, -1], [-1, -2, -2]], dtype=np.float32)
    [found] = decode_spans([emissions], [np.array(boundaries, dtype=np.int8)], scheme=LabelScheme(("X",)))
    assert [(span.first, span.stop) for span in found] == spans


def test_a_paragraph_cuts_what_the_model_would_join() -> None:
    emissions = np.array([[-9, 0, -9], [-9, -3, 0]], dtype=np.float32)
    scheme = LabelScheme(("X",))
    joined, cut = decode_spans(
        [emissions] * 2,
        [np.array([Boundary.FREE, boundary], np.int8) for boundary in (Boundary.FREE, Boundary.BREAK)],
        scheme=scheme,
    )
    assert [(span.first, span.stop) for span in joined] == [(0, 2)]
    assert [(span.first, span.stop) for span in cut] == [(0, 1), (1, 2)]


def test_more_tags_than_a_byte_counts() -> None:
    scheme = LabelScheme(tuple(f"L{number}" for number in range(150)))
    emissions = np.full((3, len(scheme.tags)), -20.0, dtype=np.float32)
    emissions[0, 1 + 2 * 149] = emissions[1, 2 + 2 * 149] = emissions[2, 1 + 2 * 70] = 0.0
    [spans] = decode_spans([emissions], [np.zeros(3, dtype=np.int8)], scheme=scheme)
    assert [(span.first, span.stop, span.label) for span in spans] == [(0, 2, "L149"), (2, 3, "L70")]


def test_scores_of_a_long_article_stay_finite() -> None:
    emissions = np.full((20_000, 3), np.log(1 / 3), dtype=np.float32)
    emissions[10_000] = (-60.0, 0.0, -60.0)
    [spans] = decode_spans([emissions], [np.zeros(20_000, dtype=np.int8)], scheme=LabelScheme(("X",)))
    assert any(span.first == 10_000 for span in spans)
    assert all(0.0 < span.score <= 1.0 for span in spans)


@pytest.mark.parametrize(
    ("text", "trimmed"),
    [
        ("- At least 50", "At least 50"),
        ('46 "', "46"),
        ("“the group", "the group"),
        ('"Tigre"', '"Tigre"'),
        ("the Dawn Guard (DG)", "the Dawn Guard (DG)"),
        ("the Dawn Guard (", "the Dawn Guard"),
        ("(DG", "DG"),
        ("Jr.", "Jr."),
        ("— ,", ""),
        ("–\u00a0Bamako\u202f", "Bamako"),
        ("$5", "$5"),
        ("5%", "5%"),
        ("😀 12", "12"),
        ("♦ Gao 👍🏽", "Gao"),
        ("⚠️ Mali ❤️", "Mali"),
        ("👨‍👩‍👧 three 🇲🇱", "three"),
        ("\u2019s", "s"),
    ],
)
def test_spans_lose_stray_punctuation_at_their_edges(text: str, trimmed: str) -> None:
    before, after = "He (", ") said."
    start, end = trim_punctuation(before + text + after, len(before), len(before) + len(text))
    assert (before + text + after)[start:end] == trimmed
