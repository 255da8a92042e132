import re
import unicodedata
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from afteraction.data import Article, DataError, Span, SubwordTokenizer
from afteraction.data.text import render
from afteraction.data.tokens import (
    Bounds,
    Misalignment,
    spans_to_tokens,
    token_bounds,
    tokens_to_characters,
)
from afteraction.model.decoding import Boundary, token_boundaries

CORPUS = ["the gunmen killed at least three soldiers near Gao, Mali. déjà vu – “quoted” école 漢字 한국 👍🏽 naïve"] * 3
FRAGMENTS = [
    *("Gao", "killed", "a", "Z", "7", "12", "é", "É", "ß", "İ", "ﬁ", "½", "…", "™", "’", "-", ".", ",", "(", "[SEP]"),
    *(
        "\u0301",
        "\u0308",
        "e\u0301",
        "o\u0308\u0323",
        "नि",
        "क्ष",
        "ก็",
        "한",
        "국",
        "\u1112\u1161",
        "漢",
        "字",
        "Ｇ",
        "𠮷",
    ),
    *("👍", "👍🏽", "👩‍👩‍👧", "🏳️‍🌈", "❤️", "1️⃣", "🇲🇱", "🏴\U000e0067\U000e0062\U000e007f", "𝔸", "\U000e0101"),
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200f", "\ufe0f", "\0", "\x1f", "\u0085", "\ufffd"),
    *(" ", " ", "  ", "\n", "\n\n", "\r\n", "\r\n\r\n", "\n \t\n", "\t", "\u00a0", "\u202f", "\u2028", "\u3000"),
]
KINDS = ("wordpiece", "byte-level", "unigram")

texts = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join)
kinds = st.sampled_from(KINDS)


@cache
def subword_tokenizer(kind: str) -> SubwordTokenizer:
    if kind == "wordpiece":
        letters = "abcdefghijklmnopqrstuvwxyz0123456789.,-’éअनकษᄒ"
        pieces = ["[UNK]", *letters, *(f"##{letter}" for letter in letters), "gao", "kill", "##ed", "漢"]
        backend = Tokenizer(models.WordPiece({piece: index for index, piece in enumerate(pieces)}, unk_token="[UNK]"))
        backend.normalizer = normalizers.BertNormalizer(lowercase=True)
        backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    elif kind == "byte-level":
        backend = Tokenizer(models.BPE())
        backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        backend.post_processor = processors.ByteLevel(trim_offsets=False)
        backend.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        backend.train_from_iterator(
            CORPUS, trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False)
        )
    else:
        backend = Tokenizer(models.Unigram())
        backend.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
        backend.pre_tokenizer = pre_tokenizers.Metaspace()
        backend.train_from_iterator(
            CORPUS,
            trainers.UnigramTrainer(vocab_size=90, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False),
        )
    return SubwordTokenizer(PreTrainedTokenizerFast(tokenizer_object=backend))


def bounds_of(text: str, kind: str) -> Bounds:
    return subword_tokenizer(kind).encode([text])[0].bounds


def visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character)[0] not in "CM" and character != "\ufffd"


