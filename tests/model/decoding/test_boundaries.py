import itertools
import re

import numpy as np
import pytest

from afteraction.data import SubwordTokenizer
from afteraction.model.decoding import Boundary, token_boundaries

F, I, P = Boundary.FREE, Boundary.INSIDE_WORD, Boundary.BREAK  # noqa: E741


@pytest.mark.parametrize(
    ("text", "offsets", "free", "whole"),
    [
        ("killed Gao", [(0, 4), (4, 6), (7, 10)], [F, F, F], [F, I, F]),
        ("a\n\nb", [(0, 1), (3, 4)], [F, P], [F, P]),
        ("a\r\n \r\nb", [(0, 1), (6, 7)], [F, P], [F, P]),
        ("a\nb", [(0, 1), (2, 3)], [F, F], [F, F]),
        ("a\n\n\n\nb", [(0, 1), (5, 6)], [F, P], [F, P]),
        ("A-B", [(0, 1), (1, 2), (2, 3)], [F, F, F], [F, F, F]),
        ("e\u0301s", [(0, 2), (2, 3)], [F, F], [F, I]),
        ("漢字", [(0, 1), (1, 2)], [F, F], [F, F]),
        ("한국", [(0, 1), (0, 1), (1, 2)], [F, I, F], [F, I, F]),
        ("👍🏽", [(0, 1), (0, 1), (0, 2)], [F, I, I], [F, I, I]),
        ("𠮷a", [(0, 1), (1, 2)], [F, F], [F, F]),
        ("\n\na", [(2, 3)], [F], [F]),
        ("a\n\n", [(0, 1)], [F], [F]),
        ("", [], [], []),
    ],
)
def test_token_boundaries(text: str, offsets: list[tuple[int, int]], free: list[int], whole: list[int]) -> None:
    bounds = np.array(offsets, dtype=np.int64).reshape(-1, 2)
    assert token_boundaries(text, bounds, whole_words=False).tolist() == free
    assert token_boundaries(text, bounds, whole_words=True).tolist() == whole


@pytest.mark.parametrize(
    ("text", "after_function_word"),
    [
        ("The Front for Deliverance", ["Front", "Deliverance"]),
        ("ARMY OF THE POOR", ["THE", "POOR"]),
        ("dozens of cattle and sheep", ["sheep"]),
        ("a number of men, A HANDFUL OF MEN, a couple\nof men, a number of the men", ["men"]),
        ("the\n\nfront of, forth", []),
        ("over 40 dead, at least two and up to ten hurt", ["40", "two", "up", "ten"]),
        ("the take-over began, about, IT IS OVER NOW", ["take"]),
    ],
)
def test_words_after_a_function_word_are_marked(text: str, after_function_word: list[str]) -> None:
    words = [match.span() for match in re.finditer(r"\w+", text)]
    boundaries = token_boundaries(text, np.array(words, dtype=np.int64), whole_words=True)
    assert [
        text[slice(*word)]
        for word, boundary in zip(words, boundaries, strict=True)
        if boundary == Boundary.AFTER_FUNCTION_WORD
    ] == after_function_word
    assert Boundary.AFTER_FUNCTION_WORD not in token_boundaries(
        text, np.array(words, dtype=np.int64), whole_words=False
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Jama'at N’Djamena", ["Jama'at", "N’Djamena"]),
        ("the Taliban's", ["the", "Taliban", "'", "s"]),
        ("'gunmen'", ["'", "gunmen", "'"]),
        ("Qaeda-linked", ["Qaeda-linked"]),
        ("AT&T’s Bonnie&Clyde", ["AT&T", "’", "s", "Bonnie", "&", "Clyde"]),
        ("a 52-year-old", ["a", "52-year-old"]),
        ("Otukpo-Ado 50-60", ["Otukpo", "-", "Ado", "50", "-", "60"]),
    ],
)
def test_marks_inside_words_join_them(text: str, words: list[str], subwords: SubwordTokenizer) -> None:
    bounds = subwords.encode([text])[0].bounds
    starts = [*np.flatnonzero(token_boundaries(text, bounds, whole_words=True) != Boundary.INSIDE_WORD), len(bounds)]
    assert [text[bounds[a, 0] : bounds[b - 1, 1]] for a, b in itertools.pairwise(starts)] == words
