"""English text: the lexicon, words, sentences, names, aliases, number words, counts and noun phrases."""

from afteraction.data.text.aliases import Aliases, AliasTable, load_aliases
from afteraction.data.text.counts import parse_count, read_toll
from afteraction.data.text.function_words import has_content
from afteraction.data.text.layout import layout_breaks
from afteraction.data.text.lexicon import DETERMINERS, word_list, word_set
from afteraction.data.text.names import are_capitalized, name_in, without_arabic_article, without_determiner
from afteraction.data.text.noun_phrases import widen
from afteraction.data.text.numbers import COUNT, TENS_PATTERN, UNITS_PATTERN
from afteraction.data.text.rendering import Rendered, render
from afteraction.data.text.sentences import sentence_around, sentence_starts
from afteraction.data.text.words import fold_in_place, singular, split_words

__all__ = [
    "COUNT",
    "DETERMINERS",
    "TENS_PATTERN",
    "UNITS_PATTERN",
    "AliasTable",
    "Aliases",
    "Rendered",
    "are_capitalized",
    "fold_in_place",
    "has_content",
    "layout_breaks",
    "load_aliases",
    "name_in",
    "parse_count",
    "read_toll",
    "render",
    "sentence_around",
    "sentence_starts",
    "singular",
    "split_words",
    "widen",
    "without_arabic_article",
    "without_determiner",
    "word_list",
    "word_set",
]
