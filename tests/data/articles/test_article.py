import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Article, DataError, FaultySpansError, Span, Toll

TEXT = "Gunmen killed 3.\n \r\nPolice fled."
FAULTS = (
    (Span(0, 0, "TARGET"), r"TARGET \[0, 0\) '' is empty or outside the text of 32 characters"),
    (Span(6, 0, "TARGET"), "is empty or outside"),
    (Span(-1, 6, "TARGET"), r"\[-1, 6\) 'Gunmen' is empty or outside"),
    (Span(20, 33, "TARGET"), "outside the text of 32 characters"),
    (Span(0, 7, "TARGET"), "'Gunmen ' begins or ends on white space"),
    (Span(6, 13, "TARGET"), "' killed' begins or ends on white space"),
    (Span(14, 26, "TARGET"), "crosses a paragraph break"),
    (Span(0, 6, ""), "has no label: ''"),
    (Span(0, 6, None), "has no label: None"),
    (Span(0, 6, "TARGET", score=-0.1), "has the score -0.1, which is not a probability"),
    (Span(0, 6, "TARGET", score=1.5), "has the score 1.5"),
    (Span(0, 6, "TARGET", score=float("nan")), "has the score nan"),
)


@pytest.mark.parametrize(("span", "message"), FAULTS)
def test_a_span_that_breaks_an_invariant_is_refused_with_the_article_and_the_reason(span: Span, message: str) -> None:
    with pytest.raises(DataError, match=f"^article 'a1': .*{message}"):
        Article("a1", TEXT, (span,))


@pytest.mark.parametrize("score", [-0.1, 1.5, float("nan")])
def test_the_score_of_a_death_toll_is_a_probability(score: float) -> None:
    with pytest.raises(DataError, match=f"^article 'a1': the death toll's score is {score}, "):
        Article("a1", TEXT, death_toll=Toll(2, 2), death_toll_score=score)


@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", "\n \t\n", "\n\u00a0\n", "\n\u3000\r\n", "\n\n\n\n"])
def test_a_span_across_a_paragraph_break_is_refused(gap: str) -> None:
    with pytest.raises(DataError, match="crosses a paragraph break"):
        Article("a", f"one{gap}two", (Span(0, 6 + len(gap), "TARGET"),))


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\n.\n", "\n\u200b\n"])
def test_a_span_across_a_mere_line_break_is_accepted(gap: str) -> None:
    span = Span(0, 6 + len(gap), "TARGET")
    assert Article("a", f"one{gap}two", (span,)).spans == (span,)


@pytest.mark.parametrize("other", [Span(5, 13, "TARGET"), Span(0, 6, "TARGET"), Span(2, 4, "LOCATION")])
def test_overlapping_spans_are_refused(other: Span) -> None:
    with pytest.raises(DataError, match="overlaps the span before it"):
        Article("a", TEXT, (Span(0, 6, "PERPETRATOR"), other))


def test_spans_may_touch_and_are_sorted() -> None:
    spans = [Span(3, 5, "B"), Span(5, 6, "C"), Span(0, 3, "A")]
    assert [span.label for span in Article("a", "abcdef", spans).spans] == ["A", "B", "C"]


def test_an_error_has_the_fault_of_every_span() -> None:
    spans = (Span(0, 3, "A"), Span(2, 5, "B"), Span(3, 9, "C"), Span(4, 6, "D"), Span(6, 7, "E"))
    with pytest.raises(
        FaultySpansError, match=r"^article 'a': B \[2, 5\) 'cde' overlaps the span before it$"
    ) as caught:
        Article("a", "abcde g", spans)
    assert [(fault.span.label, fault.code) for fault in caught.value.faults] == [
        ("B", "overlap"),
        ("C", "outside-text"),
        ("D", "white-space"),
    ]
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert (str(copy), copy.faults) == (str(caught.value), caught.value.faults)


def test_a_long_surface_is_clipped_in_the_message() -> None:
    with pytest.raises(DataError) as caught:
        Article("a", "x" * 500 + " ", (Span(0, 501, "TARGET"),))
    assert "xxx…" in str(caught.value)
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize("article_id", ["", " ", "\n", None, 3])
def test_an_article_needs_an_id(article_id: object) -> None:
    with pytest.raises(DataError, match="needs an id"):
        Article(article_id, "text")


def test_a_text_that_is_not_a_string_is_refused() -> None:
    with pytest.raises(DataError, match="article 'a': the text is bytes, not a string"):
        Article("a", b"text")


def test_a_text_is_no_longer_than_ten_million_characters() -> None:
    longest = "a" * 10_000_000
    assert Article("a", longest).text is longest
    with pytest.raises(
        DataError, match="article 'a': the text has 10,000,001 characters, more than 10,000,000; cut it"
    ):
        Article("a", longest + "a")


@pytest.mark.parametrize(("article_id", "text", "where"), [("a", "abc\ud800", "3 of the text"), ("\udce9", "", "0 of")])
def test_lone_surrogates_are_refused(article_id: str, text: str, where: str) -> None:
    with pytest.raises(DataError, match=f"lone surrogate at {where}"):
        Article(article_id, text)


def test_a_changed_copy_is_checked_again() -> None:
    article = Article("a", TEXT, (Span(0, 6, "PERPETRATOR"),), Toll(3, 3), meta={"k": 1})
    changed = article.with_fields(spans=(), id="b")
    assert changed == Article("b", TEXT, (), Toll(3, 3), meta={"k": 1})
    with pytest.raises(DataError, match="outside the text of 2 characters"):
        article.with_fields(text="ab")


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (-1, None, "low -1, high None: needs 0 <= low <= high"),
        (3, 2, "low 3, high 2: needs"),
        (True, None, "low is True, not a whole number"),
        (1, 2.0, "high is 2.0, not a whole number"),
        (None, 2, "low is None, not a whole number"),
        ("3", 4, "low is '3', not"),
    ],
)
def test_a_toll_that_is_not_a_range_is_refused(low: object, high: object, message: str) -> None:
    with pytest.raises(DataError, match=f"^death toll: {message}"):
        Toll(low, high)


@pytest.mark.parametrize(
    ("toll", "words"),
    [(Toll(0, 0), "0"), (Toll(50, 50), "50"), (Toll(50, None), "at least 50"), (Toll(30, 40), "30 to 40")],
)
def test_a_toll_in_words(toll: Toll, words: str) -> None:
    assert str(toll) == words


@given(st.text("ab \n\r\t\u00a0", max_size=12), st.integers(-2, 14), st.integers(-2, 14))
def test_a_span_is_accepted_exactly_if_a_naive_check_accepts_it(text: str, start: int, end: int) -> None:
    surface = text[start:end] if 0 <= start < end <= len(text) else ""
    lines = surface.split("\n")
    valid = bool(surface) and surface == surface.strip() and all(line.strip() for line in lines[1:-1])
    try:
        Article("a", text, (Span(start, end, "TARGET"),))
    except DataError:
        assert not valid
    else:
        assert valid
