import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import DataError
from afteraction.data.importers import ImportLog, RawArticle, RawSpan, Units
from afteraction.data.importers.offsets import in_code_points

texts = st.text(st.sampled_from("ab \r\n\u0301é漢👍🏽\u200d\U0010ffff"), max_size=20) | st.text(max_size=20)


@st.composite
def texts_and_ranges(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(texts)
    start = draw(st.integers(0, len(text)))
    return text, start, draw(st.integers(start, len(text)))


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def found(text: str, *spans: RawSpan, units: Units | None = None) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in in_code_points(RawArticle("a", text, spans, units=units), ImportLog())]


@given(texts_and_ranges())
def test_utf16_offsets_are_those_of_the_encoder(drawn: tuple[str, int, int]) -> None:
    text, start, end = drawn
    span = RawSpan(utf16(text[:start]), utf16(text[:end]), "X", text[start:end])
    assert found(text, span, units=Units.UTF16) == [(start, end)]


@given(texts_and_ranges())
def test_offsets_of_a_text_whose_line_ends_were_changed_are_found(drawn: tuple[str, int, int]) -> None:
    text, start, end = drawn[0].replace("\r", ""), *drawn[1:]
    start, end = min(start, len(text)), min(end, len(text))
    changed = text.replace("\n", "\r\n")
    span = RawSpan(start, end, "X", text[start:end])
    [(new_start, new_end)] = found(changed, span, units=Units.CRLF_AS_ONE)
    assert changed[new_start:new_end] == text[start:end].replace("\n", "\r\n")


def test_units_are_inferred_from_the_surfaces_of_the_whole_article() -> None:
    text = "👍 Rebels hit Gao 👍👍 and Gao"
    assert found(text, RawSpan(2, 8, "P", "Rebels"), RawSpan(13, 16, "L", "Gao")) == [(2, 8), (13, 16)]
    assert found(text, RawSpan(3, 9, "P", "Rebels"), RawSpan(14, 17, "L", "Gao")) == [(2, 8), (13, 16)]
    assert found("a\r\nGao", RawSpan(2, 5, "L", "Gao")) == [(3, 6)]


def test_graphemes_are_what_one_sees_as_characters() -> None:
    text = "👩🏽\u200d🚒 le\u0301a\r\n🇲🇱 Gao"
    assert found(text, RawSpan(2, 5, "P"), RawSpan(8, 11, "L"), units=Units.GRAPHEMES) == [(5, 9), (14, 17)]
    assert found(text, RawSpan(2, 5, "P", "le\u0301a"), RawSpan(8, 11, "L", "Gao")) == [(5, 9), (14, 17)]
    with pytest.raises(DataError, match="may count code-points or graphemes: say which"):
        found("Cafe\u0301 in Gao", RawSpan(0, 3, "L"), RawSpan(9, 11, "L"))


def test_white_space_in_a_surface_may_be_written_otherwise() -> None:
    assert found("the\r\npolice school", RawSpan(0, 11, "T", "the police")) == [(0, 11)]


def test_without_surfaces_offsets_that_could_be_two_things_are_refused() -> None:
    text = "👍 Rebels hit Gao"
    assert found("Rebels hit Gao 👍", RawSpan(0, 6, "P")) == [(0, 6)]
    with pytest.raises(DataError, match=r"may count code-points or utf-16: say which with --units"):
        found(text, RawSpan(2, 8, "P"))
    assert found(text, RawSpan(2, 8, "P"), units=Units.CODE_POINTS) == [(2, 8)]
    assert found(text, RawSpan(3, 9, "P"), units=Units.UTF16) == [(2, 8)]


def test_a_single_span_with_a_surface_does_not_settle_the_others() -> None:
    with pytest.raises(DataError, match="say which"):
        found("Gao 👍 Gao Mali", RawSpan(0, 3, "L", "Gao"), RawSpan(6, 9, "L"))


@pytest.mark.parametrize(
    ("span", "units", "message"),
    [
        (
            RawSpan(0, 6, "P", "Rebels"),
            None,
            r"'Rebels' in the file, but the text there is '👍 Rebe' \(tried code-points, ",
        ),
        (RawSpan(0, 99, "P"), None, r"outside the text of 12 code-points \(tried code-points, utf-16\)"),
        (RawSpan(-1, 2, "P"), None, "outside the text"),
        (RawSpan(2, 1, "P"), None, "outside the text"),
        (RawSpan(1, 3, "P"), Units.UTF16, "begins or ends within a character"),
    ],
)
def test_spans_that_fit_nothing_are_named(span: RawSpan, units: Units | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        found("👍 Rebels hit", span, units=units)
