"""Which predicted spans match which annotated ones, under five levels from strict to lenient.

Every span matches one span of the other side at most. The spans of a side do not overlap each other, so that the
largest matching is found in one pass from left to right.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from afteraction.data import Article, Span
from afteraction.evaluation.counting.tally import ALL, Cell, Cells

STRICT = "strict"
SPAN_LEVELS = (STRICT, "exact", "partial", "type", "head")
"""What a match is: `strict`, the same offsets and label; `exact`, the same offsets; `partial`, the same offsets, or
for half the credit a common character; `type`, a common character and the same label; `head`, the same head word,
at the same place, and the same label.

`exact` and `partial` do not look at labels: their rows of labels are those of the label's spans alone, as nervaluate
has them, and all labels together are scored as if they were one.
"""

Edges = list[tuple[int, int]]
"""Offsets, half-open, in order and without overlaps."""

# What ends a phrase's core: what follows only says more of it.
_AFTER_CORE = re.compile(
    r"[,;:(\[–—]|\s(?:of|in|at|from|for|on|near|with|by|to|into|inside|outside|within|between|among|against|under|over"
    r"|around|along|across|after|before|during|since|about|through|behind|who|whom|whose|which|that|where|when)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w(?:[\w'’.-]*\w)?")


def count_mentions(gold: Article, predicted: Article) -> Cells:
    """Counts an article's spans, by level and label."""
    annotated, labelled = _by_label(gold.spans), _by_label(predicted.spans)
    cells: dict[str, dict[str, Cell]] = {level: {} for level in SPAN_LEVELS}
    matched = 0
    for label in annotated.keys() | labelled.keys():
        known, found = annotated.get(label, []), labelled.get(label, [])
        shared = {*known} & {*found}
        exact, overlapping = len(shared), count_overlapping(known, found)
        sizes = (len(found), len(known))
        # Spans that are the same have the same head; those of a side do not overlap, so that no other has it too.
        heads = exact + len(_heads(gold.text, {*known} - shared) & _heads(gold.text, {*found} - shared))
        matched += overlapping
        cells[STRICT][label] = cells["exact"][label] = (exact, *sizes)
        cells["partial"][label] = ((exact + overlapping) / 2, *sizes)
        cells["type"][label] = (overlapping, *sizes)
        cells["head"][label] = (heads, *sizes)
    known, found = _edges(gold.spans), _edges(predicted.spans)
    exact, overlapping = len({*known} & {*found}), count_overlapping(known, found)
    cells["exact"][ALL] = (exact, len(found), len(known))
    cells["partial"][ALL] = ((exact + overlapping) / 2, len(found), len(known))
    return cells


def count_overlapping(gold: Edges, predicted: Edges) -> int:
    """The size of the largest one-to-one matching of spans that share characters.

    Of the two first spans left, the one that ends first can share characters with no other than the other one, so
    that matching the two, if they do, is never worse.
    """
    first = second = matched = 0
    while first < len(gold) and second < len(predicted):
        (start, end), (other_start, other_end) = gold[first], predicted[second]
        if start < other_end and other_start < end:
            matched += 1
            first += 1
            second += 1
        elif end <= other_end:
            first += 1
        else:
            second += 1
    return matched


@lru_cache(maxsize=1 << 16)
def head_word(surface: str) -> tuple[int, int]:
    """Where a phrase's head word is: offsets, half-open.

    The head is the last word before the first comma, bracket, dash, preposition or relative word: "school" in "a
    military police school in Bamako". A phrase without words is its own head.
    """
    cut = _AFTER_CORE.search(surface, 1)
    words = [match.span() for match in _WORD.finditer(surface, 0, cut.start() if cut else len(surface))]
    return words[-1] if words else (0, len(surface))


def _heads(text: str, edges: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    heads = set()
    for start, end in edges:
        first, last = head_word(text[start:end])
        heads.add((start + first, start + last))
    return heads


def _by_label(spans: Sequence[Span]) -> dict[str, Edges]:
    found: dict[str, Edges] = {}
    for span in spans:
        found.setdefault(span.label, []).append((span.start, span.end))
    return found


def _edges(spans: Sequence[Span]) -> Edges:
    return [(span.start, span.end) for span in spans]
