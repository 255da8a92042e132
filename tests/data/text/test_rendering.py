import html
import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data import Span
from afteraction.data.text import Rendered, render

PIECES = (
    *("Gao", " ", "’s", "AT&T", "&", ";", "é", "\n", "👩‍🚒", "می‌شود"),
    *("&rsquo;", "&amp;", "&nbsp;", "&#8217;", "&#x2019;", "&amp;rsquo;", "&shy;", "&bogus;", "&fjlig;", "&#8;"),
    *("\xad", "\u200b", "\u200c", "\u200d", "\u200e", "\u202e", "\u2060", "\ufeff"),
)
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=15).map("".join)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Mali&rsquo;s army", "Mali’s army"),
        ("AT&amp;T&#8217;s &#x93;office&#X94;", "AT&T’s “office”"),
        ("Front&nbsp;for&#160;Peace", "Front\xa0for\xa0Peace"),
        ("Boko Ha\xadram, Mai&shy;duguri", "Boko Haram, Maiduguri"),
        ("\ufeffGao\u200b \u200eal-Shabaab\u200f\u202e", "Gao al-Shabaab"),
        ("it&amp;rsquo;s &amp;amp;quot;war&amp;shy;", 'it’s "war'),
        ("Bo\u200cko\u200d Haram", "Boko Haram"),
    ],
)
def test_what_a_reader_does_not_see_is_left_out_and_references_are_resolved(text: str, shown: str) -> None:
    assert render(text).text == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AT&T and R&D; Q&A; B&Q; this & that; &c.; &rsquo &#8217 &#; &;",
        "&bogus; &notit; &fjlig; &ampx;",  # unknown, unknown with a known prefix, two characters, like the second
        "👩\u200d🚒 می\u200cشود",  # joiners with a meaning
        "e\u0301, ﷽, 漢字, \t\n",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    rendered = render(text)
    assert rendered.text == text
    assert rendered.starts is rendered.ends is None


def test_offsets_are_those_of_the_text_as_given() -> None:
    text = "\ufeffMali&rsquo;s Bo\xadko&nbsp;Haram\u200b."
    rendered = render(text)
    spans = [Span(rendered.text.index(word), rendered.text.index(word) + len(word), "X") for word in ("’s", "Boko")]
    given_spans = rendered.spans_to_given(spans)
    assert [text[span.start : span.end] for span in given_spans] == ["&rsquo;s", "Bo\xadko"]
    assert rendered.spans_from_given(given_spans) == spans
    # An edge inside a reference extends to all of it. A span of an invisible character is empty in the rendered text.
    inside, invisible = rendered.spans_from_given([Span(7, 9, "X"), Span(0, 1, "X")])
    assert rendered.text[inside.start : inside.end] == "’"
    assert invisible.start == invisible.end == 0


@given(texts)
def test_each_character_comes_from_its_own_part_of_the_text(text: str) -> None:
    rendered = render(text)
    characters = len(rendered.text)
    singles = np.stack([np.arange(characters), np.arange(1, characters + 1)], axis=1)
    ranges = rendered.to_given(singles).tolist()
    assert all(0 <= start < end <= len(text) for start, end in ranges)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(ranges))
    for character, (start, end) in zip(rendered.text, ranges, strict=True):
        part = text[start:end]
        for _ in range(3):
            part = part if part == character else html.unescape(part)
        assert part == character
    skipped = set(range(len(text))) - {index for start, end in ranges for index in range(start, end)}
    assert all(re.fullmatch(r"\W", text[index]) or "&" in text for index in skipped)


@given(texts, st.data())
def test_ranges_come_back_from_the_text_as_given(text: str, data: st.DataObject) -> None:
    rendered = render(text)
    first = data.draw(st.integers(0, len(rendered.text)))
    stop = data.draw(st.integers(first, len(rendered.text)))
    there = rendered.to_given(np.array([[first, stop]]))
    assert (there[0, 0] == there[0, 1]) == (first == stop)
    assert rendered.from_given(there).tolist() == [[first, stop]]


@given(texts)
def test_what_was_rendered_holds_no_invisible_character(text: str) -> None:
    assert not re.search("[\xad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]", render(text).text)


def test_a_text_without_such_characters_is_not_copied() -> None:
    text = "Gunmen of AL&T killed two in Gao."
    assert render(text).text is text
    assert isinstance(render(text), Rendered)
