import re
import textwrap
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data.text import has_content, layout_breaks

WRAPPED = "Fighters of Boko Haram and of the Islamic State killed At Least Twelve People near Lake Chad, Nigeria. " * 6
LONG_LINE = "Gunmen of Ansar Dine attacked a market in the north on Friday and killed ten people, police said."


def bars(text: str) -> str:
    """Returns the text with a bar for each break."""
    for start, end in reversed(layout_breaks(text)):
        text = f"{text[:start]}|{text[end:]}"
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 March\tKano\tRed Lance\tmarket", "2 March|Kano|Red Lance|market"),
        ("Kano   Red Lance  market", "Kano|Red Lance|market"),
        ("Kano \t Red\xa0Lance\xa0\xa0market", "Kano|Red\xa0Lance|market"),
        ("THE U.S.  EMBASSY.  IT (SAID:)  SO", "THE U.S.  EMBASSY.  IT (SAID:)  SO"),
        ("U.S.   embassy", "U.S.|embassy"),
        ("  indented, trailing  \n\tnext  ", "  indented, trailing  \n\tnext  "),
        ("one\n\ntwo\r\n \r\nthree", "one|two\r|three"),
        (f"MALI\nBandiagara\n{LONG_LINE}", f"MALI|Bandiagara|{LONG_LINE}"),
        ("MALI\r\nBandiagara\r\nKoro", "MALI|Bandiagara|Koro"),
        ("MALI\nBandiagara\n\nGunmen", "MALI|Bandiagara|Gunmen"),
        (f"Kano attack\n“{LONG_LINE}”", f"Kano attack|“{LONG_LINE}”"),
        (f"Kano attack\n12 killed\n{LONG_LINE}", f"Kano attack|12 killed|{LONG_LINE}"),
        (f"{LONG_LINE}\nMALI\n{LONG_LINE}", f"{LONG_LINE}\nMALI|{LONG_LINE}"),
    ],
)
def test_cells_paragraphs_and_headings_end_a_phrase(text: str, expected: str) -> None:
    assert bars(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Front of\nNational Unity",
        "Otukpo,\nBenue",
        "Otukpo-\nAdo",
        "the group (\nJNIM)",
        "rebels of the\nBoko Haram group",
        "Boko Haram\nfighters",
        "SAN\nSALVADOR, WHERE IT BEGAN",
        # A short line in the middle of a paragraph, left by an editor.
        f"{LONG_LINE[:-7]} the\nIslamic\nState group in the west of the country and in the east of it as they said now",
    ],
)
def test_a_line_that_goes_on_ends_nothing(text: str) -> None:
    assert layout_breaks(text) == []


@given(st.integers(40, 120), st.sampled_from(["", "   "]), st.integers(1, 600))
def test_text_wrapped_at_a_margin_stays_whole(width: int, indent: str, length: int) -> None:
    text = WRAPPED[:length].strip()
    wrapped = textwrap.fill(text, width, initial_indent=indent, break_on_hyphens=False, break_long_words=False)
    assert layout_breaks(wrapped) == []


@given(
    st.lists(st.sampled_from(["Gao", "a", "of", ".", " ", "  ", "\t", "\n", "\r\n", "\u2028"]), max_size=25).map(
        "".join
    )
)
def test_breaks_are_white_space_in_order(text: str) -> None:
    breaks = layout_breaks(text)
    assert all(before[1] <= after[0] for before, after in pairwise(breaks))
    assert all(start < end and text[start:end].isspace() for start, end in breaks)
    assert {match.span() for match in re.finditer(r"(?<=\S)\t(?=\S)", text)} <= set(breaks)


@pytest.mark.parametrize("phrase", ["at", "His", "a", "the", "of the", "THEY", "at least", "it", "...", "$", ""])
def test_function_words_and_marks_alone_have_no_content(phrase: str) -> None:
    assert not has_content(phrase)


@pytest.mark.parametrize(
    "phrase", ["one", "several", "others", "one of them", "the US", "IS", "his brother", "12", "漢"]
)
def test_words_that_count_or_name_have_content(phrase: str) -> None:
    assert has_content(phrase)
