"""Trims the edges of a decoded span: removes characters with which no annotated span begins or ends."""

import unicodedata

_NEVER_FIRST = "-–—•*,;:.!?)]}”"
_NEVER_LAST = "-–—•*,;:!?([{“‘"
_PARTNERS = {'"': '"', "“": "”", "”": "“", "(": ")", ")": "(", "[": "]", "]": "[", "'": "'", "‘": "’", "’": "‘'"}
_EMOJI_PARTS = "\u200d\ufe0e\ufe0f🏻🏼🏽🏾🏿"
"""Characters that may follow an emoji: joiners, variation selectors and skin tones."""


def trim_punctuation(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrows the span `[start, end)` until no punctuation is left at its edges; it may become empty.

    Trims white space, dashes, commas, emoji and the like, and quotes and brackets without a partner. Currency and
    percent signs are kept.
    """
    while start < end and (_is_outer(text[start], _NEVER_FIRST) or _is_unmatched(text, start, start + 1, end)):
        start += 1
    while start < end and (_is_outer(text[end - 1], _NEVER_LAST) or _is_unmatched(text, end - 1, start, end - 1)):
        end -= 1
    return start, end


def _is_outer(character: str, marks: str) -> bool:
    is_emoji = character in _EMOJI_PARTS or unicodedata.category(character) == "So"
    return character in marks or character.isspace() or is_emoji


def _is_unmatched(text: str, index: int, start: int, end: int) -> bool:
    partners = _PARTNERS.get(text[index], "")
    return bool(partners) and not any(partner in text[start:end] for partner in partners)