def extends(character: str) -> bool:
    """Returns whether a character belongs to the one before it."""
    return (
        unicodedata.category(character)[0] == "M"
        or character in "\u200c\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


@given(texts | st.text(max_size=20), kinds)
@example("\u0301\u0301 \u0301a", "wordpiece")
def test_bounds_are_sorted_inside_the_text_and_without_white_space_at_their_edges(text: str, kind: str) -> None:
    bounds = bounds_of(text, kind)
    assert bounds.shape == (len(bounds), 2)
    assert (np.diff(bounds, axis=0) >= 0).all()
    for start, end in bounds.tolist():
        assert 0 <= start <= end <= len(text)
        assert text[start:end] == text[start:end].strip()


@given(texts, kinds)
def test_every_visible_character_is_under_a_token(text: str, kind: str) -> None:
    under = {index for start, end in bounds_of(text, kind).tolist() for index in range(start, end)}
    assert [index for index, character in enumerate(text) if visible(character) and index not in under] == []


@given(texts, kinds)
def test_a_mark_after_a_character_under_a_token_is_under_one_too(text: str, kind: str) -> None:
    under = {index for start, end in bounds_of(text, kind).tolist() for index in range(start, end)}
    rendered = render(text)
    shown = range(len(text)) if rendered.starts is None else rendered.starts
    bare = [index for index in shown if extends(text[index]) and index - 1 in under and index not in under]
    assert bare == []


@st.composite
def texts_with_runs(draw: st.DrawFn) -> tuple[str, Bounds, list[tuple[int, int]]]:
    """Draws a text, its bounds, and runs of tokens that a decoder may return as spans."""
    text, kind = draw(texts), draw(kinds)
    bounds = bounds_of(text, kind)
    boundaries = token_boundaries(text, bounds, whole_words=draw(st.booleans()))
    edges = [
        index for index in range(len(bounds) + 1) if index == len(bounds) or boundaries[index] != Boundary.INSIDE_WORD
    ]
    runs, previous = [], 0
    for edge in edges:
        if edge > previous and draw(st.booleans()):
            if draw(st.booleans()) and Boundary.BREAK not in boundaries[previous + 1 : edge]:
                runs.append((previous, edge))
            previous = edge
    return text, bounds, runs


@given(texts_with_runs())
def test_spans_at_token_bounds_come_back_exactly(case: tuple[str, Bounds, list[tuple[int, int]]]) -> None:
    text, bounds, runs = case
    ranges = [tokens_to_characters(first, stop, bounds) for first, stop in runs]
    filled = [(start, end) for start, end in ranges if start < end]
    article = Article("a", text, tuple(Span(start, end, "TARGET") for start, end in filled))
    converted, misaligned = spans_to_tokens(article, bounds)
    assert misaligned == []
    assert [tokens_to_characters(first, stop, bounds) for first, stop, _ in converted] == filled


@given(texts, kinds, st.lists(st.integers(0, 30), min_size=2, max_size=6, unique=True))
@example("\u2060  Gao", "byte-level", [0, 4])  # the first token is only white space
def test_a_span_takes_the_tokens_that_a_naive_search_finds(text: str, kind: str, cuts: list[int]) -> None:
    edges = sorted(cut for cut in cuts if cut <= len(text))
    spans = tuple(Span(*pair, "TARGET") for pair in zip(edges[::2], edges[1::2], strict=False))
    try:
        article = Article("a", text, spans)
    except DataError:
        assume(False)
    bounds = bounds_of(text, kind)
    expected, missed, taken = [], [], set()
    for span in article.spans:
        touching = [
            token
            for token, (start, end) in enumerate(bounds.tolist())
            if start < end and start < span.end and end > span.start and token not in taken
        ]
        taken.update(touching)
        covered = text[bounds[touching[0], 0] : bounds[touching[-1], 1]] if touching else ""
        if touching:
            expected.append(touching)
        if not touching or (bounds[touching[0], 0], bounds[touching[-1], 1]) != (span.start, span.end):
            missed.append(Misalignment("a", span.start, "TARGET", article.surface(span), covered))
    runs, misaligned = spans_to_tokens(article, bounds)
    assert [
        [token for token in range(first, stop) if bounds[token, 0] < bounds[token, 1]] for first, stop, _ in runs
    ] == expected
    assert misaligned == missed


@given(texts, kinds)
def test_a_boundary_says_that_a_run_crosses_a_break_of_the_layout(text: str, kind: str) -> None:
    bounds = bounds_of(text, kind)
    boundaries = token_boundaries(text, bounds, whole_words=False)
    filled = [token for token, (start, end) in enumerate(bounds.tolist()) if start < end]
    for first in filled:
        for last in filled[filled.index(first) + 1 :]:
            covered = text[bounds[first, 0] : bounds[last, 1]]
            crossed = Boundary.BREAK in boundaries[first + 1 : last + 1]
            if re.search(r"\n\s*\n|\S\t\S", covered):
                assert crossed
            elif not re.search(r"\s\s|\n", covered):
                assert not crossed


@given(texts, kinds)
def test_whole_words_are_never_cut(text: str, kind: str) -> None:
    bounds = bounds_of(text, kind)
    boundaries = token_boundaries(text, bounds, whole_words=True)
    for token in range(1, len(bounds)):
        start, end = int(bounds[token, 0]), int(bounds[token - 1, 1])
        if boundaries[token] == Boundary.FREE and start == end and 0 < start < len(text):
            assert not re.fullmatch(r"[A-Za-z0-9é]{2}", text[start - 1 : start + 1])


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Gao, killed.", ["Gao", ",", "kill", "ed", "."]),
        ("cafe\u0301s", ["c", "a", "f", "e\u0301", "s"]),
        ("\u0301 a", ["a"]),
        ("a \u0301 a", ["a", "a"]),
        ("👍🏽 👩‍👩‍👧❤️!", ["👍🏽", "👩‍👩‍👧❤️", "!"]),
        ("🏴\U000e0067\U000e0062\U000e007f.", ["🏴\U000e0067\U000e0062\U000e007f", "."]),
        ("a\u200bb \u200b c", ["a", "b", "c"]),
        ("a\u00a0\r\n\r\n\u3000b", ["a", "b"]),
        ("漢字x", ["漢", "字", "x"]),
        ("[SEP]", ["[", "s", "e", "p", "]"]),
    ],
)
def test_wordpieces_cover_what_a_reader_sees(text: str, pieces: list[str]) -> None:
    covered = [text[start:end].replace("[SEP]", "?") for start, end in bounds_of(text, "wordpiece").tolist()]
    assert [piece.lower() for piece in covered] == [piece.lower() for piece in pieces]


