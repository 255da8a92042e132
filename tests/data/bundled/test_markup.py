from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import LABELS, Article, DataError, Span, Toll
from afteraction.data.bundled.markup import parse_markup, parse_toll, read_markup

plain = st.text(st.characters(codec="utf-8", exclude_characters="{}"), max_size=8)
numbers = st.none() | st.integers(0, 99)


@given(st.lists(st.tuples(plain, plain.filter(bool), st.sampled_from(LABELS), numbers), max_size=5), plain)
def test_marked_text_is_parsed_back(pieces: list[tuple[str, str, str, int | None]], tail: str) -> None:
    marked, text, spans = "", "", []
    for before, surface, label, number in pieces:
        mark = label[0] + ("" if number is None else str(number))
        marked += f"{before}{{{mark} {surface}}}"
        start = len(text) + len(before)
        spans.append(Span(start, start + len(surface), label, None if number is None else mark))
        text += before + surface
    assert parse_markup(marked + tail) == (text + tail, tuple(spans))


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("{X1 Gao}", r"unknown initial in '\{X1 Gao\}'; the initials are P, T, L, D"),
        ("in {L1 Gao", r"a brace that belongs to no span near 'in \{L1 Gao'"),
        ("in L1 Gao}.", r"a brace that belongs to no span near 'in L1 Gao\}\.'"),
        ("{L1 {L2 Gao}}", "a brace that belongs to no span"),
        ("{L1}", "a brace that belongs to no span"),
        ("{L1 }", "a brace that belongs to no span"),
        ("{Gao}", "a brace that belongs to no span"),
        ("{l1 Gao}", "a brace that belongs to no span"),
        ("{L1Gao}", "a brace that belongs to no span"),
        ("{}", "a brace that belongs to no span"),
    ],
)
def test_wrong_mark_up_is_refused(marked: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse_markup(marked)


@pytest.mark.parametrize(
    ("text", "toll"),
    [
        ("none", None),
        ("0", Toll(0, 0)),
        ("50", Toll(50, 50)),
        ("50+", Toll(50, None)),
        ("30-40", Toll(30, 40)),
    ],
)
def test_tolls_of_the_head(text: str, toll: Toll | None) -> None:
    assert parse_toll(text) == toll


@pytest.mark.parametrize("text", ["", "None", "50 ", "+50", "-3", "3-", "40-30", "30-40+", "fifty", "1,000", "1.5"])
def test_a_toll_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="toll: "):
        parse_toll(text)


def test_a_marked_up_file_is_an_article_with_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "some-raid.txt"
    path.write_text("kind: wire\ntoll: 3+\nsource: a: b\n\n\n{P1 Two gunmen} fled.\n\n{L Gao}: calm.\n\n")
    assert read_markup(path) == Article(
        "some-raid",
        "Two gunmen fled.\n\nGao: calm.",
        (Span(0, 10, "PERPETRATOR", "P1"), Span(18, 21, "LOCATION")),
        Toll(3, None),
        meta={"kind": "wire", "source": "a: b"},
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("kind wire\n\ntext", "the head's line 'kind wire' is not 'key: value'"),
        ("kind:\n\ntext", "the head's line 'kind:' is not"),
        (": wire\n\ntext", "the head's line ': wire' is not"),
        ("toll: many\n\ntext", "toll: 'many' is none of"),
        ("kind: wire\n\n{Q1 Gao}", "unknown initial"),
        ("kind: wire\n\n{L1 Gao }", "'Gao ' begins or ends on white space"),
        ("kind: wire\n\n{L1 Gao\n\nMali}", "crosses a paragraph break"),
    ],
)
def test_the_error_for_a_wrong_file_names_it(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(content)
    with pytest.raises(DataError) as caught:
        read_markup(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(DataError, match=r"a\.txt: .*No such file"):
        read_markup(path)
    path.write_bytes(b"kind: wire\n\nCaf\xe9")
    with pytest.raises(DataError, match=r"a\.txt: 'utf-8' codec can't decode byte 0xe9"):
        read_markup(path)
