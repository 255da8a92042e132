"""Function words: words that are not a phrase on their own."""

import re

from afteraction.data.text.lexicon import ARTICLES, word_list

_WORD = re.compile(r"\w+")
_ACRONYMS = frozenset(("IS", "IT", "US", "WHO"))
"""Names that are function words in lower case."""

_FUNCTION_WORDS = ARTICLES.union(
    *map(word_list, ("demonstratives", "possessives", "pronouns", "prepositions", "other_function_words"))
)


def is_function_word(word: str) -> bool:
    """Returns whether a word is an article, a pronoun, a preposition or the like, in any case.

    Words that count, such as "one", "several" and "others", are not function words.
    """
    return word.casefold() in _FUNCTION_WORDS and word not in _ACRONYMS


def has_content(phrase: str) -> bool:
    """Returns whether a phrase has a word that is not a function word."""
    return any(not is_function_word(word) for word in _WORD.findall(phrase))