@pytest.mark.parametrize(
    ("text", "offsets", "bounds"),
    [
        ("", [], []),
        ("a b", [(0, 1), (1, 3)], [(0, 1), (2, 3)]),
        ("a b", [(0, 2), (2, 3)], [(0, 1), (2, 3)]),
        ("a  b", [(0, 1), (1, 3), (3, 4)], [(0, 1), (3, 3), (3, 4)]),
        ("é\u0301", [(0, 1)], [(0, 2)]),
        ("👍🏽", [(0, 1), (0, 1), (1, 2), (1, 2)], [(0, 1), (0, 1), (1, 2), (1, 2)]),
        ("a\u0301\u200d\ufe0fb", [(0, 1), (4, 5)], [(0, 4), (4, 5)]),
        ("👍🏽 a", [(0, 1), (3, 4)], [(0, 2), (3, 4)]),
        ("\u1112\u1161\u11ab a", [(0, 1), (4, 5)], [(0, 3), (4, 5)]),
        ("\u1112\u1161\ud7cba", [(0, 1), (3, 4)], [(0, 3), (3, 4)]),
        ("ｶﾞa", [(0, 1), (2, 3)], [(0, 2), (2, 3)]),
        ("ab", [(0, 1), (1, 9)], [(0, 1), (1, 2)]),
    ],
)
def test_offsets_are_cleaned(text: str, offsets: list[tuple[int, int]], bounds: list[tuple[int, int]]) -> None:
    assert [tuple(pair) for pair in token_bounds(text, offsets).tolist()] == bounds


def test_a_byte_level_tokenizer_splits_one_character_over_tokens_that_stay_together() -> None:
    bounds = bounds_of("a 𠮷b", "byte-level")
    shared = [token for token, pair in enumerate(bounds.tolist()) if pair == [2, 3]]
    assert len(shared) > 1
    assert set(token_boundaries("a 𠮷b", bounds, whole_words=False)[shared[1:]].tolist()) == {Boundary.INSIDE_WORD}
    runs, misaligned = spans_to_tokens(Article("a", "a 𠮷b", (Span(2, 3, "TARGET"),)), bounds)
    assert misaligned == []
    assert [(first, stop) for first, stop, _ in runs] == [(shared[0], shared[-1] + 1)]


def test_misaligned_annotations_are_listed_with_what_can_be_learnt() -> None:
    text = "Gunmen in Gao-city \u200b now"
    offsets = [(0, 6), (7, 9), (10, 18), (21, 24)]
    article = Article(
        "a1",
        text,
        (
            Span(0, 6, "PERPETRATOR"),
            Span(10, 13, "LOCATION"),
            Span(14, 18, "TARGET"),
            Span(19, 20, "DEATH_TOLL"),
            Span(22, 24, "TARGET"),
        ),
    )
    runs, misaligned = spans_to_tokens(article, token_bounds(text, offsets))
    assert runs == [(0, 1, "PERPETRATOR"), (2, 3, "LOCATION"), (3, 4, "TARGET")]
    assert misaligned == [
        Misalignment("a1", 10, "LOCATION", "Gao", "Gao-city"),
        Misalignment("a1", 14, "TARGET", "city", ""),
        Misalignment("a1", 19, "DEATH_TOLL", "\u200b", ""),
        Misalignment("a1", 22, "TARGET", "ow", "now"),
    ]


def test_tokens_of_white_space_only_have_no_characters() -> None:
    bounds = token_bounds("a  b", [(0, 1), (1, 2), (2, 3), (3, 4)])
    assert [tokens_to_characters(first, stop, bounds) for first, stop in ((1, 3), (0, 3), (1, 4), (0, 4))] == [
        (2, 2),
        (0, 1),
        (3, 4),
        (0, 4),
    ]
