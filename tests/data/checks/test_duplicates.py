import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.data.checks.duplicates import MIN_SIMILARITY, SHINGLE_WORDS, DuplicateIndex, Match, jaccard, shingles

WORDS = [f"word{number}" for number in range(500)]


def story(seed: int, *, words: int = 200) -> str:
    return " ".join(np.random.default_rng(seed).choice(WORDS, size=words).tolist())


STORY, OTHER = story(1), story(2)


def shingle_sets(text: str) -> set[tuple[str, ...]]:
    """Returns the shingles as words, computed the slow way."""
    words = text.casefold().split()
    width = min(SHINGLE_WORDS, len(words))
    return {tuple(words[start : start + width]) for start in range(len(words) - width + 1)} if words else set()


def edited(text: str, *positions: int) -> str:
    words = text.split()
    for position in positions:
        words[position] = "edited"
    return " ".join(words)


texts = st.lists(st.sampled_from("a B c d".split()), max_size=30).map(" ".join)


@given(texts, texts)
def test_similarity_is_the_jaccard_similarity_of_the_shingles(one: str, other: str) -> None:
    first, second = shingle_sets(one), shingle_sets(other)
    expected = len(first & second) / len(first | second) if first | second else 0.0
    assert jaccard(shingles(one), shingles(other)) == expected


def test_shingles_ignore_case_and_punctuation_and_are_the_same_in_every_process() -> None:
    assert (
        shingles("Rebels attacked, on Monday").tolist()
        == shingles("rebels ATTACKED on\nMonday.").tolist()
        == [3272999276]
    )
    assert len(shingles("")) == len(shingles("?!")) == 0


def test_near_duplicates_are_found_with_their_similarity() -> None:
    index = DuplicateIndex()
    again = edited(STORY, 50)
    assert [index.add(text) for text in (STORY, OTHER, again, STORY.replace(" ", "\n"))] == [
        [],
        [],
        [Match(0, jaccard(shingles(STORY), shingles(again)), identical=False)],
        [Match(0, 1.0, identical=True)],
    ]
    assert [index.first_of_group(i) for i in range(4)] == [0, 1, 0, 0]


def test_less_similar_texts_are_not_linked() -> None:
    index = DuplicateIndex()
    other = edited(STORY, *range(0, 200, 12))
    assert jaccard(shingles(STORY), shingles(other)) < MIN_SIMILARITY
    assert index.add(STORY) == index.add(other) == []
    assert index.first_of_group(1) == 1


def test_a_repetition_is_reported_once_per_group_and_source() -> None:
    index = DuplicateIndex()
    index.add(STORY, source=0)
    index.add(edited(STORY, 20), source=1)
    index.add(edited(STORY, 120), source=1)
    assert [match.index for match in index.add(edited(STORY, 60), source=1)] == [0, 1]


def test_a_copy_in_one_source_does_not_hide_repetitions_in_others() -> None:
    index = DuplicateIndex()
    nearly = edited(STORY, 20)
    index.add(STORY, source=0)
    index.add(nearly, source=1)
    assert [(match.index, match.identical) for match in index.add(nearly, source=1)] == [(1, True), (0, False)]
    assert [(match.index, match.identical) for match in index.add(STORY, source=2)] == [(0, True), (1, False)]
    assert [match.index for match in index.add(edited(STORY, 120), source=2)] == [0, 1, 3]


def test_an_article_that_is_similar_to_two_groups_joins_them() -> None:
    index = DuplicateIndex()
    words = STORY.split()
    earlier, later = " ".join(words[:130]), " ".join(words[35:])
    assert jaccard(shingles(earlier), shingles(later)) < MIN_SIMILARITY
    assert index.add(earlier) == index.add(later) == []
    assert [match.index for match in index.add(STORY)] == [0, 1]
    assert [index.first_of_group(i) for i in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("text", ["", " \n", "...", "-"])
def test_texts_without_words_repeat_nothing(text: str) -> None:
    index = DuplicateIndex()
    assert index.add(text) == index.add(text) == []


@given(st.lists(st.tuples(st.integers(0, 2), st.lists(st.integers(0, 119), max_size=1)), max_size=12), st.randoms())
def test_groups_are_what_links_connect_in_any_order(
    choices: list[tuple[int, list[int]]], shuffler: random.Random
) -> None:
    """Compares with all pairs. Copies with one edit each are too similar for the bands to miss them."""
    stories = [story(seed, words=120) for seed in range(3)]
    corpus = [edited(stories[seed], *positions) for seed, positions in choices]
    shuffler.shuffle(corpus)
    index = DuplicateIndex()
    for text in corpus:
        index.add(text)
    parents = list(range(len(corpus)))
    for one, other in combinations(range(len(corpus)), 2):
        if jaccard(shingles(corpus[one]), shingles(corpus[other])) >= MIN_SIMILARITY:
            low, high = sorted((parents[one], parents[other]))
            parents = [low if parent == high else parent for parent in parents]
    assert [index.first_of_group(i) for i in range(len(corpus))] == parents


def test_nearly_all_pairs_at_the_threshold_are_found() -> None:
    generator = np.random.default_rng(3)
    detected = 0
    pairs = 0
    for seed in range(60):
        text = story(seed)
        other = edited(text, *generator.choice(200, size=9, replace=False).tolist())
        if jaccard(shingles(text), shingles(other)) >= 0.65:
            pairs += 1
            index = DuplicateIndex()
            index.add(text)
            detected += bool(index.add(other))
    assert pairs > 40
    assert detected >= 0.9 * pairs
