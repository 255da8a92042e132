"""The English word lists that all rooms share, from `lexicon.yaml`."""

from functools import cache
from pathlib import Path

import yaml


def word_set(words: str) -> frozenset[str]:
    """Returns the words of a string as a set, as in `word_set("a an the")`."""
    return frozenset(words.split())


def word_list(name: str) -> frozenset[str]:
    """Returns one of the lexicon's lists as a set of words in lower case."""
    return frozenset(ordered_words(name))


def ordered_words(name: str) -> tuple[str, ...]:
    """Returns one of the lexicon's lists in its order, such as one, two, three."""
    return _lists()[name]


@cache
def _lists() -> dict[str, tuple[str, ...]]:
    text = Path(__file__).with_name("lexicon.yaml").read_text(encoding="utf-8")
    return {name: tuple(words.split()) for name, words in yaml.safe_load(text).items()}


ARTICLES = word_list("articles")
DETERMINERS = ARTICLES | word_list("demonstratives") | word_list("possessives") | word_list("quantifiers")
