"""Lists of English words that tell what a count or a name beside them means, from `lexicon.yaml`."""

from functools import cache
from pathlib import Path

import yaml


def word_list(name: str) -> frozenset[str]:
    """The words of one list, in lower case."""
    return _lists()[name]


@cache
def _lists() -> dict[str, frozenset[str]]:
    text = Path(__file__).with_name("lexicon.yaml").read_text(encoding="utf-8")
    return {name: frozenset(words.split()) for name, words in yaml.safe_load(text).items()}
