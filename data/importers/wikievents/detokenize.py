"""Rebuilds text from tokens whose white space is lost, spaced as in an English newspaper."""

import re
from collections.abc import Sequence

from afteraction.data.text.lexicon import word_set

_ABBREVIATIONS = word_set(
    "mr mrs ms dr st lt gen col maj capt sgt cpl cmdr adm gov sen rep rev hon prof jr sr no vs inc co corp ltd jan feb "
    "mar apr jun jul aug sep sept oct nov dec"
)
_NO_SPACE_BEFORE = word_set(". , ; : ! ? ) ] } % ” ’ '")
_NO_SPACE_AFTER = word_set("( [ { “ ‘ $ £ € #")
_CONTRACTIONS = word_set("s t re ve ll d m S")


def split_sentences(tokens: Sequence[str]) -> list[Sequence[str]]:
    """Splits tokens into sentences after `.`, `!` and `?`, including the closing quotes or brackets that follow.

    A full stop after an initial or a common abbreviation does not end a sentence, and neither does any mark before a
    lower-case word.
    """
    sentences = []
    begin = index = 0
    while index < len(tokens):
        index += 1
        if not _ends_sentence(tokens, index - 1):
            continue
        while index < len(tokens) and tokens[index] in ("”", "’", ")", "]"):
            index += 1
        sentences.append(tokens[begin:index])
        begin = index
    if begin < len(tokens):
        sentences.append(tokens[begin:])
    return sentences


def join_tokens(tokens: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Joins the tokens of a sentence; returns the text and the code points `[start, end)` of each token."""
    text = ""
    offsets = []
    open_quote = False
    for index, word in enumerate(tokens):
        straight_quote = word == '"'
        if index and not (_joined(tokens, index) or (open_quote and (straight_quote or tokens[index - 1] == '"'))):
            text += " "
        open_quote ^= straight_quote
        offsets.append((len(text), len(text) + len(word)))
        text += word
    return text, offsets


def _ends_sentence(tokens: Sequence[str], index: int) -> bool:
    mark, following = tokens[index], tokens[index + 1 : index + 2]
    if mark not in (".", "!", "?") or (following and following[0][:1].islower()):
        return False
    before = tokens[index - 1] if index else ""
    return mark != "." or not (before.lower() in _ABBREVIATIONS or re.fullmatch("[A-Z]", before))


def _joined(tokens: Sequence[str], index: int) -> bool:
    """Returns whether no space stands between a token and the one before it."""
    before, word = tokens[index - 1], tokens[index]
    before_that = tokens[index - 2] if index > 1 else ""
    following = tokens[index + 1] if index + 1 < len(tokens) else ""
    if word in ("‘", "'") and following not in _CONTRACTIONS:
        return before in _NO_SPACE_AFTER or before.endswith("s")
    if word in _NO_SPACE_BEFORE or before in _NO_SPACE_AFTER:
        return True
    if before in ("’", "'"):
        return word in _CONTRACTIONS
    if word in ("-", "/"):
        return before[:1].isalnum() and following[:1].isalnum()
    if before in ("-", "/"):
        return before_that[:1].isalnum() and word[:1].isalnum()
    if before == ",":
        return before_that.isdigit() and re.fullmatch(r"\d{3}", word) is not None
    if before in (".", ":"):
        initials = before == "." and all(re.fullmatch("[A-Z]", side) for side in (before_that, word))
        return (before_that.isdigit() and word[:1].isdigit()) or initials
    return False
